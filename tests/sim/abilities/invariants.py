"""What holds after every loop of every game, and games of random players that are watched loop by loop.

    python -m tests.sim.abilities.invariants --games 50

plays every match-up in turn on the shipped maps with a rich bank, so that all of the tech trees is seen, and prints
what was broken. `check` is used by the tests, too.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from cherrypy_bot.sim import kernels
from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import supply
from cherrypy_bot.sim.game import Command, Game
from cherrypy_bot.sim.maps import load_map, shipped_maps
from cherrypy_bot.sim.state import NEUTRAL, NONE
from tests.sim.abilities.random_player import RandomPlayer

RACES = ("Terran", "Protoss", "Zerg")
BANK = 5000.0
FULL_LOOPS = 9000
"""A game of random players that nobody has won by then ends (6.7 minutes of play)."""
ACT_PERIOD = 16
TWIN_PERIOD = 320
"""A clone is compared with its original after so many loops of the same commands, and made anew."""
STALE_LOOPS = 2
"""A unit may look for its dead target so long before it forgets it."""


def check(game: Game) -> list[str]:
    """Everything that is wrong with a game right after a loop, as sentences; [] when nothing is."""
    found = [*_books(game), *_bodies(game), *_references(game), *_tables(game)]
    return [f"loop {game.loop}: {text}" for text in found]


def _books(game: Game) -> list[str]:
    p, found = game.world.players, []
    if (p.minerals < 0).any() or (p.gas < 0).any():
        found.append(f"negative bank: {p.minerals.tolist()} minerals, {p.gas.tolist()} gas")
    kept = p.supply_used.copy(), p.supply_cap.copy()
    supply.recount(game)
    if (kept[0] != p.supply_used).any() or (kept[1] != p.supply_cap).any():
        found.append(f"supply {kept} counted, {p.supply_used.tolist()} / {p.supply_cap.tolist()} by units")
    return found


def _name(game: Game, row: int) -> str:
    u = game.world.units
    return f"{game.world.rules.units[int(u.type_id[row])].name} (row {row}, player {int(u.owner[row])})"


def _walks(game: Game, type_id: int) -> bool:
    """Neither a structure nor a force field, which may lie over a wall."""
    rule = game.world.rules.units[type_id]
    return not rule.is_structure and rule.name != "ForceField"


def _bodies(game: Game) -> list[str]:
    """Nobody is off the map, in a wall, half dead, or has more or less than there can be."""
    w, u, found = game.world, game.world.units, []
    n = int(w.clock.rows[0])
    alive = u.alive[:n] == 1
    x, y = u.x[:n], u.y[:n]
    if (u.alive[:n] > 1).any():
        found.append("a dying unit was not buried")
    off = alive & ~((x >= 0) & (x < w.map.width) & (y >= 0) & (y < w.map.height))
    found += [f"{_name(game, r)} is off the map at ({x[r]}, {y[r]})" for r in np.flatnonzero(off)]
    on = alive & ~off & (u.flying[:n] == 0) & (u.hidden[:n] == 0) & (u.owner[:n] != NEUTRAL)
    cells = y.astype(np.int64).clip(0, w.map.height - 1), x.astype(np.int64).clip(0, w.map.width - 1)
    space = kernels.workspace(w)
    climbs = space.scratch.cliff_walker[u.type_id[:n]] == 1
    ground = np.where(climbs, w.grids.cliff_walk[cells], w.grids.terrain_walk[cells])
    walks = [_walks(game, int(t)) for t in u.type_id[:n][on & (ground == 0)]]
    walled = np.flatnonzero(on & (ground == 0))[np.array(walks, dtype=bool)]
    found += [f"{_name(game, r)} stands in a wall at ({x[r]:.2f}, {y[r]:.2f})" for r in walled]
    for what, most in (("hp", "hp_max"), ("shield", "shield_max"), ("energy", "energy_max")):
        value, limit = getattr(u, what)[:n], getattr(u, most)[:n]
        least = 1e-12 if what == "hp" else -1e-9
        bad = alive & (~np.isfinite(value) | (value < least) | (value > limit + 1e-6))
        found += [f"{_name(game, r)} has {what} {value[r]} of {limit[r]}" for r in np.flatnonzero(bad)]
    return found


def _references(game: Game) -> list[str]:
    """No unit points at one that is gone."""
    w, u, found = game.world, game.world.units, []
    n = int(w.clock.rows[0])
    alive, lives = u.alive[:n] == 1, u.alive == 1
    for what in ("harvester", "geyser", "addon", "carrier"):
        other = getattr(u, what)[:n]
        bad = alive & (other != NONE) & ~lives[other.clip(0)]
        found += [f"{what} of {_name(game, r)} is row {other[r]}, where nobody is" for r in np.flatnonzero(bad)]
    return found


def lost_targets(game: Game) -> set[tuple[str, int, int]]:
    """(what, row, use of the row) of units that still aim at or follow one that is gone; they may for a moment."""
    w, u, found = game.world, game.world.units, set()
    n = int(w.clock.rows[0])
    alive = u.alive[:n] == 1
    acts = alive & (u.hidden[:n] == 0) & (u.build_left[:n] <= 0)
    acts &= np.isin(u.order[:n], (st.ATTACK_UNIT, st.ATTACK_MOVE, st.HOLD, st.PATROL, st.FOLLOW))
    for what, needs in (("prey", u.can_attack[:n] == 1), ("target", np.isin(u.order[:n], (st.ATTACK_UNIT, st.FOLLOW)))):
        other, use = getattr(u, what)[:n], getattr(u, f"{what}_recycle")[:n]
        gone = ~alive[other.clip(0)] | (u.recycle[:n][other.clip(0)] != use)
        found |= {(what, int(r), int(u.recycle[r])) for r in np.flatnonzero(acts & needs & (other != NONE) & gone)}
    return found


def _tables(game: Game) -> list[str]:
    """Every entry kept for a unit belongs to one that lives."""
    w, u, found = game.world, game.world.units, []
    keys: list[tuple[str, int]] = []
    for what in ("queues", "current", "production", "rallies", "worker_rallies", "buffs", "creep_sources"):
        keys += [(what, row) for row in getattr(w, what)]
    keys += [("marks", row) for row, _ in w.marks]
    keys += [("autocast", row) for row, _ in w.autocast]
    keys += [("cooldowns", row) for row, _ in w.cooldowns if row >= 0]
    found += [f"{what} has an entry for row {row}, where nobody is" for what, row in keys if u.alive[row] != 1]
    return found


@dataclass
class Watched:
    """A game of two random players, watched in every loop; `problems` says what was broken."""

    game: Game
    players: list[RandomPlayer]
    problems: list[str] = field(default_factory=list)
    loops: int = 0
    commands: Counter[str] = field(default_factory=Counter)
    twins: int = 0
    lost: dict[tuple[str, int, int], int] = field(default_factory=dict)

    def play(self, limit: int) -> None:
        """Until somebody has won, or the limit. A twin gets the same commands in the same loops."""
        game = self.game
        game.on_loop = self._look
        give, twin, since = game.command, game.clone(), 0

        def both(player: int, command: Command) -> list[int]:
            results = give(player, command)
            twin.command(player, command)
            self.commands["accepted" if results and results[0] == 1 else "refused"] += 1
            return results

        game.command = both  # type: ignore[method-assign]
        while self.loops < limit and not game.over and len(self.problems) < 20:
            for player in self.players:
                player.act(game)
                player.act(game)
            game.step(ACT_PERIOD)
            twin.step(ACT_PERIOD)
            since += ACT_PERIOD
            if since >= TWIN_PERIOD or game.over:
                self.twins += 1
                if twin.state_hash() != game.state_hash():
                    self.problems.append(f"loop {game.loop}: a clone differs from its original after {since} loops")
                twin, since = game.clone(), 0

    def _look(self, game: Game) -> None:
        self.loops += 1
        self.problems += check(game)
        self.lost = {key: self.lost.get(key, 0) + 1 for key in lost_targets(game)}
        for (what, row, _), loops in self.lost.items():
            if loops == STALE_LOOPS + 1:
                self.problems.append(f"loop {game.loop}: {_name(game, row)} keeps a {what} that is gone")


def watched(races: tuple[str, str], seed: int, map_name: str) -> Watched:
    """A new game with a rich bank."""
    game = Game.new(load_map(map_name), races, seed=seed)
    game.world.players.minerals[:] = game.world.players.gas[:] = BANK
    return Watched(game, [RandomPlayer(p, 2 * seed + p) for p in (0, 1)])


def main(arguments: list[str] | None = None) -> int:
    """Play and print; 1 when something was broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--games", type=int, default=50)
    parser.add_argument("--loops", type=int, default=FULL_LOOPS, help="most loops of a game")
    parser.add_argument("--seed", type=int, default=1, help="of the first game")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    matchups, maps = list(itertools.product(RACES, RACES)), shipped_maps()
    rows = []
    for number in range(options.games):
        races, map_name = matchups[number % len(matchups)], maps[number % len(maps)]
        began = time.process_time()
        one = watched(races, options.seed + number, map_name)
        one.play(options.loops)
        row = {
            "seed": options.seed + number,
            "map": map_name,
            "races": races,
            "loops": one.loops,
            "over": one.game.over,
            "accepted": one.commands["accepted"],
            "refused": one.commands["refused"],
            "clones": one.twins,
            "problems": one.problems,
            "seconds": round(time.process_time() - began, 1),
        }
        rows.append(row)
        if not options.json:
            print(" ".join(f"{key}={value}" for key, value in row.items() if key != "problems"), flush=True)
            for text in one.problems:
                print("  " + text, flush=True)
    broken = sum(bool(row["problems"]) for row in rows)
    total = sum(int(row["loops"]) for row in rows)  # type: ignore[call-overload]
    if options.json:
        print(json.dumps({"games": len(rows), "loops": total, "broken": broken, "rows": rows}))
    else:
        print(f"{len(rows)} games, {total} loops, {broken} games with broken invariants")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
