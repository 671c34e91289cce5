"""A bot without python-sc2 that starts in a moment and does one thing; `BEHAVIOURS` says what there is.

python small_bot.py BEHAVIOUR --GamePort ... (the ladder's arguments)
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path

BEHAVIOURS = {
    "idle": "steps and does nothing",
    "win": "attacks with all workers",
    "leave": "tags the match and leaves the game after some steps",
    "quit": "quits the game after some steps",
    "crash_step": "raises in a step",
    "crash_import": "raises before it connects",
    "exit": "ends its process in a step without a word",
    "hang": "loops forever in a step",
    "look_forever": "observes and never steps",
    "never_connect": "sleeps",
    "slow": "takes 30 ms a step",
    "cheat": "asks for units, for sight and for the opponent's race",
    "flood": "sends without end and reads no answer",
    "early": "asks for the game's data before it joins",
}


async def play(behaviour: str, known: argparse.Namespace) -> None:
    import aiohttp
    from s2clientprotocol import sc2api_pb2 as sc

    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"ws://{known.LadderServer}:{known.GamePort}/sc2api", max_msg_size=0) as socket,
    ):

        async def ask(**request: object) -> sc.Response:
            await socket.send_bytes(sc.Request(**request).SerializeToString())
            return sc.Response.FromString(await socket.receive_bytes())

        def act(ability: int, units: list[int], x: float, y: float) -> sc.RequestAction:
            request = sc.RequestAction()
            command = request.actions.add().action_raw.unit_command
            command.ability_id = ability
            command.unit_tags.extend(units)
            command.target_world_space_pos.x, command.target_world_space_pos.y = x, y
            return request

        def players(info: sc.ResponseGameInfo) -> list[tuple[int, str, int]]:
            return [(p.player_id, p.player_name, p.race_requested) for p in info.player_info]

        if behaviour == "early":
            print("early:", *(await ask(data=sc.RequestData(unit_type_id=True))).error)
        join = sc.RequestJoinGame(race=1, player_name="nobody")
        join.options.raw = True
        ports = [known.StartPort + number for number in range(1, 6)]
        join.server_ports.game_port, join.server_ports.base_port = ports[1], ports[2]
        join.client_ports.add(game_port=ports[3], base_port=ports[4])
        joined = await ask(join_game=join)
        print("joined:", joined.join_game.player_id, *joined.error, joined.join_game.error_details)
        info = (await ask(game_info=sc.RequestGameInfo())).game_info
        print("players:", *players(info))
        met = False
        enemy = info.start_raw.start_locations[0]
        for number in range(1_000_000):
            answer = await ask(observation=sc.RequestObservation(disable_fog=behaviour == "cheat"))
            seen = answer.observation
            if seen.player_result:
                print("result:", *(r.result for r in seen.player_result if r.player_id == joined.join_game.player_id))
                return
            units = seen.observation.raw_data.units
            if not met and any(unit.alliance == 4 for unit in units):
                met = True
                print("met:", *players((await ask(game_info=sc.RequestGameInfo())).game_info))
            if number == 0 and behaviour == "win":
                workers = [u.tag for u in units if u.alliance == 1 and u.unit_type == 45]
                await ask(action=act(23, workers, enemy.x, enemy.y))
            if number == 3 and behaviour == "leave":
                chat = sc.RequestAction()
                for text in ("Tag:leaving", "good luck", "Tag: early ", "Tag:leaving", "Tag:"):
                    chat.actions.add().action_chat.message = text
                await ask(action=chat)
                await ask(leave_game=sc.RequestLeaveGame())
                return
            if number == 3 and behaviour == "quit":
                await ask(quit=sc.RequestQuit())
                return
            if number == 3 and behaviour == "crash_step":
                raise RuntimeError("a fault of the bot's own")
            if number == 3 and behaviour == "exit":
                os._exit(3)
            while number == 3 and behaviour == "hang":
                pass
            if number > 3 and behaviour == "look_forever":
                await asyncio.sleep(0.01)
                continue
            while number == 3 and behaviour == "flood":
                await socket.send_bytes(sc.Request(game_info=sc.RequestGameInfo()).SerializeToString())
            if behaviour == "slow":
                time.sleep(0.03)
            if number == 3 and behaviour == "cheat":
                request = sc.RequestDebug()
                request.debug.add().create_unit.unit_type = 48
                answer = await ask(debug=request, id=7)
                print("debug:", answer.WhichOneof("response"), answer.id, answer.status, *answer.error)
                print("create:", *(await ask(create_game=sc.RequestCreateGame())).error)
            if number == 5 and behaviour == "cheat":
                print("units:", sum(u.alliance == 1 for u in units), sum(u.alliance == 4 for u in units))
            await ask(step=sc.RequestStep(count=16))


def main() -> None:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("behaviour", choices=BEHAVIOURS)
    parser.add_argument("--GamePort", type=int)
    parser.add_argument("--StartPort", type=int)
    parser.add_argument("--LadderServer")
    parser.add_argument("--OpponentId")
    known, _ = parser.parse_known_args()
    print("arguments:", *sys.argv[2:])
    if Path("data").is_dir():
        with Path("data", "matches.txt").open("a") as file:
            file.write(f"{known.OpponentId}\n")
    if known.behaviour == "crash_import":
        raise ImportError("no such package on the ladder")
    if known.behaviour == "never_connect":
        time.sleep(600)
    asyncio.run(play(known.behaviour, known))


if __name__ == "__main__":
    main()
