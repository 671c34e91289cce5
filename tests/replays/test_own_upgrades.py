"""Research in a game of the engine: the readers that others use see it finished at the engine's loop."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

import mpyq
import pytest
import sc2reader
import spawningtool.parser
from s2clientprotocol import common_pb2 as common
from s2clientprotocol import debug_pb2 as debug
from s2clientprotocol import sc2api_pb2 as sc
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.ids.upgrade_id import UpgradeId

from cherrypy_bot.formats.build_93333 import BUILD
from replays.reader import parse_replay
from tests.sim.recording.test_save import client_in_game, saved_by

RESEARCH = {
    AbilityId.ENGINEERINGBAYRESEARCH_TERRANINFANTRYWEAPONSLEVEL1: UpgradeId.TERRANINFANTRYWEAPONSLEVEL1,
    AbilityId.ENGINEERINGBAYRESEARCH_TERRANINFANTRYARMORLEVEL1: UpgradeId.TERRANINFANTRYARMORSLEVEL1,
    AbilityId.RESEARCH_HISECAUTOTRACKING: UpgradeId.HISECAUTOTRACKING,
}
STEP, LOOPS = 20, 3200
BEGUN = 40
LATE = 40
"""An order given in one step begins its research a little later."""


@lru_cache(maxsize=1)
def researched() -> tuple[bytes, dict[str, int]]:
    """A game in which three engineering bays research: its file, and when each upgrade was first there."""
    client = client_in_game()
    client.step(20)
    bay = UnitTypeId.ENGINEERINGBAY.value
    commands = [debug.DebugCommand(game_state=debug.all_resources)]
    home = client.mine(UnitTypeId.COMMANDCENTER.value)[0].pos
    for place in ((7, 0), (0, 7), (7, 7)):
        toward = [1 if home.x < 60 else -1, 1 if home.y < 60 else -1]
        at = common.Point2D(x=home.x + toward[0] * place[0], y=home.y + toward[1] * place[1])
        made = debug.DebugCreateUnit(unit_type=bay, owner=1, pos=at, quantity=1)
        commands.append(debug.DebugCommand(create_unit=made))
    client.ask(debug=sc.RequestDebug(debug=commands))
    client.step(20)
    for unit, ability in zip(client.mine(bay), RESEARCH, strict=True):
        assert client.act(client.order(ability.value, [unit.tag])) == [1]
    names = {upgrade.value: upgrade.name for upgrade in RESEARCH.values()}
    found: dict[str, int] = {}
    while len(found) < len(names) and client.game.loop < LOOPS:
        client.step(STEP)
        for number in client.observe().observation.raw_data.player.upgrade_ids:
            found.setdefault(names.get(number, str(number)), client.game.loop)
    return saved_by(client), found


def agree(told: dict[str, int]) -> None:
    """What a reader told, by the upgrade's name in capitals, is what the engine had at its next look."""
    known = researched()[1]
    assert set(known) == {upgrade.name for upgrade in RESEARCH.values()}
    assert told.keys() == known.keys()
    for name, loop in told.items():
        assert known[name] - STEP <= loop <= known[name], name


def test_sc2reader_tells_when_research_was_done() -> None:
    theirs = sc2reader.load_replay(io.BytesIO(researched()[0]), load_level=3)
    agree(
        {
            event.upgrade_type_name.upper(): event.frame
            for event in theirs.tracker_events
            if type(event).__name__ == "UpgradeCompleteEvent" and event.pid == 1
        }
    )


def test_s2protocol_tells_when_research_was_done() -> None:
    why = "s2protocol is a peer to compare with; it needs a Python that still has `imp`, so below 3.12"
    protocol = pytest.importorskip("s2protocol.versions", reason=why, exc_type=ImportError).build(BUILD)
    stream = mpyq.MPQArchive(io.BytesIO(researched()[0])).read_file("replay.tracker.events")
    events: list[dict[str, Any]] = list(protocol.decode_replay_tracker_events(stream))
    agree(
        {
            event["m_upgradeTypeName"].decode().upper(): event["_gameloop"]
            for event in events
            if event["_event"].endswith("SUpgradeEvent") and event["m_playerId"] == 1
        }
    )


def test_spawningtool_and_our_reader_tell_when_research_was_begun() -> None:
    theirs = spawningtool.parser.parse_replay(io.BytesIO(researched()[0]))
    told = {item["name"]: item["frame"] for item in theirs["players"][1]["buildOrder"] if not item["is_worker"]}
    ours = {item.name: item for item in parse_replay(researched()[0]).players[0].build if item.kind == "upgrade"}
    assert {name.upper() for name in ours} == {upgrade.name for upgrade in RESEARCH.values()}
    for item in ours.values():
        assert BEGUN <= item.start <= BEGUN + LATE, item.name
    for title in ("Hi-Sec Auto Tracking", "Terran Infantry Weapons Level 1", "Terran Infantry Armor Level 1"):
        assert BEGUN <= told[title] <= BEGUN + LATE, title
