"""Short games of built-in opponents, and what the engine itself knows of them, loop by loop."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from cherrypy_bot.sim import replay
from cherrypy_bot.sim.computer import Computer
from cherrypy_bot.sim.game import CameraRecord, ChatRecord, Game
from cherrypy_bot.sim.maps import load_map
from cherrypy_bot.sim.state import NEUTRAL, PLAYERS, tag_of

MATCH_UPS = (("Terran", "Zerg"), ("Zerg", "Protoss"), ("Protoss", "Terran"))
MAP = "OrchardLE"
LOOPS = 8000
NAMES = ("Ann <a>", "Ben")


@dataclass
class Truth:
    """What was seen in the engine, without the recorder.

    Attributes:
        appeared: tag -> (loop, type, player id, finished at once, x, y) of every unit of a player and neutral.
        finished: tag -> loop at which what was placed was done.
        gone: tag -> loop at which the unit was off the map.
        upgrades: (loop, player id, name).
        bank: (loop, player id) -> minerals, gas, supply used, supply made, workers.
    """

    appeared: dict[int, tuple[int, str, int, bool, int, int]] = field(default_factory=dict)
    finished: dict[int, int] = field(default_factory=dict)
    gone: dict[int, int] = field(default_factory=dict)
    upgrades: list[tuple[int, int, str]] = field(default_factory=list)
    bank: dict[tuple[int, int], tuple[int, int, float, float, int]] = field(default_factory=dict)


@lru_cache(maxsize=len(MATCH_UPS))
def played(first: str, second: str, loops: int = LOOPS) -> Game:
    """A game of two computers, one of whom says hello; not to be changed."""
    game = Game.new(load_map(MAP), (first, second), seed=7)
    game.computers = [Computer(0, first, 7, 2, 1), Computer(1, second, 7, 2, 2)]
    game.step(500)
    game.chat.append(ChatRecord(500, 1, "good luck", False))
    game.cameras.append(CameraRecord(500, 0, 40.5, 33.25))
    game.step(loops - 500)
    return game


@lru_cache(maxsize=len(MATCH_UPS))
def truth(first: str, second: str) -> Truth:
    """What happens in that game."""
    found = Truth()
    record = replay.read_record(replay.write(played(first, second), NAMES))
    known: list[set[int]] = [set(), set()]
    before = np.zeros(0, dtype=np.int64)

    def look(game: Game) -> None:
        nonlocal before
        w, u = game.world, game.world.units
        n = int(w.clock.rows[0])
        # one number for all of a row that matters here: who lives there, and whether it is finished
        now = np.where(u.alive[:n] == 1, 2 * u.recycle[:n].astype(np.int64) + (u.build_left[:n] > 0), 0)
        old = np.concatenate([before, np.zeros(n - len(before), dtype=np.int64)])
        for row in np.flatnonzero(now != old).tolist():
            last, here = tag_of(row, int(old[row]) // 2), tag_of(row, int(now[row]) // 2)
            if old[row] and (not now[row] or last != here):
                found.gone[last] = game.loop
            if now[row] and here not in found.appeared:
                owner = int(u.owner[row])
                name = w.rules.units[int(u.type_id[row])].name
                place = int(u.x[row]), int(u.y[row])
                player = owner + 1 if owner < NEUTRAL else 0
                found.appeared[here] = (int(u.created_loop[row]), name, player, bool(u.build_left[row] <= 0), *place)
            elif old[row] and now[row] and last == here:
                found.finished[here] = game.loop
        before = now
        for player in range(PLAYERS):
            for upgrade in w.upgrades[player] - known[player]:
                found.upgrades.append((game.loop, player + 1, w.rules.upgrades[upgrade].name))
            known[player] |= w.upgrades[player]
            if game.loop % 160 == 0:
                bank, rows = w.players, w.rows_of(player)
                workers = sum(w.rules.units[int(u.type_id[row])].is_worker for row in rows)
                found.bank[(game.loop, player + 1)] = (
                    int(bank.minerals[player]),
                    int(bank.gas[player]),
                    float(bank.supply_used[player]),
                    float(bank.supply_cap[player]),
                    workers,
                )

    start = Game.new(load_map(MAP), (first, second), seed=7)
    look(start)
    replay.play(record, every=1, look=look)
    return found
