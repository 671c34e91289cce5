"""Standard fights: two armies in mirrored formations attack each other on an open field, by all rules of the game.

Nobody micromanages: both sides get one attack-move. `expect` says who should win and why;
`python -m tests.sim.kernels.fights` prints the table.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cherrypy_bot.sim import kernels
from cherrypy_bot.sim.abilities import production
from cherrypy_bot.sim.game import Command, Game
from cherrypy_bot.sim.rules import load_ruleset
from cherrypy_bot.sim.setup import new_world
from cherrypy_bot.sim.state import NONE
from tests.sim.scenario import flat_map

SIZE = 64
LIMIT = 4000
ATTACK = 3674
SEEDS = 20
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


SHIELDS, CHARGE, CONCUSSIVE, LING_SPEED = "ShieldWall", "Charge", "PunisherGrenades", "zerglingmovementspeed"
INFANTRY = ("TerranInfantryWeaponsLevel1", "TerranInfantryArmorsLevel1")
FIGHTS: tuple[Fight, ...] = (
    # the same on both sides
    Fight(army(("Marine", 20)), army(("Marine", 20)), 0, "the same on both sides"),
    Fight(army(("Zergling", 30)), army(("Zergling", 30)), 0, "the same on both sides"),
    Fight(army(("Stalker", 8)), army(("Stalker", 8)), 0, "the same on both sides"),
    # marines and zerglings: plain, with upgrades, with splash on either side
    Fight(army(("Marine", 20)), army(("Zergling", 40)), -1, "equal cost, open field, no splash, no upgrades"),
    Fight(
        army(("Marine", 20)),
        army(("Zergling", 40)),
        1,
        "combat shields and a level each: zerglings need 14 bites instead of 9 and die as fast",
        ((SHIELDS, *INFANTRY), ()),
    ),
    Fight(
        army(("Marine", 20)),
        army(("Zergling", 40)),
        -1,
        "metabolic boost is worth more in the open than combat shields",
        ((SHIELDS,), (LING_SPEED,)),
    ),
    Fight(army(("Marine", 24)), army(("Zergling", 24), ("Baneling", 8)), -1, "35 to every marine round each baneling"),
    Fight(army(("Baneling", 12)), army(("Marine", 18)), 1, "two banelings kill a clump that does not spread"),
    Fight(
        army(("Hellion", 10)),
        army(("Zergling", 40)),
        1,
        "lines of fire through light units; with blue flame two bursts kill instead of three",
        (("HighCapacityBarrels",), ()),
    ),
    Fight(army(("HellionTank", 10)), army(("Zergling", 40)), 1, "cones of fire against melee"),
    Fight(
        army(("Marine", 14), ("Medivac", 2)), army(("Marine", 20)), -1, "25 life a second do not replace six marines"
    ),
    Fight(army(("Marine", 20)), army(("Marine", 20)), 1, "one more damage and one more armour", (INFANTRY, ())),
    Fight(
        army(("Zergling", 30)),
        army(("Zergling", 30)),
        1,
        "speed brings more zerglings to bear at a time",
        ((LING_SPEED,), ()),
    ),
    # the first tiers against each other at equal cost
    Fight(army(("Zealot", 10)), army(("Roach", 13)), -1, "range 4 and a slow, armoured enemy"),
    Fight(army(("Stalker", 10)), army(("Roach", 14)), -1, "roaches trade well for their price without blink"),
    Fight(army(("Marauder", 10)), army(("Stalker", 8)), 1, "20 against armoured"),
    Fight(army(("Marauder", 10)), army(("Roach", 12)), 1, "range 6 and 20 against armoured"),
    Fight(army(("Marine", 16)), army(("Stalker", 5)), 1, "unsplashed marines out-shoot stalkers of equal cost"),
    Fight(army(("Stalker", 8)), army(("Zealot", 10)), -1, "nobody steps back: 19 damage a second against 10"),
    Fight(
        army(("Zealot", 10)),
        army(("Marauder", 8)),
        1,
        "nobody steps back: 16 damage a second against 8, though slowed",
        ((), (CONCUSSIVE,)),
    ),
    Fight(
        army(("Zealot", 10)),
        army(("Marauder", 8)),
        1,
        "charge brings them there earlier",
        ((CHARGE,), (CONCUSSIVE,)),
    ),
    Fight(army(("Adept", 10)), army(("Zergling", 40)), -1, "14 damage a second and no splash against a surround"),
    Fight(army(("Adept", 10)), army(("Marine", 20)), -1, "range 4 against 5; marines need no micro for it"),
    Fight(
        army(("Zealot", 14)),
        army(("Zergling", 48)),
        1,
        "a zergling falls to two attacks instead of three",
        (("ProtossGroundWeaponsLevel1",), ()),
    ),
    # heavier units, each against what it is good and what it is bad against
    Fight(army(("Hydralisk", 12)), army(("Stalker", 10)), 1, "twice the damage a second"),
    Fight(army(("Immortal", 4)), army(("Stalker", 9)), 1, "50 against armoured and a barrier of 100"),
    Fight(army(("Immortal", 4)), army(("Marine", 22)), -1, "20 a shot at units of 45, one at a time"),
    Fight(army(("Immortal", 4)), army(("Zergling", 44)), -1, "20 a shot at units of 35, one at a time"),
    Fight(army(("SiegeTankSieged", 3)), army(("Marine", 20)), 1, "range 13 and splash against a walk of ten cells"),
    Fight(army(("SiegeTankSieged", 4)), army(("Roach", 16)), 1, "range 13 and splash against a walk of ten cells"),
    Fight(army(("SiegeTank", 4)), army(("Immortal", 3)), -1, "unsieged, without splash, against 50 a shot"),
    Fight(army(("Colossus", 3)), army(("Marine", 25)), 1, "sweeping beams against light units in a clump"),
    Fight(army(("LurkerMPBurrowed", 4)), army(("Marine", 24)), 1, "range 8 in lines, and nobody detects them"),
    Fight(army(("Archon", 3)), army(("Zergling", 40)), 1, "splash against a surround"),
    Fight(army(("Ultralisk", 3)), army(("Marine", 30)), 1, "armour and cleaving against 6 damage a shot"),
    Fight(army(("Ultralisk", 3)), army(("Zealot", 14)), 1, "cleaving, and 6 of 8 through its armour"),
    Fight(army(("Thor", 2)), army(("Zergling", 40)), -1, "one at a time against a surround"),
    # in the air
    Fight(army(("Thor", 3)), army(("Mutalisk", 12)), 1, "splash against air that clumps"),
    Fight(army(("Mutalisk", 10)), army(("Marine", 20)), -1, "range 5 against range 3"),
    Fight(army(("VoidRay", 5)), army(("Stalker", 8)), 1, "extra damage against armoured"),
    Fight(army(("Battlecruiser", 2)), army(("Marine", 20)), 1, "three armour against 6 damage a shot"),
    Fight(army(("VikingFighter", 6)), army(("Battlecruiser", 2)), 1, "range 9 and 14 against armoured"),
    Fight(army(("Phoenix", 8)), army(("Mutalisk", 10)), 1, "extra damage against light, longer range"),
    Fight(army(("Tempest", 4)), army(("Corruptor", 8)), -1, "a slow weapon against nearly twice the life"),
    Fight(army(("BroodLord", 4)), army(("Roach", 20)), 1, "roaches do not reach the air"),
)


def play(fight: Fight, seed: int, *, swap: bool = False) -> Outcome:
    """One fight: `swap` puts the first side on the right, as the other player, in the later rows."""
    game = _arena(seed)
    w, u = game.world, game.world.units
    rng = np.random.default_rng(seed)
    sides = (fight.first, fight.second)
    tags: tuple[list[int], list[int]] = ([], [])
    places = []
    for side in sides:
        count = sum(n for _, n in side)
        spread = max(2.0, 0.6 * math.sqrt(count))
        places.append((rng.uniform(0, spread, count), rng.uniform(-spread, spread, count)))
    for side in (1, 0) if swap else (0, 1):
        player = 1 - side if swap else side
        names = [name for name, n in sides[side] for _ in range(n)]
        sign = 1 - 2 * player
        for name, ahead, aside in zip(names, *places[side], strict=True):
            x, y = SIZE / 2 - sign * (6 + ahead), SIZE / 2 + sign * aside
            tags[side].append(w.tag(w.spawn(w.rules.unit(name).id, player, x, y)))
        for upgrade in fight.upgrades[side]:
            production.learn(game, player, w.rules.upgrade(upgrade).id)
    kernels.refresh(w)
    full = [_life(game, group) for group in tags]
    for side in (0, 1):
        player = 1 - side if swap else side
        rows = tuple(w.row_of(tag) for tag in tags[side])
        ready = tuple(r for r in rows if not u.immobile[r])
        game.command(player, Command(ATTACK, ready, NONE, SIZE / 2 + 10 * (1 - 2 * player), SIZE / 2, True))
    while game.loop < LIMIT and all(any(w.row_of(tag) != NONE for tag in group) for group in tags):
        game.step(16)
    return Outcome(_life(game, tags[0]) / full[0], _life(game, tags[1]) / full[1], game.loop)


def _arena(seed: int) -> Game:
    """An open field with a structure of each side in a corner, so that nobody has lost; creep nowhere."""
    rules = load_ruleset()
    world = new_world(flat_map(SIZE), ("Terran", "Terran"), seed, rules)
    for row in [*world.rows_of(0), *world.rows_of(1)]:
        world.remove(row)
    for player, (x, y) in enumerate(((2.0, 2.0), (SIZE - 2.0, SIZE - 2.0))):
        world.spawn(rules.unit("SupplyDepot").id, player, x, y)
    game = Game(world, seed)
    game.recording = False
    return game


def _life(game: Game, tags: list[int]) -> float:
    """Life and shields of those of the units that live."""
    w, u = game.world, game.world.units
    rows = [row for row in map(w.row_of, tags) if row != NONE]
    return float((u.hp[rows] + u.shield[rows]).sum())


def price(side: Army) -> str:
    """Minerals/gas of an army, what its units were made from included."""
    units = [(load_ruleset().unit(name), n) for name, n in side]
    return f"{sum(u.minerals * n for u, n in units):g}/{sum(u.gas * n for u, n in units):g}"


@functools.cache
def outcomes(fight: Fight, seeds: int = SEEDS) -> tuple[Outcome, ...]:
    """A fight from seed 0 on, the sides swapped for every odd seed."""
    return tuple(play(fight, seed, swap=bool(seed % 2)) for seed in range(seeds))


def main() -> None:
    """Print the table."""
    print("| fight | cost | expected | wins of 20 | first has left | second has left | loops | why |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for fight in FIGHTS:
        got = outcomes(fight)
        wins = sum(o.margin > 0 for o in got), sum(o.margin < 0 for o in got)
        expected = {1: "first", -1: "second", 0: "open"}[fight.expect]
        left = [f"{100 * np.mean(k):.0f} % ± {100 * np.std(k):.0f}" for k in zip(*[o[:2] for o in got], strict=True)]
        loops = f"{np.mean([o.loops for o in got]):.0f}"
        cost = " v ".join(map(price, (fight.first, fight.second)))
        cells = (fight.name, cost, expected, f"{wins[0]}:{wins[1]}", *left, loops, fight.why)
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
