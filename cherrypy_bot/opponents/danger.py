"""What a planned opponent knows of its enemy: how strong it is where, and whether it is at home."""

from __future__ import annotations

from sc2.bot_ai import BotAI
from sc2.ids.unit_typeid import UnitTypeId
from sc2.position import Point2
from sc2.unit import Unit
from sc2.units import Units

from cherrypy_bot.opponents.casts import STATIC_DEFENCE
from cherrypy_bot.opponents.plans.plan import BUILDERS

U = UnitTypeId

NO_FIGHTERS = BUILDERS | {
    U.OVERLORD,
    U.OVERLORDTRANSPORT,
    U.OVERLORDCOCOON,
    U.OVERSEER,
    U.LARVA,
    U.EGG,
    U.MULE,
    U.QUEEN,
    U.INTERCEPTOR,
    U.BROODLING,
    U.BANELINGCOCOON,
    U.RAVAGERCOCOON,
    U.BROODLORDCOCOON,
    U.OBSERVER,
    U.WARPPRISM,
    U.MEDIVAC,
    U.HIGHTEMPLAR,
    U.AUTOTURRET,
    U.KD8CHARGE,
    U.ADEPTPHASESHIFT,
    U.LOCUSTMP,
}
HOME_CELLS = 17.0
"""An enemy this near to an own townhall attacks it."""
SAFE_SHARE = 1.4
"""Workers help until the defence is worth so much more than the attack."""
WORKER_WORTH = 15.0
HELP_WORTH = 10.0
"""What a worker adds to a defence."""
PULL_UNTIL_SECONDS = 400.0
"""Later attacks are no work for workers."""


class Danger:
    """Counts enemies.

    Attributes:
        in_danger: enemies at home that are a match for what is there to meet them.
        workers_wanted: how many workers have to fight.
        air_seen: most worth of flying enemies seen at once.
        cloaked_seen: whether the enemy has what only detectors see.
    """

    def __init__(self, bot: BotAI) -> None:
        self._bot = bot
        self._prices: dict[UnitTypeId, float] = {U.ZERGLING: 25.0, U.BROODLING: 5.0, U.INTERCEPTOR: 15.0}
        self._seen: dict[int, tuple[float, Point2, int]] = {}
        self.workers_wanted = 0
        self.in_danger = False
        self.air_seen = 0.0
        self.cloaked_seen = False

    def worth(self, unit: Unit) -> float:
        """What a unit brings to a fight: its price by how healthy it is; structures count where they shoot."""
        full = unit.health_max + unit.shield_max
        share = (unit.health + unit.shield) / full if full else 0.0
        if unit.type_id in BUILDERS:
            return WORKER_WORTH * share
        if unit.is_structure and not (unit.type_id in STATIC_DEFENCE and unit.is_ready):
            return 0.0
        price = self._prices.get(unit.type_id)
        if price is None:
            cost = self._bot.game_data.units[unit.type_id.value].cost
            price = cost.minerals + 1.3 * cost.vespene
            if unit.is_structure:
                price *= 1.6
            self._prices[unit.type_id] = price
        return price * (0.35 + 0.65 * share)

    def remember(self, enemies: Units) -> None:
        """Fighters that were seen a moment ago count in the next decision."""
        now = self._bot.state.game_loop
        for enemy in enemies:
            if enemy.type_id in BUILDERS:
                continue
            self._seen[enemy.tag] = (self.worth(enemy), enemy.position, now)
            if enemy.is_flying and (enemy.can_attack or enemy.type_id in (U.CARRIER, U.BATTLECRUISER, U.ORACLE)):
                self.air_seen = max(self.air_seen, sum(self.worth(e) for e in enemies if e.is_flying))
            if enemy.is_cloaked or enemy.type_id in (U.DARKTEMPLAR, U.BANSHEE, U.LURKERMP, U.LURKERMPBURROWED):
                self.cloaked_seen = True
        if len(self._seen) > 100:
            self._seen = {tag: seen for tag, seen in self._seen.items() if now - seen[2] < 450}

    def on_death(self, tag: int) -> None:
        """A unit that died is no danger any more."""
        self._seen.pop(tag, None)

    def strength_near(self, place: Point2, cells: float, memory_loops: int) -> float:
        """Worth of enemies around `place`, those seen within `memory_loops` included, and of its static defence."""
        now = self._bot.state.game_loop
        units = sum(
            value
            for value, at, when in self._seen.values()
            if now - when <= memory_loops and at.distance_to(place) < cells
        )
        return units + sum(self.worth(s) for s in self._bot.enemy_structures.closer_than(cells, place))

    def find_threats(self, enemies: Units, away: set[int]) -> Units:
        """Enemies, structures included, that are at own townhalls; how many workers have to help against them.

        away: tags of own fighters that are out.
        """
        bot = self._bot
        halls = bot.townhalls
        places = [hall.position for hall in halls] or [bot.start_location]
        near = [e for e in enemies if min(e.distance_to(place) for place in places) < HOME_CELLS]
        built = [
            s
            for s in bot.enemy_structures
            if not s.is_snapshot and min(s.distance_to(place) for place in places) < HOME_CELLS + 3
        ]
        self.workers_wanted = 0
        self.in_danger = False
        lone_scouts = len(near) <= 2 and all(e.type_id in BUILDERS for e in near)
        if not near and not built:
            return Units([], bot)
        fighters = bot.units.exclude_type(NO_FIGHTERS)
        homers = [f for f in fighters if f.tag not in away]
        ours = sum(self.worth(f) for f in homers)
        ours += sum(self.worth(s) for s in bot.structures if s.type_id in STATIC_DEFENCE - {U.SHIELDBATTERY})
        ground = [e for e in near if not e.is_flying]
        theirs = sum(self.worth(e) for e in ground)
        early = bot.time < PULL_UNTIL_SECONDS
        everybody = sum(self.worth(e) for e in near)
        self.in_danger = not lone_scouts and everybody > 50 and everybody > 0.5 * ours
        close = [e for e in ground if min(e.distance_to(place) for place in places) < 13]
        if early and len(close) >= 3 and SAFE_SHARE * theirs > ours:
            missing = int((SAFE_SHARE * theirs - ours) / HELP_WORTH)
            self.workers_wanted = min(missing + 2, int(0.8 * bot.workers.amount))
        offensive = [s for s in built if not s.is_ready or s.type_id in STATIC_DEFENCE or s.type_id is U.PYLON]
        if early and offensive and not any(s.is_ready and s.type_id in STATIC_DEFENCE for s in offensive):
            self.workers_wanted = max(self.workers_wanted, min(4 * len(offensive) + 1, 10) - len(homers))
        if lone_scouts and not built:
            return Units([], bot)
        return Units([*near, *built], bot)
