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
ENERGY = 150.0
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
    """One fight; `rounds` times with spawn points a little apart.

    Attributes:
        upgraded: both sides have every upgrade once, and their casters 150 energy. shows: what it is there for.
    """

    name: str
    ours: Army
    theirs: Army
    rounds: int = 3
    upgraded: bool = False
    shows: str = ""


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

    @property
    def won(self) -> int:
        """Rounds in which the other side lost the greater share."""
        return sum(theirs > ours for ours, theirs in zip(self.ours, self.theirs, strict=True))

    @property
    def shares(self) -> str:
        """What was lost and killed, in percent."""
        return f"{100 * np.mean(self.ours):.0f} / {100 * np.mean(self.theirs):.0f} %"


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
    Scenario("16 marine v 8 baneling", army(marine=16), army(baneling=8), shows="split"),
    Scenario("20 marine v 10 zergling 6 baneling", army(marine=20), army(zergling=10, baneling=6), shows="split"),
    Scenario("16 marine v 2 colossus", army(marine=16), army(colossus=2), shows="split"),
    Scenario("10 hydralisk v 3 siegetank 6 marine", army(hydralisk=10), army(siegetank=3, marine=6), shows="split"),
    Scenario("4 tempest v 8 stalker", army(tempest=4), army(stalker=8), shows="kite"),
    Scenario("6 brood lord v 12 stalker", army(broodlord=6), army(stalker=12), shows="kite"),
    Scenario("6 phoenix v 8 mutalisk", army(phoenix=6), army(mutalisk=8), shows="kite"),
    Scenario("8 mutalisk v 8 mutalisk", army(mutalisk=8), army(mutalisk=8), shows="leave hurt"),
    Scenario("4 siegetank 8 marine v 14 roach", army(siegetank=4, marine=8), army(roach=14), shows="take position"),
    Scenario("6 immortal v 6 immortal", army(immortal=6), army(immortal=6), shows="leave hurt"),
    *(
        Scenario(name, ours, theirs, upgraded=True, shows=shows)
        for name, ours, theirs, shows in (
            ("8 stalker v 10 roach", army(stalker=8), army(roach=10), "blink back"),
            ("10 stalker v 10 stalker", army(stalker=10), army(stalker=10), "blink back"),
            ("5 queen v 8 roach", army(queen=5), army(roach=8), "transfusion"),
            ("10 roach v 10 roach", army(roach=10), army(roach=10), "burrow to heal"),
            ("12 marine v 12 marine", army(marine=12), army(marine=12), "stim"),
            (
                "16 marine 4 marauder 3 medivac v 20 roach",
                army(marine=16, marauder=4, medivac=3), army(roach=20), "stim, heal, afterburners",
            ),
            ("3 sentry 4 stalker v 8 zealot", army(sentry=3, stalker=4), army(zealot=8), "force field"),
            ("2 sentry 6 stalker v 16 marine", army(sentry=2, stalker=6), army(marine=16), "guardian shield"),
            ("2 templar 5 zealot v 20 marine", army(hightemplar=2, zealot=5), army(marine=20), "psionic storm"),
            ("6 ravager 4 roach v 6 sieged tank", army(ravager=6, roach=4), army(siegetanksieged=6), "corrosive bile"),
            ("6 ravager v 6 ravager", army(ravager=6), army(ravager=6), "corrosive bile, dodge"),
            ("2 infestor 12 zergling v 16 marine", army(infestor=2, zergling=12), army(marine=16), "fungal growth"),
            ("2 viper 10 hydralisk v 6 siegetank", army(viper=2, hydralisk=10), army(siegetank=6), "blinding cloud"),
            ("2 ghost 10 marine v 5 stalker 2 archon", army(ghost=2, marine=10), army(stalker=5, archon=2), "EMP"),
            ("3 disruptor 6 stalker v 14 roach", army(disruptor=3, stalker=6), army(roach=14), "purification nova"),
            ("4 battlecruiser v 16 stalker", army(battlecruiser=4), army(stalker=16), "Yamato, jump"),
            ("4 banshee v 6 stalker", army(banshee=4), army(stalker=6), "cloak"),
            ("6 void ray v 8 corruptor", army(voidray=6), army(corruptor=8), "prismatic alignment"),
            ("4 phoenix 6 stalker v 5 immortal", army(phoenix=4, stalker=6), army(immortal=5), "graviton beam"),
            ("3 oracle v 16 zergling", army(oracle=3), army(zergling=16), "pulsar beam"),
            ("6 lurker v 24 marine", army(lurkermp=6), army(marine=24), "take position"),
            ("4 liberator v 10 roach", army(liberator=4), army(roach=10), "take position"),
            ("6 widow mine v 16 zergling", army(widowmine=6), army(zergling=16), "take position"),
            ("4 cyclone v 8 roach", army(cyclone=4), army(roach=8), "lock on"),
            ("2 raven 14 marine v 3 colossus", army(raven=2, marine=14), army(colossus=3), "interference matrix"),
            ("4 swarm host v 16 marine", army(swarmhostmp=4), army(marine=16), "locusts"),
        )
    ),
)  # fmt: skip


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
        self.charged = True
        self.round = 0

    async def on_start(self) -> None:
        await self.client.debug_show_map()
        if any(scenario.upgraded for scenario in self.todo):
            await self.client.debug_upgrade()
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
        elif not self.charged:
            self.charged = True
            casters = [
                u.tag for u in [*self.units, *self.enemy_units] if u.energy_max > 0 and u.type_id not in NOT_ARMY
            ]
            if casters:
                await self.client.debug_set_unit_value(casters, 1, ENERGY)
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
        self.charged = not scenario.upgraded

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

    async def on_start(self) -> None:
        if any(scenario.upgraded for scenario in self.director.todo):
            await self.client.debug_upgrade()

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


def both(scenarios: Sequence[Scenario], game_step: int = 4) -> tuple[dict[str, Outcome], dict[str, Outcome]]:
    """Outcomes with and without micro; the fights with upgrades are a match of their own."""
    found: tuple[dict[str, Outcome], dict[str, Outcome]] = ({}, {})
    for upgraded in (False, True):
        part = [scenario for scenario in scenarios if scenario.upgraded is upgraded]
        if part:
            for micro, outcomes in zip((True, False), found, strict=True):
                outcomes.update(run(part, micro=micro, game_step=game_step).outcomes)
    return found


def table(scenarios: Sequence[Scenario], game_step: int = 4) -> str:
    """A Markdown table of the margins with and without micro."""
    with_micro, without = both(scenarios, game_step)
    lines = [
        "| scenario | shows | won | lost / killed | attack-move: won | lost / killed | margin | gain |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    better = 0
    for scenario in scenarios:
        a, b = with_micro[scenario.name], without[scenario.name]
        better += a.margin > b.margin
        lines.append(
            f"| {scenario.name} | {scenario.shows} | {a.won} of {scenario.rounds} | {a.shares} | "
            f"{b.won} of {scenario.rounds} | {b.shares} | {a.margin:+.2f} | {a.margin - b.margin:+.2f} |"
        )
    lines.append(f"\nMicro trades better in {better} of {len(scenarios)}.")
    return "\n".join(lines)


if __name__ == "__main__":
    wanted = [s for s in SCENARIOS if not sys.argv[1:] or any(word in s.name for word in sys.argv[1:])]
    print(table(wanted))
