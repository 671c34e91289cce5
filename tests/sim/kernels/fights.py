"""Standard fights: two armies in mirrored formations attack each other on an open field.

Nobody micromanages: both sides get one attack-move. `expect` says who should win and why;
`python -m tests.sim.kernels.fights` prints the table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cherrypy_bot.sim import kernels
from cherrypy_bot.sim import state as st
from tests.sim.scenario import Scenario, flat_map

SIZE = 64
LIMIT = 4000
Army = tuple[tuple[str, int], ...]


class Outcome(NamedTuple):
    """What is left of both sides: shares of all life and shields, and the loops it took."""

    first: float
    second: float
    loops: int

    @property
    def margin(self) -> float:
        """1 = the first side lost nothing, -1 = the second."""
        return self.first - self.second


@dataclass(frozen=True)
class Fight:
    """A row of the table."""

    first: Army
    second: Army
    expect: int  # 1 first wins, -1 second wins, 0 open
    why: str
    upgrades: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @property
    def name(self) -> str:
        sides = [" + ".join(f"{n} {name}" for name, n in side) for side in (self.first, self.second)]
        more = [f" ({', '.join(group)})" if group else "" for group in self.upgrades]
        return f"{sides[0]}{more[0]} v {sides[1]}{more[1]}"


def army(*units: tuple[str, int]) -> Army:
    return units


FIGHTS: tuple[Fight, ...] = (
    Fight(army(("Marine", 20)), army(("Marine", 20)), 0, "the same on both sides"),
    Fight(army(("Zergling", 30)), army(("Zergling", 30)), 0, "the same on both sides"),
    Fight(army(("Stalker", 8)), army(("Stalker", 8)), 0, "the same on both sides"),
    Fight(army(("Marine", 20)), army(("Zergling", 40)), -1, "equal cost, open field, no splash, no upgrades"),
    Fight(army(("Zealot", 10)), army(("Roach", 13)), -1, "equal cost; range 4 and a slow, armoured enemy"),
    Fight(army(("Stalker", 10)), army(("Roach", 14)), -1, "roaches trade well for their price without blink"),
    Fight(army(("Marauder", 10)), army(("Stalker", 8)), 1, "equal cost, 20 against armoured"),
    Fight(army(("Marauder", 10)), army(("Roach", 12)), 1, "range 6 and 20 against armoured"),
    Fight(army(("Marine", 16)), army(("Stalker", 5)), 1, "unsplashed marines out-shoot stalkers of equal cost"),
    Fight(army(("Hydralisk", 10)), army(("Stalker", 10)), 1, "twice the damage a second"),
    Fight(army(("Hellion", 10)), army(("Zergling", 40)), 1, "lines of fire through light units"),
    Fight(army(("HellionTank", 10)), army(("Zergling", 40)), 1, "cones of fire against melee"),
    Fight(army(("SiegeTankSieged", 3)), army(("Marine", 20)), 1, "range 13 and splash against a walk of ten cells"),
    Fight(army(("Colossus", 3)), army(("Marine", 25)), 1, "sweeping beams against light units in a clump"),
    Fight(army(("Archon", 3)), army(("Zergling", 40)), 1, "splash against a surround"),
    Fight(army(("Ultralisk", 3)), army(("Marine", 30)), 1, "armour and cleaving against 6 damage a shot"),
    Fight(army(("Thor", 3)), army(("Mutalisk", 12)), 1, "splash against air that clumps"),
    Fight(army(("Mutalisk", 10)), army(("Marine", 20)), -1, "range 5 against range 3 at equal cost"),
    Fight(army(("VoidRay", 5)), army(("Stalker", 8)), 1, "extra damage against armoured"),
    Fight(army(("Battlecruiser", 2)), army(("Marine", 20)), 1, "three armour against 6 damage a shot"),
    Fight(army(("Phoenix", 8)), army(("Mutalisk", 10)), 1, "extra damage against light, longer range"),
    Fight(
        army(("Marine", 20)),
        army(("Marine", 20)),
        1,
        "one more damage and one more armour",
        (("TerranInfantryWeaponsLevel1", "TerranInfantryArmorsLevel1"), ()),
    ),
    Fight(
        army(("Zergling", 30)),
        army(("Zergling", 30)),
        1,
        "speed brings more zerglings to bear at a time",
        (("zerglingmovementspeed",), ()),
    ),
    Fight(
        army(("Zealot", 14)),
        army(("Zergling", 48)),
        1,
        "a zergling falls to two attacks instead of three",
        (("ProtossGroundWeaponsLevel1",), ()),
    ),
)


def play(fight: Fight, seed: int, *, swap: bool = False) -> Outcome:
    """One fight: `swap` puts the first side on the right, as the other player, in the later rows."""
    s = Scenario(flat_map(SIZE), seed=seed)
    rng = np.random.default_rng(seed)
    sides = (fight.first, fight.second)
    rows: tuple[list[int], list[int]] = ([], [])
    places = []
    for side in sides:
        count = sum(n for _, n in side)
        spread = max(2.0, 0.6 * math.sqrt(count))
        places.append((rng.uniform(0, spread, count), rng.uniform(-spread, spread, count)))
    for side in (1, 0) if swap else (0, 1):
        player = 1 - side if swap else side
        for upgrade in fight.upgrades[side]:
            learn(s, player, upgrade)
        names = [name for name, n in sides[side] for _ in range(n)]
        sign = 1 - 2 * player
        for name, ahead, aside in zip(names, *places[side], strict=True):
            x, y = SIZE / 2 - sign * (6 + ahead), SIZE / 2 + sign * aside
            rows[side].append(s.world.spawn(s.rules.unit(name).id, player, x, y))
    kernels.refresh(s.world)
    for side in (0, 1):
        sign = 1 - 2 * (1 - side if swap else side)
        for row in rows[side]:
            s.order(row, st.ATTACK_MOVE, SIZE / 2 + 10 * sign, SIZE / 2)
    while s.world.loop < LIMIT and all(any(map(s.lives, group)) for group in rows):
        s.run(16)
    left = [share(s, group) for group in rows]
    return Outcome(left[0], left[1], s.world.loop)


def learn(s: Scenario, player: int, upgrade: str) -> None:
    """Give a player an upgrade."""
    from cherrypy_bot.sim.rules import apply_upgrade
    from cherrypy_bot.sim.stats import stats_of

    apply_upgrade(stats_of(s.world.stats, player), next(u for u in s.rules.upgrades.values() if u.name == upgrade))


def share(s: Scenario, rows: list[int]) -> float:
    """Life and shields that a side has left, as a share of what it began with."""
    u = s.u
    full = sum(float(s.world.stats.hp[2, t] + s.world.stats.shields[2, t]) for t in u.type_id[rows])
    return sum(float(u.hp[r] + u.shield[r]) for r in rows if s.lives(r)) / full


def main() -> None:
    """Print the table."""
    print("| fight | expected | wins of 20 | first has left | second has left | loops | why |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for fight in FIGHTS:
        got = [play(fight, seed, swap=bool(seed % 2)) for seed in range(20)]
        wins = sum(o.margin > 0 for o in got), sum(o.margin < 0 for o in got)
        expected = {1: "first", -1: "second", 0: "open"}[fight.expect]
        left = [f"{100 * np.mean(k):.0f} % ± {100 * np.std(k):.0f}" for k in zip(*[o[:2] for o in got], strict=True)]
        loops = f"{np.mean([o.loops for o in got]):.0f}"
        print(f"| {fight.name} | {expected} | {wins[0]}:{wins[1]} | {left[0]} | {left[1]} | {loops} | {fight.why} |")


if __name__ == "__main__":
    main()
