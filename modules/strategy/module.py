"""Strategy: plays the build that the policy picks, watches our bases, sends the army and calls it back."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np
from pydantic import Field
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.position import Point2

from cherrypy_bot.core.history import RUSH_NOTE
from cherrypy_bot.core.module import Context, Module, ModuleOptions
from cherrypy_bot.core.type_sets import is_any_of
from cherrypy_bot.core.upc import Command, PositionArea, Upc
from modules.build_order.builds import Build, builds_of
from modules.build_order.changes import Active, effective
from modules.build_order.conditions import Facts as BuildFacts
from modules.items import TOWNHALLS, WORKER_OF, WORKERS, Item, counts_as
from modules.keys import (
    ALARM,
    ATTACK,
    ATTACK_TARGET,
    BUILD,
    BUILD_CHANGES,
    DEFEND,
    EMERGENCY,
    ENEMY_BASES,
    ENEMY_SEEN,
    ENEMY_START,
    GAS_WORKERS,
    OWN_BASES,
    RALLY,
    SCHEDULE,
    SCOUTS_WANTED,
    SELECTOR_RECORD,
    STANCE,
    THREATS,
    Threat,
)
from modules.power import DEFENCES, army_rows, power_of, type_power
from modules.strategy.acquaintance import expected_rush
from modules.strategy.rush import OVER, Seen, bases_known, looks_like_rush
from modules.strategy.selector import Selector, SelectorOptions
from modules.strategy.stance import Facts, Stance
from modules.strategy.threats import find_threats

DEFAULT_BUILDS: Final = {Race.Terran: "reaper_expand", Race.Protoss: "gate_expand", Race.Zerg: "roach_timing"}
ATTACK_RADIUS: Final = 10.0
DEFEND_MARGIN: Final = 3.0
DECIDE_LOOPS: Final = 11
SEARCH_EVERY_LOOPS: Final = 22
SEEN_CELLS: Final = 3.0
FORGET_HALF_LOOPS: Final = 22 * 150
"""What was seen of the enemy army so long ago counts half."""
EMERGENCY_POWER: Final = 90.0
EMERGENCY_RATIO: Final = 1.1
EMERGENCY_LOOPS: Final = 22 * 12
ALARM_LOOPS: Final = 22 * 200
"""An alarm lasts so long at least: Zerglings of an early pool come when there are 25 of them."""
ALARM_ENDS_RATIO: Final = 1.5
HOME_CELLS: Final = 32.0
RALLY_CELLS: Final = 7.0


class StrategyOptions(SelectorOptions):
    """What `bots.yaml` may set, besides what SelectorOptions says about the choice of builds.

    Attributes:
        build: name of the opening, whatever the policy; left out, the policy decides, and "fixed" takes the first
            of the bot's `build_orders` that suits, else the race's default.
        patience: factor on the army supply at which builds attack.
    """

    build: str | None = None
    patience: float = Field(default=1.0, gt=0.0, le=5.0)


class Strategy(Module):
    """Consumes Top's ATTACK and posts, in every step, DEFEND per threatened base and ATTACK on the target."""

    name: ClassVar[str] = "strategy"
    Options: ClassVar[type[ModuleOptions]] = StrategyOptions
    reads = (OWN_BASES, ENEMY_BASES, ENEMY_SEEN, ENEMY_START, SCHEDULE)
    writes = (
        BUILD,
        BUILD_CHANGES,
        STANCE,
        ATTACK_TARGET,
        RALLY,
        THREATS,
        EMERGENCY,
        ALARM,
        GAS_WORKERS,
        SCOUTS_WANTED,
        SELECTOR_RECORD,
    )
    consumes = (Command.ATTACK,)
    posts = (Command.ATTACK, Command.DEFEND)

    def on_start(self, ctx: Context) -> None:
        """Choose the build."""
        self._stance = Stance()
        preferred = self._choose(ctx)
        self._selector = Selector(ctx, self.options, builds_of(ctx.bot.race)) if preferred is not None else None
        if preferred is not None and self._selector is not None:
            preferred = self._selector.opening(ctx, preferred, pinned=preferred.name == self.options.build)
        self._planned = self._build = preferred
        self._active = Active(self._build) if self._build is not None else None
        self._scouted: set[str] = set()
        self._emergency_until = 0
        self._alarm_loop = 0
        self._rush_noted = False
        self._expected = expected_rush(ctx.bot.history.past) if ctx.bot.history is not None else None
        if self._expected is not None:
            ctx.log.info(f"from {self._expected.loop / 22.4:.0f} s on ready for a rush: {self._expected.why}")
        self._target: Point2 | None = None
        self._root: int | None = None
        self._seen_loop = dict.fromkeys(self._places(ctx), 0)
        if self._build is not None:
            ctx.board.put(BUILD, self._build.name)
            ctx.log.info(f"plays {self._build.name}: {self._build.about}")

    def on_step(self, ctx: Context) -> None:
        """Look at our bases, decide, post the goals."""
        for upc in ctx.board.upcs(Command.ATTACK, source="top"):
            ctx.board.consume(upc.id)
            self._root = upc.id
        if self._root is not None and ctx.board.upc(self._root) is None:
            self._root = None
        self._select(ctx)
        threats = self._threats(ctx)
        if ctx.board.timers.every("strategy.decide", DECIDE_LOOPS) or bool(threats) != (
            ctx.board.get(STANCE) == DEFEND
        ):
            self._decide(ctx, threats)
        self._post(ctx, threats)

    # -- build ---------------------------------------------------------------------------------

    def _choose(self, ctx: Context) -> Build | None:
        """The build of the options, else the first of the bot's that suits, else the race's default."""
        builds = builds_of(ctx.bot.race)
        wanted = [self.options.build] if self.options.build else list(ctx.bot.build_orders)
        for name in wanted:
            if name not in builds:
                ctx.log.warning(f"there is no build '{name}'; there are {', '.join(builds)}")
            elif ctx.bot.enemy_race in builds[name].against or ctx.bot.enemy_race == Race.Random:
                if builds[name].is_opening:
                    return builds[name]
                ctx.log.warning(f"'{name}' is for switching to, not for the first loop: it says 'opening: false'")
        default = DEFAULT_BUILDS.get(ctx.bot.race, "")
        return builds.get(default) or next(iter(builds.values()), None)

    def _adapt(self, ctx: Context, facts: Facts) -> None:
        """Find which phases and reactions of the build hold, and play what follows from them."""
        if self._planned is None or self._active is None:
            return
        active = self._active.update(self._build_facts(ctx, facts))
        may_switch = self._selector is None or self._selector.reactions_may_switch(ctx.loop)
        waiting = may_switch and any(e.changes.switch_to and e.name in active for e in self._planned.conditionals)
        if active == ctx.board.get(BUILD_CHANGES) and not waiting:
            return
        ctx.log.info(f"{self._planned.name}: {', '.join(active) or 'as written'}")
        ctx.trace.note(self.name, build=self._planned.name, changes=list(active))
        for entry in self._planned.conditionals:
            if entry.name not in active:
                continue
            if entry.changes.scout and entry.name not in self._scouted:
                self._scouted.add(entry.name)
                ctx.board.put(SCOUTS_WANTED, len(self._scouted))
            if entry.changes.switch_to and may_switch:
                self._switch(ctx, entry.changes.switch_to)
                if self._selector is not None:
                    self._selector.reacted(ctx.loop)
                return
        self._build = effective(self._planned, active)
        ctx.board.put(BUILD_CHANGES, active)
        ctx.board.put(GAS_WORKERS, self._build.gas_workers)

    def _select(self, ctx: Context) -> None:
        """Ask the policy, when it is time, whether another build promises more."""
        if self._selector is None or self._planned is None:
            return
        name = self._selector.switch(ctx, self._planned.name)
        if name is not None:
            self._switch(ctx, name)

    def _switch(self, ctx: Context, name: str) -> None:
        """Play another build from now on."""
        build = builds_of(ctx.bot.race).get(name)
        if build is None:
            return
        ctx.log.info(f"switches to {name}: {build.about}")
        self._planned = self._build = build
        self._active = Active(build)
        ctx.board.put(BUILD_CHANGES, ())
        ctx.board.put(BUILD, name)
        ctx.board.put(GAS_WORKERS, build.gas_workers)

    def _build_facts(self, ctx: Context, facts: Facts) -> BuildFacts:
        table = ctx.units
        finished: dict[Item, int] = dict.fromkeys(ctx.bot.state.upgrades, 1)
        coming: dict[Item, int] = {}
        for mask, counts in ((table.own & table.ready, finished), (table.own & ~table.ready, coming)):
            kinds, numbers = np.unique(table.type_id[mask], return_counts=True)
            for kind, number in zip(kinds.tolist(), numbers.tolist(), strict=True):
                for form in counts_as(U(kind)):
                    counts[form] = counts.get(form, 0) + number
        return BuildFacts(
            loop=ctx.loop,
            supply=facts.supply_used,
            workers=finished.get(WORKER_OF[ctx.bot.race], 0),
            bases=int((table.own & table.ready & table.of_type(*TOWNHALLS)).sum()),
            minerals=float(ctx.bot.minerals),
            vespene=float(ctx.bot.vespene),
            finished=finished,
            coming=coming,
            seen={kind: sighting.count for kind, sighting in ctx.board.get(ENEMY_SEEN).items()},
            alarm=ctx.board.get(ALARM),
            danger=ctx.board.get(EMERGENCY),
            failed_attack=self._stance.retreats > 0,
            army=facts.army_supply,
        )

    # -- threats -------------------------------------------------------------------------------

    def _threats(self, ctx: Context) -> tuple[Threat, ...]:
        known: tuple[Threat, ...] = ctx.board.get(THREATS)
        bases: tuple[Point2, ...] = ctx.board.get(OWN_BASES)
        threats = find_threats(ctx, bases, {threat.base: threat for threat in known})
        if threats or known:
            ctx.board.put(THREATS, threats)
        return threats

    def _home_power(self, ctx: Context, threats: tuple[Threat, ...]) -> float:
        rows = army_rows(ctx.units)
        near = np.zeros(len(rows), np.bool_)
        for threat in threats:
            near |= ctx.units.distance_to(threat.center[0], threat.center[1], rows) <= HOME_CELLS
        return power_of(ctx, rows[near])

    # -- stance --------------------------------------------------------------------------------

    def _decide(self, ctx: Context, threats: tuple[Threat, ...]) -> None:
        board = ctx.board
        rows = army_rows(ctx.units)
        rows = rows[~ctx.units.of_type(U.QUEEN)[rows]]
        home = self._home_power(ctx, threats)
        danger = sum(threat.power for threat in threats)
        score = ctx.bot.state.score
        facts = Facts(
            loop=ctx.loop,
            army_supply=float(ctx.bot.supply_army),
            army_power=power_of(ctx, rows),
            enemy_power=self._enemy_power(ctx),
            attack_supply=self._attack_supply(),
            wanted=self._build.stance if self._build is not None else "",
            supply_used=float(ctx.bot.supply_used),
            threat_power=danger,
            home_power=home,
            rushed=self._alarm_loop > 0,
            killed=float(score.killed_minerals_army + score.killed_vespene_army),
            lost=float(score.lost_minerals_army + score.lost_vespene_army),
        )
        self._adapt(ctx, facts)
        before = self._stance.value
        stance = self._stance.decide(facts)
        if stance != before:
            ctx.log.info(f"{before} -> {stance}: {self._stance.why}")
            ctx.trace.note(self.name, stance=stance, why=self._stance.why)
            board.put(STANCE, stance)
        if danger > EMERGENCY_POWER and danger > EMERGENCY_RATIO * home:
            self._emergency_until = ctx.loop + EMERGENCY_LOOPS
        board.put(EMERGENCY, ctx.loop < self._emergency_until)
        self._watch_for_rush(ctx, facts)
        self._look_round(ctx)
        self._target = self._choose_target(ctx)
        if self._target != board.get(ATTACK_TARGET):
            board.put(ATTACK_TARGET, self._target)
        rally = self._rally(ctx)
        if rally != board.get(RALLY):
            board.put(RALLY, rally)

    def _watch_for_rush(self, ctx: Context, facts: Facts) -> None:
        """Raise the alarm when an early attack comes, and end it when we can stop what we know of."""
        self._note_rush(ctx, facts)
        if ctx.board.get(ALARM):
            calm = facts.threat_power == 0 and facts.army_power > ALARM_ENDS_RATIO * facts.enemy_power
            if ctx.loop - self._alarm_loop > ALARM_LOOPS and calm:
                ctx.board.put(ALARM, False)
            return
        # an opening is worth one alarm; after that only fighters are
        why = self._rush_signs(ctx, facts, opening=not self._alarm_loop)
        if not why and not self._alarm_loop and self._expected is not None and ctx.loop >= self._expected.loop:
            why = self._expected.why
        if why:
            self._alarm_loop = ctx.loop
            ctx.board.put(ALARM, True)
            ctx.log.info(f"alarm: {why}")
            ctx.trace.note(self.name, alarm=why)

    def _rush_signs(self, ctx: Context, facts: Facts, *, opening: bool) -> str:
        """What speaks for an early attack: fighters, and with `opening` also structures and missing bases."""
        memory = ctx.memory
        rows = np.flatnonzero(memory.structure & ~memory.moved)
        seen = [
            Seen(U(int(memory.type_id[row])), float(memory.build_progress[row]), int(memory.seen_loop[row]))
            for row in rows
        ]
        halls = rows[is_any_of(memory.type_id[rows], TOWNHALLS)]
        return looks_like_rush(
            seen if opening else [],
            bases_known(zip(memory.x[halls], memory.y[halls], strict=True), ctx.bot.enemy_start_locations),
            facts.enemy_power,
            ctx.loop,
            own_power=facts.army_power,
            natural_seen=self._natural_seen(ctx) if opening else 0,
        )

    def _note_rush(self, ctx: Context, facts: Facts) -> None:
        """Note for the next match against them, once, whether and when an early attack was seen."""
        if self._rush_noted or ctx.bot.history is None:
            return
        signs = self._rush_signs(ctx, facts, opening=True)
        if signs or ctx.loop > OVER:
            self._rush_noted = True
            ctx.bot.history.note(**{RUSH_NOTE: ctx.loop if signs else 0})

    def _natural_seen(self, ctx: Context) -> int:
        """Last loop at which the base place next to the enemy's start was in sight, 0 for never."""
        start = ctx.board.get(ENEMY_START)
        if start is None:
            return 0
        others = [place for place in self._seen_loop if place.distance_to(start) > 5.0]
        return self._seen_loop[min(others, key=lambda p: (p.distance_to(start), p))] if others else 0

    def _attack_supply(self) -> int:
        if self._build is None:
            return 30
        supply = self._build.attack_again if self._stance.retreats else self._build.attack_supply
        return round(supply * self.options.patience)

    def _enemy_power(self, ctx: Context) -> float:
        """Power of the enemy army seen so far, older sightings for less; static defence counts half."""
        memory = ctx.memory
        if not len(memory):
            return 0.0
        worth = type_power(ctx)
        kinds = np.minimum(memory.type_id, len(worth) - 1)
        power = worth[kinds].copy()
        power[is_any_of(memory.type_id, WORKERS)] = 0.0
        defence = is_any_of(memory.type_id, DEFENCES)
        power[memory.structure & ~defence] = 0.0
        power[defence] *= 0.5
        age = np.where(memory.structure, 0.0, ctx.loop - memory.seen_loop)
        return float((power * 0.5 ** (age / FORGET_HALF_LOOPS)).sum())

    # -- where to ------------------------------------------------------------------------------

    def _places(self, ctx: Context) -> list[Point2]:
        """Where an enemy base could be, the enemy's start first."""
        starts = list(ctx.bot.enemy_start_locations)
        others = [p for p in ctx.bot.expansion_locations_list if all(p.distance_to(s) > 5.0 for s in starts)]
        anchor = starts[0] if starts else ctx.bot.game_info.map_center
        return starts + sorted(others, key=lambda p: (p.distance_to(anchor), p))

    def _look_round(self, ctx: Context) -> None:
        """Remember which base places are in sight."""
        if not ctx.board.timers.every("strategy.look", SEARCH_EVERY_LOOPS):
            return
        for place in self._seen_loop:
            if ctx.bot.is_visible(place):
                self._seen_loop[place] = ctx.loop

    def _choose_target(self, ctx: Context) -> Point2 | None:
        """The enemy base that is worth most; when none is known, the place not seen for longest."""
        bases = ctx.board.get(ENEMY_BASES)
        if self._target is not None and any(self._target.distance_to(base) < SEEN_CELLS for base in bases):
            return self._target
        if bases:
            return bases[0]
        own = ctx.board.get(OWN_BASES)
        open_places = [p for p in self._seen_loop if all(p.distance_to(base) > 6.0 for base in own)]
        if not open_places:
            return ctx.board.get(ENEMY_START)
        if self._target in open_places and self._seen_loop[self._target] < ctx.loop - 2 * SEARCH_EVERY_LOOPS:
            return self._target
        # Sorted by nearness to the enemy's start already; the first of those unseen for longest.
        return min(open_places, key=lambda p: self._seen_loop[p] // 1344)

    def _rally(self, ctx: Context) -> Point2:
        """In front of the base that the enemy reaches first; at the top of the ramp while there is one base."""
        bases = ctx.board.get(OWN_BASES) or (ctx.bot.start_location,)
        enemy = ctx.board.get(ENEMY_START) or ctx.bot.game_info.map_center
        ramp = self._ramp(ctx)
        if len(bases) == 1 and ramp is not None and ramp.distance_to(bases[0]) < 40.0:
            return ramp.towards(bases[0], 4.0)
        outer = [base for base in bases if base.distance_to(ctx.bot.start_location) > 5.0] or list(bases)
        base = min(outer, key=lambda b: (b.distance_to(enemy), b))
        spot = base.towards(enemy, RALLY_CELLS)
        return spot if ctx.bot.in_pathing_grid(spot) else base.towards(ctx.bot.game_info.map_center, RALLY_CELLS)

    def _ramp(self, ctx: Context) -> Point2 | None:
        try:
            return Point2(ctx.bot.main_base_ramp.top_center)
        except Exception:  # python-sc2 raises ValueError where a map has no such ramp
            return None

    # -- goals ---------------------------------------------------------------------------------

    def _post(self, ctx: Context, threats: tuple[Threat, ...]) -> None:
        priority = 20.0
        for threat in threats:
            area = PositionArea(threat.center, threat.radius + DEFEND_MARGIN, "threatened base")
            ctx.board.post(
                Upc.order(
                    Command.DEFEND,
                    position=area,
                    priority=priority,
                    parent=self._root,
                    note=f"{len(threat.tags)} enemies",
                )
            )
            priority -= 1.0
        if self._stance.value == ATTACK and self._target is not None:
            ctx.board.post(
                Upc.attack(
                    position=PositionArea(self._target, ATTACK_RADIUS, "enemy base"),
                    priority=10.0,
                    parent=self._root,
                    note=self._stance.why,
                )
            )
