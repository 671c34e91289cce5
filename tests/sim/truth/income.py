"""Income of one base as replays show it: while one worker after another is made, in windows of 240 loops.

`python -m tests.sim.truth.income` prints the engine's numbers beside those of real games.

A replay notes every 160 loops what was delivered in the last 240, so that its rates move in steps of 28 minerals a
minute; the workers of a window are their mean over it. In real games that number grows all the time, and a new worker
brings nothing for a whole trip: a rate read in passing is a few percent lower than that of as many workers at peace.
"""

from __future__ import annotations

import json
import math
import statistics
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from cherrypy_bot.sim.game import Command, Game
from cherrypy_bot.sim.maps import load_map, shipped_maps
from cherrypy_bot.sim.state import NEUTRAL, NONE
from tests.reference import REFERENCE

WINDOW, FIRST, STEP = 240, 480, 28
LOOPS_PER_MINUTE = 1344
MOST = 22
RALLY_WORKERS = 3673
MAKERS = {"Terran": (524, "SupplyDepot"), "Protoss": (1006, "Pylon")}
"""Race -> the command that makes a worker, and what gives it supply."""


@dataclass(frozen=True)
class Measured:
    """What real games brought with so many workers: a median and its quartiles, from windows of some players."""

    median: float
    q25: float
    q75: float
    samples: int
    players: int


def measured(group: str) -> dict[int, Measured]:
    """Real medians of a group of replays (`start12_all`, `start12_shared`) on one base, by workers on minerals."""
    assert REFERENCE is not None
    rows: list[dict[str, Any]] = json.loads((REFERENCE / "facts" / "mining.json").read_text())["one_base"]
    return {
        r["mineral_workers"]: Measured(r["median"], r["q25"], r["q75"], r["samples"], r["players"])
        for r in rows
        if r["group"] == group and r["race"] == "any"
    }


def while_growing() -> dict[int, float]:
    """Workers (12 to 22) -> median rate over the bases of the shipped maps while workers are made without a pause."""
    rates: defaultdict[int, list[int]] = defaultdict(list)
    for name in shipped_maps():
        for race in MAKERS:
            for player in (0, 1):
                _grow(name, race, player, rates)
    return {n: statistics.median(found) for n, found in sorted(rates.items()) if n <= MOST}


def _grow(name: str, race: str, player: int, rates: defaultdict[int, list[int]]) -> None:
    game = Game.new(load_map(name), (race, race), seed=1)
    w, u = game.world, game.world.units
    train, depot = MAKERS[race]
    halls = {int(u.owner[r]): r for p in (0, 1) for r in w.rows_of(p) if w.rules.units[int(u.type_id[r])].is_townhall}
    home, away = halls[player], halls[1 - player]
    fields = [r for r in w.rows_of(NEUTRAL) if w.rules.units[int(u.type_id[r])].is_mineral_field]
    nearest = min(fields, key=lambda r: math.dist((u.x[r], u.y[r]), (u.x[home], u.y[home])))
    inward = 9.0 if u.y[away] < w.map.height / 2 else -9.0
    for k in range(3):  # supply far from the workers' way
        w.spawn(w.rules.unit(depot).id, player, float(u.x[away]) + 8 + 2 * k, float(u.y[away]) + inward)
    w.players.minerals[player] = 2000
    game.command(player, Command(RALLY_WORKERS, (home,), nearest))
    collected: list[float] = []
    workers: list[int] = []
    made = 0
    while not workers or workers[-1] <= MOST:
        if game.loop % 100 == 0:
            while made <= MOST - 12 and game.command(player, Command(train, (home,), NONE)) == [1]:
                made += 1
        collected.append(float(w.players.collected_minerals[player]))
        workers.append(sum(w.rules.units[int(u.type_id[r])].is_worker for r in w.rows_of(player)))
        if game.loop >= FIRST and game.loop % 20 == 0:
            delivered = collected[-1] - collected[-1 - WINDOW]
            rates[round(statistics.fmean(workers[-WINDOW:]))].append(int(delivered * LOOPS_PER_MINUTE / WINDOW))
        game.step(1)
        assert game.loop < 6000, "no more workers are made"


def main() -> None:
    """Print the table."""
    everybody = measured("start12_all") if REFERENCE else {}
    best = measured("start12_shared") if REFERENCE else {}
    print("| workers | all (windows, players) | quartiles | professionals | engine, growing |\n|---|---|---|---|---|")
    for n, ours in while_growing().items():
        a, b = everybody.get(n), best.get(n)
        real = f"{a.median:.0f} ({a.samples}, {a.players}) | {a.q25:.0f} - {a.q75:.0f}" if a else " | "
        print(f"| {n} | {real} | {f'{b.median:.0f}' if b else ''} | {ours:.0f} |")


if __name__ == "__main__":
    main()
