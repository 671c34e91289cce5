"""Fights on the engine: our micro'd units against the same kind of army on attack-move, one after the other.

Both sides are debug-spawned on open ground far from the bases; a fight ends when one side is dead or time is up. Run
`python -m tests.modules.micro.scenarios [NAME...]` for the table.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sc2.bot_ai import BotAI
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId
from sc2.player import Bot
from sc2.position import Point2
from scipy import ndimage

from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.module import Context, Module
from cherrypy_bot.core.upc import Command, PositionArea, Upc
from cherrypy_bot.ladder.match import Contender, MatchSetup, play_match
from cherrypy_bot.ladder.players import quiet_python_sc2
from modules.micro import Micro, MicroOptions
from modules.tactics.squads import Mode, SquadState

MAP = "CherryGroveLE"
LIMIT_LOOPS = 1400
APART_CELLS = 14.0
NOT_ARMY = {
    UnitTypeId.SCV,
    UnitTypeId.DRONE,
    UnitTypeId.PROBE,
    UnitTypeId.OVERLORD,
    UnitTypeId.LARVA,
    UnitTypeId.EGG,
    UnitTypeId.MULE,
}

Army = dict[UnitTypeId, int]


@dataclass(frozen=True)
class Scenario:
    """One fight; `rounds` times with spawn points a little apart."""

    name: str
    ours: Army
    theirs: Army
    rounds: int = 3


@dataclass
class Outcome:
    """How a scenario went, summed over its rounds: value shares lost."""

    name: str
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    @property
    def margin(self) -> float:
        """Mean of their loss share minus ours: -1 we were wiped out unharmed, 1 the other way round."""
        return float(np.mean(self.theirs) - np.mean(self.ours))


def army(**counts: int) -> Army:
    """`army(marine=8)`"""
    return {UnitTypeId[name.upper()]: count for name, count in counts.items()}


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("8 marine v 12 zergling", army(marine=8), army(zergling=12)),
    Scenario("6 marine v 3 zealot", army(marine=6), army(zealot=3)),
    Scenario("12 marine v 6 zealot", army(marine=12), army(zealot=6)),
    Scenario("4 stalker v 4 zealot", army(stalker=4), army(zealot=4)),
    Scenario("6 stalker v 8 roach", army(stalker=6), army(roach=8)),
    Scenario("8 roach v 8 roach", army(roach=8), army(roach=8)),
    Scenario("8 stalker v 8 stalker", army(stalker=8), army(stalker=8)),
    Scenario("8 marine 4 marauder v 3 zealot 4 stalker", army(marine=8, marauder=4), army(zealot=3, stalker=4)),
    Scenario("4 reaper v 3 zealot", army(reaper=4), army(zealot=3)),
    Scenario("4 reaper v 8 zergling", army(reaper=4), army(zergling=8)),
    Scenario("16 zergling v 8 marine", army(zergling=16), army(marine=8)),
    Scenario("5 zealot v 10 marine", army(zealot=5), army(marine=10)),
    Scenario("10 marine v 10 marine", army(marine=10), army(marine=10)),
    Scenario("4 marauder v 4 zealot", army(marauder=4), army(zealot=4)),
    Scenario("4 hellion v 16 zergling", army(hellion=4), army(zergling=16)),
    Scenario("12 zergling v 12 zergling", army(zergling=12), army(zergling=12)),
    Scenario("6 roach v 5 zealot", army(roach=6), army(zealot=5)),
    Scenario("3 queen v 12 zergling", army(queen=3), army(zergling=12)),
)


def arena(bot: BotAI) -> Point2:
    """The most open flat ground of the map, far from the bases."""
    info = bot.game_info
    height = info.terrain_height.data_numpy.astype(np.int64)
    level = ndimage.maximum_filter(height, 3) - ndimage.minimum_filter(height, 3) <= 1
    free = ndimage.distance_transform_edt(info.pathing_grid.data_numpy.astype(bool) & level)
    for start in (bot.start_location, *bot.enemy_start_locations):
        ys, xs = np.ogrid[: free.shape[0], : free.shape[1]]
        free[(xs - start[0]) ** 2 + (ys - start[1]) ** 2 < 45**2] = 0
    y, x = np.unravel_index(int(free.argmax()), free.shape)
    return Point2((float(x) + 0.5, float(y) + 0.5))


class Sender(Module):
    """Stands for Tactics: one squad of everything, sent at the enemy's spawn point."""

    name = "sender"
    posts = (Command.ATTACK,)

    def on_step(self, ctx: Context) -> None:
        bot: Any = ctx.bot
        tags = tuple(sorted(unit.tag for unit in bot.units if unit.type_id not in NOT_ARMY))
        if tags:
            state = SquadState("main", Mode.ATTACK, bot.home)
            ctx.board.post(Upc(Command.ATTACK, units=tags, position=PositionArea(bot.away, 3.0), state=state))


class Director(CherryBot):
    """Our side; it also spawns the fights and keeps the score."""

    def __init__(self, scenarios: Sequence[Scenario], modules: Sequence[Module], game_step: int = 4) -> None:
        super().__init__(modules, name="director", game_step=game_step)
        self.todo = [scenario for scenario in scenarios for _ in range(scenario.rounds)]
        self.outcomes: dict[str, Outcome] = {s.name: Outcome(s.name) for s in scenarios}
        self.home = self.away = Point2((0, 0))
        self.running: Scenario | None = None
        self.begun = 0
        self.round = 0

    async def on_start(self) -> None:
        await self.client.debug_show_map()
        self.center = arena(self)
        await super().on_start()

    async def on_step(self, iteration: int) -> None:
        if self.running is None:
            leftovers = [u.tag for u in [*self.units, *self.enemy_units] if u.type_id not in NOT_ARMY]
            if leftovers:
                await self.client.debug_kill_unit(leftovers)
            elif not self.todo:
                await self.client.leave()
                return
            else:
                await self._spawn(self.todo.pop(0))
        elif self.state.game_loop > self.begun + 8:
            self._judge()
        await super().on_step(iteration)

    async def _spawn(self, scenario: Scenario) -> None:
        angle = 2.0 * np.pi * (self.round * 0.381966)
        self.round += 1
        half = Point2((np.cos(angle), np.sin(angle))) * (APART_CELLS / 2)
        self.home, self.away = self.center - half, self.center + half
        orders = []
        for who, where, side in ((1, self.home, scenario.ours), (2, self.away, scenario.theirs)):
            player = self.player_id if who == 1 else 3 - self.player_id
            orders += [[kind, count, where, player] for kind, count in side.items()]
        await self.client.debug_create_unit(orders)
        self.running, self.begun = scenario, self.state.game_loop

    def _judge(self) -> None:
        scenario = self.running
        assert scenario is not None
        left = [self._value_left(self.units), self._value_left(self.enemy_units)]
        over = min(left) <= 0.0 or self.state.game_loop - self.begun > LIMIT_LOOPS
        if over:
            outcome = self.outcomes[scenario.name]
            outcome.ours.append(1.0 - left[0] / self._value(scenario.ours))
            outcome.theirs.append(1.0 - left[1] / self._value(scenario.theirs))
            self.running = None

    def _value_left(self, units: Any) -> float:
        return sum(self._cost(unit.type_id) for unit in units if unit.type_id not in NOT_ARMY)

    def _value(self, side: Army) -> float:
        return sum(self._cost(kind) * count for kind, count in side.items())

    def _cost(self, kind: UnitTypeId) -> float:
        cost = self.game_data.units[kind.value].cost
        return float(cost.minerals + cost.vespene)


class AttackMover(BotAI):
    """The other side: everything attack-moves, as a player does who looks elsewhere."""

    def __init__(self, director: Director) -> None:
        super().__init__()
        self.director = director

    async def on_step(self, iteration: int) -> None:
        for unit in self.units:
            if unit.type_id not in NOT_ARMY and unit.is_idle:
                enemies = self.enemy_units.filter(lambda e: e.type_id not in NOT_ARMY)
                goal = (
                    enemies.closest_to(unit).position
                    if enemies and unit.distance_to(self.director.home) < 4
                    else self.director.home
                )
                unit.attack(goal)


def run(scenarios: Sequence[Scenario], *, micro: bool = True, seed: int = 1, game_step: int = 4) -> Director:
    """Play all scenarios in one match; the director holds the outcomes and the times of the modules."""
    quiet_python_sc2()
    director = Director(scenarios, [Sender(), Micro(MicroOptions(enabled=micro))], game_step)
    ours = Contender("director", Bot(Race.Terran, director))
    theirs = Contender("attack-move", Bot(Race.Terran, AttackMover(director)))
    play_match(MatchSetup((ours, theirs), MAP, seed=seed, game_step=game_step))
    for fault in director.faults:
        print(fault.loop, fault.module, fault.error, fault.trace)
    return director


def table(scenarios: Sequence[Scenario], game_step: int = 4) -> str:
    """Margins with and without micro, as text."""
    with_micro, without = run(scenarios, game_step=game_step), run(scenarios, micro=False, game_step=game_step)
    lines = [f"{'scenario':44s} {'lost/killed':>13s} {'attack-move':>13s}  margin  gain"]
    better = 0
    for scenario in scenarios:
        a, b = with_micro.outcomes[scenario.name], without.outcomes[scenario.name]
        better += a.margin > b.margin
        lines.append(
            f"{scenario.name:44s} {np.mean(a.ours):6.2f}/{np.mean(a.theirs):4.2f}   {np.mean(b.ours):6.2f}/"
            f"{np.mean(b.theirs):4.2f}   {a.margin:+5.2f}  {a.margin - b.margin:+5.2f}"
        )
    ms = with_micro.module_ms["micro"]
    lines.append(
        f"micro trades better in {better} of {len(scenarios)}; micro {ms.mean:.2f} ms mean, {ms.max:.1f} ms max"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    wanted = [s for s in SCENARIOS if not sys.argv[1:] or any(word in s.name for word in sys.argv[1:])]
    print(table(wanted))
