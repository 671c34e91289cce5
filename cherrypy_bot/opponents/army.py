"""The fighters of a planned opponent: gather, defend, attack together, turn back from what is too strong.

It decides a few times a second whatever the step of the game is, and gives orders only where they change.
"""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt
from sc2.bot_ai import BotAI
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.position import Point2
from sc2.unit import Unit
from sc2.units import Units

from cherrypy_bot.opponents.casts import CASTS, KITERS, STATIC_DEFENCE, Scene, kite
from cherrypy_bot.opponents.danger import NO_FIGHTERS, Danger
from cherrypy_bot.opponents.plans.plan import BUILDERS, Plan
from cherrypy_bot.opponents.sites import Sites

U = UnitTypeId
Points = npt.NDArray[np.float64]

HARMLESS = {U.OVERLORD, U.OVERSEER, U.LARVA, U.EGG, U.CHANGELING, U.OBSERVER, U.MULE, U.ADEPTPHASESHIFT, U.KD8CHARGE}
TUMOURS = {U.CREEPTUMOR, U.CREEPTUMORBURROWED, U.CREEPTUMORQUEEN}
FOLLOWERS = {U.MEDIVAC, U.OVERSEER, U.OBSERVER, U.RAVEN}
"""They go where the army is."""
DECIDE_LOOPS = 8
SIGHT_CELLS = 13.0
"""What is nearer to a fighter than this is a fight."""
TOGETHER_CELLS = 9.0
"""Fighters further ahead of the first third than this wait for it."""
FIRST_SHARE = 0.3
WAIT_LOOPS = 250
"""They wait no longer than this."""
APART_CELLS = 7.0
FAR_CAUTION = 1.5
"""A wave that is not in a fight yet turns back from so much less..."""
CLOSE_CAUTION = 0.7
"""...than its plan says, and one that fights holds out longer."""
FLEE_LOOPS = 220
"""A wave that turned back does not go again before so many loops."""
RALLY_CELLS = 6.0
QUEEN_CELLS = 12.0
"""Queens defend that far."""
SEARCHED_CELLS = 6.0
SEARCH_LOOPS = 700
"""A search party goes on to another place after so long."""


class Army:
    """Decides for all fighters.

    Args:
        bot: whose. plan: when to attack. sites: where bases are. rng: in which order far places are searched.
    """

    def __init__(self, bot: BotAI, plan: Plan, sites: Sites, rng: random.Random) -> None:
        self._bot, self._plan, self._sites = bot, plan, sites
        self._rng = rng
        self._due = 0
        self._gone_at: int | None = None
        self._flee_until = 0
        self._orders: dict[int, tuple[str, Point2 | int]] = {}
        self._ready_at: dict[tuple[int, str], int] = {}
        self._grounds: list[Point2] = []
        self._raid: set[int] = set()
        self._waiting_since = 0
        self._impatient_until = 0
        self._main_searched = False
        self.attacking: set[int] = set()
        self.waves = 0
        self.threats: Units
        self.danger = Danger(bot)

    def start(self) -> None:
        """Fixes where the enemy is looked for once its known structures are gone."""
        near, far = self._sites.enemy_bases[:4], self._sites.enemy_bases[4:]
        self._rng.shuffle(far)
        self._grounds = [*near, *far]
        self.threats = Units([], self._bot)

    @property
    def rally(self) -> Point2:
        """Where fighters gather."""
        base = self._sites.newest_base()
        return base.towards(self._bot.game_info.map_center, RALLY_CELLS)

    @property
    def front(self) -> Point2 | None:
        """Middle of the wave that is out; None without one."""
        out = self._bot.units.tags_in(self.attacking)
        return out.center if out else None

    def act(self) -> None:
        """Orders for everybody who fights."""
        bot, now = self._bot, self._bot.state.game_loop
        if now < self._due:
            return
        self._due = now + DECIDE_LOOPS
        fighters = bot.units.exclude_type(NO_FIGHTERS)
        enemies = bot.enemy_units.exclude_type(HARMLESS)
        self.danger.remember(enemies)
        self.attacking &= fighters.tags
        self._raid &= fighters.tags
        self.threats = self.danger.find_threats(enemies, self.attacking)
        at_home = fighters.tags_not_in(self.attacking | self._raid)
        self._launch(at_home)
        at_home = fighters.tags_not_in(self.attacking | self._raid)
        shots = list(enemies) + [s for s in bot.enemy_structures if s.type_id in STATIC_DEFENCE]
        self._home(at_home, shots)
        self._attack(fighters.tags_in(self.attacking), shots)
        self._raiders(fighters.tags_in(self._raid), shots)
        self._follow(fighters)
        self._merge_templar()
        if now % 64 < DECIDE_LOOPS:
            alive = bot.units.tags
            self._orders = {tag: order for tag, order in self._orders.items() if tag in alive}

    # -- deciding ----------------------------------------------------------------------------------------
    def _launch(self, at_home: Units) -> None:
        """Sends the next wave, or what is new after the one that is out."""
        bot, plan = self._bot, self._plan.attack
        if plan.raiders:
            ready = [unit for unit in at_home if unit.type_id in plan.raiders]
            if len(ready) + len(self._raid) >= plan.raid_count and not self.threats:
                self._raid |= {unit.tag for unit in ready}
                at_home = at_home.tags_not_in(self._raid)
        supply = sum(bot.calculate_supply_cost(unit.type_id) for unit in at_home)
        now = bot.state.game_loop
        if not at_home or now < self._flee_until:
            return
        if self.threats and supply < 90 and sum(self.danger.worth(t) for t in self.threats) > 60:
            return
        if self.attacking:
            if plan.reinforce is not None and supply >= plan.reinforce:
                self.attacking |= at_home.tags
            return
        first = self.waves == 0
        wanted = plan.supply if first else plan.then_supply
        due = bot.time >= plan.after_seconds and supply >= wanted
        due = due or (first and bot.time >= plan.by_seconds and supply >= 0.5 * wanted)
        due = due or bot.supply_used >= 185
        if due:
            self.attacking |= at_home.tags
            self.waves += 1
            self._gone_at = now

    def _home(self, at_home: Units, shots: list[Unit]) -> None:
        """Those that are not out defend or gather."""
        self._queens(shots)
        at_home = at_home.tags_not_in(self._garrison(at_home))
        if not at_home:
            return
        if not self.threats:
            rally = self.rally
            for unit in at_home:
                if unit.distance_to(rally) > 6:
                    if unit.type_id is U.SIEGETANKSIEGED:
                        unit(AbilityId.UNSIEGE_UNSIEGE)
                    else:
                        self._order(unit, "attack", rally)
            return
        ours = sum(self.danger.worth(unit) for unit in at_home) + 14.0 * self.danger.workers_wanted
        middle = self.threats.center
        theirs = self.danger.strength_near(middle, 14, 60)
        halls = self._bot.townhalls
        if theirs > 2.5 * ours and halls and self._bot.time > 330:
            # Too strong to meet: wait at the townhall that is furthest from them for more to come.
            refuge = halls.furthest_to(middle).position
            for unit in at_home:
                if unit.distance_to(refuge) > 9:
                    self._order(unit, "attack", refuge)
            return
        self._fight(at_home, shots, fallback=middle, home=self.rally)

    def _queens(self, shots: list[Unit]) -> None:
        """Queens fight what comes to their townhall."""
        for queen in self._bot.units(U.QUEEN):
            near = [e for e in shots if e.distance_to(queen) < QUEEN_CELLS]
            if near and self.threats:
                self._order(queen, "attack", min(near, key=lambda e: (e.distance_to(queen), e.tag)).position)

    def _garrison(self, at_home: Units) -> set[int]:
        """Marines go into bunkers; returns the tags of those on their way."""
        marines = at_home(U.MARINE)
        sent: set[int] = set()
        for bunker in self._bot.structures(U.BUNKER).ready:
            room = bunker.cargo_max - bunker.cargo_used
            for marine in marines.tags_not_in(sent).sorted_by_distance_to(bunker)[: int(room)]:
                if marine.distance_to(bunker) < 25:
                    marine.smart(bunker)
                    self._orders.pop(marine.tag, None)
                    sent.add(marine.tag)
        return sent

    def _attack(self, out: Units, shots: list[Unit]) -> None:
        """The wave: together to the target; home again where it is too weak."""
        if not out:
            return
        now = self._bot.state.game_loop
        places = _positions(out)
        middle = Point2((float(np.median(places[:, 0])), float(np.median(places[:, 1]))))
        if now < self._flee_until:
            self._go_home(out)
            return
        target = self._target(out, middle)
        if self._main_searched and not self._bot.enemy_structures.exclude_type(TUMOURS) and not shots:
            self._search(out)
            return
        ahead = np.hypot(places[:, 0] - target.x, places[:, 1] - target.y)
        contact = self._contact(places, shots)
        if contact is not None and self._plan.attack.flee_below > 0:
            ours = sum(self.danger.worth(u) for u in out if u.distance_to(contact) < 16)
            everything = sum(self.danger.worth(u) for u in out)
            theirs = self.danger.strength_near(contact, 15, 90)
            rest_is_far = ours < 0.6 * everything
            least = self._plan.attack.flee_below * (FAR_CAUTION if self._apart(out, shots) else CLOSE_CAUTION)
            if theirs > 150 and ours < least * theirs and (rest_is_far or everything < theirs):
                self._flee_until = now + FLEE_LOOPS
                self._go_home(out)
                return
        pace = float(np.quantile(ahead, FIRST_SHARE))
        patient = now >= self._impatient_until
        waiting = [
            unit
            for unit, distance in zip(out, ahead, strict=True)
            if patient and distance < pace - TOGETHER_CELLS and contact is None and not unit.is_flying
        ]
        if not waiting:
            self._waiting_since = now
        elif now - self._waiting_since > WAIT_LOOPS:
            self._impatient_until = now + 2 * WAIT_LOOPS
        wait_tags = {unit.tag for unit in waiting}
        for unit in waiting:
            self._order(unit, "attack", middle)
        self._fight(out.tags_not_in(wait_tags), shots, fallback=target, home=self.rally)

    def _apart(self, out: Units, shots: list[Unit]) -> bool:
        """Whether nobody fights yet: a wave can still leave without loss."""
        return all(e.position.distance_to_closest(out) > APART_CELLS for e in shots if e.type_id not in BUILDERS)

    def _go_home(self, out: Units) -> None:
        """Back to the rally; whoever is there waits for the next wave."""
        rally = self.rally
        for unit in out:
            if unit.type_id is U.SIEGETANKSIEGED:
                unit(AbilityId.UNSIEGE_UNSIEGE)
            elif unit.distance_to(rally) < 10:
                self.attacking.discard(unit.tag)
            else:
                self._order(unit, "move", rally)
        if self._bot.state.game_loop + DECIDE_LOOPS >= self._flee_until:
            self.attacking.clear()

    def _target(self, out: Units, middle: Point2) -> Point2:
        """The nearest known structure that somebody can shoot, else places to search one after the other."""
        structures = self._bot.enemy_structures
        air = any(unit.can_attack_air for unit in out)
        # Tumours come and go with detection; nobody loses a game with the last of them.
        known = [s for s in structures if s.type_id not in TUMOURS and (not s.is_flying or air)]
        if known:
            return min(known, key=lambda s: (s.distance_to(middle), s.tag)).position
        if middle.distance_to(self._sites.enemy_bases[0]) < SEARCHED_CELLS:
            self._main_searched = True
        if not self._main_searched:
            return self._sites.enemy_bases[0]
        place = self._grounds[0]
        if any(unit.distance_to(place) < SEARCHED_CELLS for unit in out):
            self._grounds.append(self._grounds.pop(0))
        return self._grounds[0]

    def _search(self, out: Units) -> None:
        """Nothing of the enemy is known: everybody looks somewhere else."""
        for index, unit in enumerate(out.sorted(lambda u: u.tag)):
            if unit.type_id is U.SIEGETANKSIEGED:
                unit(AbilityId.UNSIEGE_UNSIEGE)
            elif unit.is_idle:
                turn = self._bot.state.game_loop // SEARCH_LOOPS
                self._order(unit, "attack", self._grounds[(index + turn) % len(self._grounds)])

    def _raiders(self, raid: Units, shots: list[Unit]) -> None:
        """A few on their own: the enemy's mineral lines, away from what can shoot them."""
        if not raid:
            return
        bot = self._bot
        goals = [p for p in self._sites.enemy_bases[:3] if bot.enemy_structures.closer_than(6, p)]
        goals = goals or self._sites.enemy_bases[:1]
        for unit in raid:
            danger = [
                s
                for s in shots
                if (s.can_attack_air if unit.is_flying else s.can_attack_ground)
                and s.type_id not in BUILDERS
                and s.distance_to(unit) < 8.5
            ]
            hidden = unit.is_cloaked and not any(s.is_detector for s in shots if s.distance_to(unit) < 12)
            strong = sum(self.danger.worth(s) for s in danger) > 1.1 * sum(
                self.danger.worth(u) for u in raid if u.distance_to(unit) < 9
            )
            scene = self._scene(unit, shots)
            if (strong and not hidden) or unit.health_percentage < 0.35:
                away = unit.position.towards(danger[0], -7) if danger else self.rally
                self._order(unit, "move", away)
                continue
            cast = CASTS.get(unit.type_id)
            if cast is not None and cast(scene):
                continue
            goal = goals[unit.tag % len(goals)] if len(raid) > 3 else goals[0]
            prey = [e for _, e in scene.enemies if e.type_id in BUILDERS]
            if prey and scene.enemies[0][0] < 9:
                self._order(unit, "hunt", prey[0].tag)
            elif unit.distance_to(goal) > 6:
                self._order(unit, "attack" if unit.distance_to(goal) < 14 else "move", goal)
            else:
                self._order(unit, "attack", goal)

    # -- doing -------------------------------------------------------------------------------------------
    def _contact(self, places: Points, shots: list[Unit]) -> Point2 | None:
        """Where the wave meets enemies; None while it walks."""
        if not shots:
            return None
        enemies = np.array([(e.position.x, e.position.y) for e in shots if e.type_id not in BUILDERS])
        if not len(enemies):
            return None
        gaps = np.hypot(places[:, None, 0] - enemies[None, :, 0], places[:, None, 1] - enemies[None, :, 1])
        nearest = gaps.min(axis=0)
        index = int(nearest.argmin())
        return Point2((float(enemies[index, 0]), float(enemies[index, 1]))) if nearest[index] < SIGHT_CELLS else None

    def _fight(self, units: Units, shots: list[Unit], fallback: Point2, home: Point2) -> None:
        """Each fights what is near it, or walks on to `fallback`, fighting."""
        if not units:
            return
        bot = self._bot
        step = int(bot.client.game_step)
        places = _positions(units)
        gaps: Points | None = None
        if shots:
            enemies = np.array([(e.position.x, e.position.y) for e in shots])
            gaps = np.hypot(places[:, None, 0] - enemies[None, :, 0], places[:, None, 1] - enemies[None, :, 1])
            flying = np.array([e.is_flying for e in shots])
        structures = bot.enemy_structures
        built = np.array([(s.position.x, s.position.y) for s in structures]) if structures else None
        for row, unit in enumerate(units):
            near: list[tuple[float, Unit]] = []
            if gaps is not None:
                distances = gaps[row]
                reach = (distances < SIGHT_CELLS + 3) & (~flying if not unit.can_attack_air else True)
                close = np.nonzero(reach)[0]
                near = sorted(((float(distances[i]), shots[i]) for i in close), key=lambda e: (e[0], e[1].tag))
            special = unit.type_id in CASTS or unit.type_id in KITERS
            if special:
                seen = near
                if built is not None and unit.type_id in (U.SIEGETANK, U.SIEGETANKSIEGED, U.RAVAGER, U.VOIDRAY):
                    away = np.hypot(built[:, 0] - unit.position.x, built[:, 1] - unit.position.y)
                    seen = near + [(float(away[i]), structures[int(i)]) for i in np.nonzero(away < 16)[0]]
                scene = Scene(unit, seen, bot.state.game_loop, self._ready_at, home, bot.state.upgrades)
                cast = CASTS.get(unit.type_id)
                if cast is not None and cast(scene):
                    self._orders.pop(unit.tag, None)
                    continue
                if unit.type_id in KITERS and kite(scene, max(step, DECIDE_LOOPS)):
                    self._orders.pop(unit.tag, None)
                    continue
            goal = near[0][1].position if near else fallback
            self._order(unit, "attack", goal)

    def _scene(self, unit: Unit, shots: list[Unit]) -> Scene:
        near = sorted(((e.distance_to(unit), e) for e in shots), key=lambda e: (e[0], e[1].tag))
        bot = self._bot
        return Scene(
            unit, [e for e in near if e[0] < 16], bot.state.game_loop, self._ready_at, self.rally, bot.state.upgrades
        )

    def _order(self, unit: Unit, kind: str, to: Point2 | int) -> None:
        """Gives an order unless the unit follows the same one already."""
        old = self._orders.get(unit.tag)
        if old is not None and old[0] == kind and not unit.is_idle:
            if isinstance(to, int):
                if old[1] == to:
                    return
            elif isinstance(old[1], Point2) and old[1].distance_to(to) < 2.5:
                return
        self._orders[unit.tag] = (kind, to)
        if isinstance(to, int):
            prey = self._bot.enemy_units.find_by_tag(to)
            if prey is not None:
                unit.attack(prey)
        elif kind == "move":
            unit.move(to)
        else:
            unit.attack(to)

    def _follow(self, fighters: Units) -> None:
        """Healers and eyes go with the wave, else with those at home."""
        bot = self._bot
        followers = bot.units.of_type(FOLLOWERS)
        if not followers:
            return
        out = fighters.tags_in(self.attacking)
        company = out or fighters
        if not company:
            return
        middle = company.center
        lead = company.closest_to(middle).position
        for index, unit in enumerate(followers.sorted(lambda f: f.tag)):
            if unit.type_id is U.MEDIVAC:
                self._order(unit, "attack", lead)
            elif index and unit.type_id is not U.RAVEN:
                self._order(unit, "move", self.rally)
            else:
                self._order(unit, "move", lead)

    def _merge_templar(self) -> None:
        """Two high templar become an archon."""
        templar = self._bot.units(U.HIGHTEMPLAR).ready.idle.sorted(lambda t: t.tag)
        for first, second in zip(templar[::2], templar[1::2], strict=False):
            first(AbilityId.ARCHON_WARP_TARGET, second)


def _positions(units: Units) -> Points:
    """float64[n, 2]."""
    return np.array([(unit.position.x, unit.position.y) for unit in units], dtype=np.float64).reshape(-1, 2)
