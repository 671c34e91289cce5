"""An opponent that plays a plan: economy, production and army from the data in `opponents.plans`."""

from __future__ import annotations

import random

from sc2.bot_ai import BotAI
from sc2.data import Race
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId

from cherrypy_bot.opponents.army import Army
from cherrypy_bot.opponents.census import Clerk
from cherrypy_bot.opponents.danger import NO_FIGHTERS
from cherrypy_bot.opponents.plans import plan_called
from cherrypy_bot.opponents.plans.plan import Goal, Item, Place, Plan, have
from cherrypy_bot.opponents.sites import Sites
from cherrypy_bot.opponents.spending import Spending
from cherrypy_bot.opponents.workers import Crew

U = UnitTypeId

AIR_WORTH = 200.0
"""So much in flying fighters makes a plan answer them."""
SCAN_ENERGY = 50
SCAN_LOOPS = 200
AHEAD_SECONDS = 25.0
"""The builder of hidden structures leaves so long before they are due."""

DETECTION: dict[Race, tuple[Item, ...]] = {
    Race.Terran: (have(U.ENGINEERINGBAY), have(U.MISSILETURRET, 2, place=Place.BASES)),
    Race.Protoss: (have(U.FORGE), have(U.PHOTONCANNON, 2, place=Place.BASES), have(U.OBSERVER, 2)),
    Race.Zerg: (have(U.SPORECRAWLER, 2, place=Place.BASES), have(U.LAIR), have(U.OVERSEER, 2)),
}


class PlannedBot(BotAI):
    """Plays one of the plans of `cherrypy_bot.opponents.plans`, with small differences from seed to seed.

    Deterministic: the same observations give the same orders.

    Args:
        plan: name of the plan; it says which race has to be played.
        seed: of the differences: attack times and sizes, worker counts, scouting, where the search goes.

    Raises ValueError for a plan that there is not.

    Example:
        >>> from sc2.player import Bot
        >>> player = Bot(Race.Zerg, PlannedBot("zerg_roach_timing", seed=1))
    """

    def __init__(self, plan: str, seed: int = 0) -> None:
        super().__init__()
        self.seed = seed
        self._rng = random.Random(f"{plan} {seed}")
        self.plan: Plan = plan_called(plan).varied(self._rng)
        self._scouted = False
        self._scan_due = 0
        self._sites = Sites(self, self._rng)
        self._crew = Crew(self)
        self._spending = Spending(self, self.plan, self._sites, self._crew)
        self.army = Army(self, self.plan, self._sites, self._rng)
        self._clerk: Clerk | None = None

    async def on_start(self) -> None:
        """Looks at the map once."""
        if self.race != self.plan.race:
            raise ValueError(
                f"the plan '{self.plan.name}' is for {self.plan.race.name}, not {self.race.name}; change 'race'"
            )
        self._clerk = Clerk(self)
        await self._sites.start()
        self.army.start()

    async def on_unit_destroyed(self, unit_tag: int) -> None:
        """Forgets it."""
        self.army.danger.on_death(unit_tag)

    async def on_step(self, iteration: int) -> None:
        """Workers, money, fighters."""
        assert self._clerk is not None
        self.army.act()
        self._crew.end_scouting()
        self._crew.mine()
        self._crew.defend(self.army.threats, self.army.danger.workers_wanted)
        self._scout()
        self._prepare_far_building()
        self._answer()
        await self._spending.spend(self._clerk.count())
        self._crew.use_energy(self.plan.inject)
        self._scan()

    def _scout(self) -> None:
        """One worker, once; one overlord."""
        due = self.plan.scout_seconds
        if self._scouted or due is None or self.time < due:
            return
        self._scouted = True
        main, natural = self._sites.enemy_bases[:2]
        around = [main.towards(self.game_info.map_center, 6), main.towards(self.game_info.map_center, -5), natural]
        self._crew.look_around(around)
        if self.race == Race.Zerg:
            overlords = self.units(U.OVERLORD)
            if overlords:
                overlords.closest_to(natural).move(natural.towards(self.start_location, 9))

    def _prepare_far_building(self) -> None:
        """The builder of proxies walks ahead of the money."""
        for goal in self.plan.goals:
            if not isinstance(goal, Goal) or goal.place not in (Place.PROXY, Place.ENEMY):
                continue
            assert isinstance(goal.what, UnitTypeId)
            if self.time + AHEAD_SECONDS >= goal.after_seconds and not self.structures(goal.what):
                natural = self._sites.enemy_bases[1].towards(self.start_location, 9)
                self._crew.send_ahead(self._sites.proxy_spot() if goal.place is Place.PROXY else natural)
            return

    def _answer(self) -> None:
        """Goals on top of the plan's: against flyers and against what cannot be seen."""
        extra: list[Item] = []
        if self.plan.detects and self.army.danger.cloaked_seen and self.time > 150:
            extra += [g for g in DETECTION[self.race] if self._can_detect_with(g)]
        if self.army.danger.air_seen > AIR_WORTH:
            extra += self.plan.goals_against_air
            self._spending.extra_army = dict(self.plan.against_air or {})
        self._spending.extra_goals = tuple(extra)
        self._crew.wants_scans = self.plan.detects and self.army.danger.cloaked_seen
        self._spending.in_danger = self.army.danger.in_danger
        self._spending.forward = self.army.front if self.army.attacking else None

    def _can_detect_with(self, goal: Item) -> bool:
        """Observers come only where a robotics facility is planned anyway."""
        if not isinstance(goal, Goal) or goal.what is not U.OBSERVER:
            return True
        return bool(self.structures(U.ROBOTICSFACILITY))

    def _scan(self) -> None:
        """Terran: shows what cannot be seen where fighters are."""
        if self.race != Race.Terran or not self._crew.wants_scans or self.state.game_loop < self._scan_due:
            return
        hidden = [enemy for enemy in self.enemy_units if enemy.is_cloaked and not enemy.is_revealed]
        fighters = self.units.exclude_type(NO_FIGHTERS)
        near = [enemy for enemy in hidden if fighters.closer_than(11, enemy).amount >= 3]
        if not near:
            return
        for orbital in self.townhalls(U.ORBITALCOMMAND).ready:
            if orbital.energy >= SCAN_ENERGY:
                orbital(AbilityId.SCANNERSWEEP_SCAN, near[0].position)
                self._scan_due = self.state.game_loop + SCAN_LOOPS
                return
