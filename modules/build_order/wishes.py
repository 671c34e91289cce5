"""What a build wants next, in the order of importance: a pure function of the build and the situation."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U

from modules.build_order.alarm import army_supply, enough_for_alarm, seen_supply, without_larvae
from modules.build_order.builds import Build, by_bases, is_army
from modules.build_order.conditions import Facts
from modules.build_order.hooks import HOOKS
from modules.build_order.planner import Fill, Wish
from modules.items import ADDONS, SUPPLY_EACH, TOWNHALLS, Catalogue, Item

WORKER_LOOPS = 272
ZERG_SUPPLY_LOOPS = 120
"""A hatchery with a queen gives supply about so fast; steps of later supplies wait although there is money for them."""
ZERG_SUPPLY_SLACK = 2
FLOATING_MINERALS = 350
"""With more than this in the bank another production structure pays."""
RICH_MINERALS = 900
"""With more than this another base pays, whatever the build says."""
RICH_ZERG_MINERALS = 400
ARMY_PER_WORKER = 0.55
ARMY_PER_SEEN = 1.3
"""A third base of Protoss waits for so much supply of fighters, coming ones included: per worker, and per supply of
fighters seen of the enemy, who has more than what was seen."""
MINERALS_PER_EXTRA_STRUCTURE = 250
LEAST_WORKERS = 16
"""In an emergency fighters come before any worker beyond these."""
WORKERS_BEFORE_GAS = 13
EXACT_STEPS_WORKERS = 22
"""With fewer workers a step whose supply is reached comes before the next worker, as players do it."""
DRONES_FIRST_SHARE = 0.8
TEMPLAR_PER_ARCHON = 2
MOST_BASES = 5
UPGRADES_AT_ONCE = 4
UPGRADES_FIRST = 2
"""So many of them come before more fighters."""
ALARM_DEFENCES = 1
ALARM_PRODUCERS = 3
ALARM_BATTERIES = 2
"""Shield Batteries per base against an early attack."""
MOST_BATTERIES = 4
BATTERIES_FROM_ARMY = 4.0
ALARM_WITHIN_LOOPS = 160
"""When fighters are needed, those that can be begun so soon count before better ones."""
ALARM_SUPPLY_LEFT = 4
FIRST_FIGHTER = {Race.Terran: U.MARINE, Race.Protoss: U.ZEALOT, Race.Zerg: U.ZERGLING}
HELPERS = frozenset({U.MEDIVAC, U.RAVEN, U.OBSERVER, U.OVERSEER, U.INFESTOR, U.VIPER, U.WARPPRISM})
"""They win no fight alone."""
GUARD_WITHIN_LOOPS = 500
"""A guard that cannot be made soon does not hold up the rest."""
FULL_SUPPLY = 200
SUPPLY_AHEAD_FROM = {Race.Terran: 28, Race.Protoss: 28, Race.Zerg: 22}
"""Before that openings say themselves when to make supply."""
SUPPLY_AHEAD_LOOPS = 540
MOST_SUPPLY_AT_ONCE = 3
MINERALS_PER_SUPPLY = {Race.Terran: 55.0, Race.Protoss: 65.0, Race.Zerg: 45.0}
"""How much of the income buys one supply, about: workers 50, roaches 37, structures none."""

OPENING_SUPPLY_PRICE = 1.3
OPENING_SUPPLY_UNTIL = 44
"""Until then an opening buys technology too: one supply costs so much more of its income."""

_NOTHING = Facts()


@dataclass(frozen=True, slots=True)
class Situation:
    """What the wishes depend on.

    Attributes:
        have: alive, finished or coming, better forms counted as the simpler ones too.
        finished: finished only.
        made: ever made, of what is not rebuilt during an opening (army units).
        workers: alive and coming. start_workers: at loop 0.
        bases: townhalls finished, coming or on the way to be built. ready_bases: finished ones.
        supply_used, minerals: now.
        emergency: our bases are attacked by more than our army can stop.
        alarm: an early attack is expected.
        threatened: enemies are at our bases, or were a moment ago: no time for new ones.
        near: of `have`, structures that stand or are wanted near a named place.
        no_room: structures for which no place was found lately.
        opening_over: the opening is finished or given up.
        supply_coming: supply that is given now or will be soon. mineral_rate: income per loop.
        facts: what conditions of the build are about.
    """

    have: Mapping[Item, int] = field(default_factory=dict)
    finished: Mapping[Item, int] = field(default_factory=dict)
    made: Mapping[Item, int] = field(default_factory=dict)
    workers: int = 12
    start_workers: int = 12
    bases: int = 1
    ready_bases: int = 1
    supply_used: float = 12
    minerals: float = 50
    emergency: bool = False
    alarm: bool = False
    threatened: bool = False
    near: Mapping[tuple[Item, str], int] = field(default_factory=dict)
    no_room: frozenset[U] = frozenset()
    opening_over: bool = False
    supply_coming: float = 200
    mineral_rate: float = 0.0
    facts: Facts = _NOTHING

    @property
    def seen(self) -> Mapping[Item, int]:
        """Enemy units known to live, by type."""
        return self.facts.seen


def wishes(build: Build, now: Situation, catalogue: Catalogue) -> list[Wish | Fill]:
    """Everything that the build wants now, most important first."""
    found = _wishes(build, now, catalogue)
    return HOOKS[build.hook](build, now, found, catalogue) if build.hook else found


def _wishes(build: Build, now: Situation, catalogue: Catalogue) -> list[Wish | Fill]:
    found: list[Wish | Fill] = []
    if now.bases == 0:
        found.append(Wish(catalogue.townhall, 1, "no base left"))
    if now.emergency:
        return found + _emergency(build, now, catalogue)
    zerg = catalogue.race == Race.Zerg
    if now.alarm and (catalogue.race == Race.Terran or not enough_for_alarm(now, catalogue)):
        return found + _alarm(build, now, catalogue)
    opening = [] if now.opening_over else opening_wishes(build, now, catalogue)
    found += _supply_ahead(now, catalogue)
    if not zerg:
        found += [w for w in opening if _townhall_work(w, now, catalogue)]
        found += _morphs(now, catalogue) if now.opening_over or now.ready_bases > 1 else []
        found += _due_exactly([w for w in opening if w not in found], now, catalogue)
        found.append(_next_workers(build, now, catalogue))
    if not now.opening_over:
        return found + [w for w in opening if w not in found] + _beside_the_opening(build, opening, now, catalogue)
    return found + composition_wishes(build, now, catalogue)


def opening_wishes(build: Build, now: Situation, catalogue: Catalogue) -> list[Wish]:
    """What is left of the opening; [] when everything in it exists or is coming.

    Zerg sees it as one list, drones between the steps included. The others make workers all the time, and a
    step may start when the supply in use will have reached its number.
    """
    found: list[Wish] = []
    zerg = catalogue.race == Race.Zerg
    total: dict[Item | tuple[Item, str], int] = {catalogue.worker: now.start_workers, catalogue.townhall: 1}
    missing: dict[Item, int] = {}
    if zerg:
        total[catalogue.supply] = 1
    supply = float(now.start_workers)
    done = True
    for step in build.opening:
        facts = catalogue.get(step.item)
        if facts is None:
            continue
        drones = max(0, step.supply - int(supply)) if zerg else 0
        total[catalogue.worker] += drones
        supply += drones
        if drones:
            found.append(Wish(catalogue.worker, total[catalogue.worker], "opening"))
        supply += facts.supply * step.count / facts.amount
        if zerg and facts.structure:
            total[catalogue.worker] -= 1
            supply -= 1
        if step.near:
            key = (step.item, step.near)
            total[key] = total.get(key, 0) + step.count
            lacking = total[key] - now.near.get(key, 0)
        else:
            total[step.item] = total.get(step.item, 0) + step.count
            elsewhere = sum(count for (item, _), count in now.near.items() if item is step.item)
            lacking = total[step.item] - _lost(step.item, now) - (now.have.get(step.item, 0) - elsewhere)
        lacking = min(step.count, lacking)
        if lacking <= 0:
            continue
        missing[step.item] = missing.get(step.item, 0) + lacking
        wanted = now.have.get(step.item, 0) + missing[step.item]
        done = False
        if not step.when.holds(now.facts):
            continue
        growing = zerg or now.workers < by_bases(build.workers, now.ready_bases)
        ahead = step.supply - now.supply_used - (ZERG_SUPPLY_SLACK if zerg else 0)
        wait = ahead * (ZERG_SUPPLY_LOOPS if zerg else WORKER_LOOPS) / max(1, now.ready_bases) if growing else 0.0
        wait = max(0.0, wait, step.at_loops - now.facts.loop)
        found.append(Wish(step.item, wanted, f"opening {step.supply}", not_before=round(wait), near=step.near))
    return [] if done else found


def _supply_ahead(now: Situation, catalogue: Catalogue) -> list[Wish | Fill]:
    """Supply for what the income will buy while the next provider is made: larvae and warp-ins come in bursts."""
    if now.supply_used < SUPPLY_AHEAD_FROM[catalogue.race] or now.supply_coming >= FULL_SUPPLY:
        return []
    per_supply = MINERALS_PER_SUPPLY[catalogue.race]
    if not now.opening_over and now.supply_used < OPENING_SUPPLY_UNTIL:
        per_supply *= OPENING_SUPPLY_PRICE
    wanted = min(FULL_SUPPLY, now.supply_used + now.mineral_rate * SUPPLY_AHEAD_LOOPS / per_supply)
    missing = math.ceil((wanted - now.supply_coming) / SUPPLY_EACH)
    if missing <= 0:
        return []
    return [Wish(catalogue.supply, now.have.get(catalogue.supply, 0) + min(missing, MOST_SUPPLY_AT_ONCE), "supply")]


def _beside_the_opening(build: Build, opening: list[Wish], now: Situation, catalogue: Catalogue) -> list[Wish | Fill]:
    """What the steps leave money and slots for; Zerg's larvae are for the steps alone, and a base comes first."""
    if catalogue.race == Race.Zerg or any(wish.item in TOWNHALLS for wish in opening):
        return []
    return [_army(build, now)]


def composition_wishes(build: Build, now: Situation, catalogue: Catalogue) -> list[Wish | Fill]:
    """What the build wants after its opening."""
    zerg = catalogue.race == Race.Zerg
    gas = min(by_bases(build.gas, now.ready_bases), (now.workers - WORKERS_BEFORE_GAS) // 4 + 1)
    found: list[Wish | Fill] = []
    for unit, counts in build.guard.items():
        found.append(Wish(unit, by_bases(counts, now.ready_bases), "guard", latest=GUARD_WITHIN_LOOPS))
    if now.no_room and catalogue.race == Race.Protoss:
        found.append(Wish(U.PYLON, now.have.get(U.PYLON, 0) + 1, "room to build"))
    queens = by_bases(build.structures.get(U.QUEEN, ()), now.ready_bases)
    if queens:
        found.append(Wish(U.QUEEN, queens))
    if gas > 0:
        found.append(Wish(catalogue.gas, gas))
    found += _expansion(build, now, catalogue)
    if zerg:
        found += _drones(build, now, catalogue)
    found += _tech_of_army(build, now, catalogue)
    found += _addons(build, now)
    # Before the army, which never has enough: what makes the next fighters more, and better.
    found += _production(build, now)
    upgrades = _upgrades(build, now)
    found += upgrades[:UPGRADES_FIRST]
    found.append(_army(build, now))
    found += upgrades[UPGRADES_FIRST:]
    found += _more_production(build, now, catalogue)
    if zerg:
        found.append(_next_workers(build, now, catalogue))
    return found


def _emergency(build: Build, now: Situation, catalogue: Catalogue) -> list[Wish | Fill]:
    """Fighters that can be begun at once; structures that make them; no bases, no gas."""
    few = Wish(catalogue.worker, min(LEAST_WORKERS, now.workers + now.ready_bases), latest=WORKER_LOOPS)
    producer = _main_producer(build, catalogue) or U.SPAWNINGPOOL
    return [
        few,
        Wish(producer, 1, "emergency"),
        *_room_for_fighters(now, catalogue),
        _fighters(build, now, catalogue),
        *_batteries(now, catalogue),
        *(
            without_larvae(build, now)
            if catalogue.race == Race.Zerg
            else [Wish(producer, ALARM_PRODUCERS - 1, "emergency")]
        ),
        _army(build, now),
        _next_workers(build, now, catalogue),
        *_production(build, now),
        *_more_production(build, now, catalogue),
    ]


def _alarm(build: Build, now: Situation, catalogue: Catalogue) -> list[Wish | Fill]:
    """An early attack comes: workers, production, a defence and fighters; new bases when the guard stands."""
    opening: list[Wish | Fill] = [
        wish
        for wish in ([] if now.opening_over else opening_wishes(build, now, catalogue))
        if wish.item is not catalogue.worker and wish.item is not catalogue.gas
    ]
    bases = [wish for wish in opening if isinstance(wish, Wish) and wish.item in TOWNHALLS]
    zerg = catalogue.race == Race.Zerg
    found: list[Wish | Fill] = []
    if zerg:
        found = [Wish(catalogue.worker, min(LEAST_WORKERS, by_bases(build.workers, now.ready_bases)))]
    producer = _main_producer(build, catalogue)
    found.append(Wish(producer, 1, "alarm") if producer is not None else Wish(U.SPAWNINGPOOL))
    found += _room_for_fighters(now, catalogue)
    found.append(_fighters(build, now, catalogue))
    found += without_larvae(build, now) if zerg else [_next_workers(build, now, catalogue)]
    if producer is not None:
        found.append(Wish(producer, ALARM_PRODUCERS - 1, "alarm"))
    found += _batteries(now, catalogue)
    found += [
        Wish(kind, ALARM_DEFENCES, "alarm") for kind in catalogue.static_defence if _has_tech(kind, now, catalogue)
    ]
    if producer is not None:
        found.append(Wish(producer, ALARM_PRODUCERS, "alarm"))
    for unit, counts in build.guard.items():
        found.append(Wish(unit, by_bases(counts, 2), "guard", latest=GUARD_WITHIN_LOOPS))
    found += [wish for wish in opening if wish not in bases]
    found.append(_army(build, now))
    if zerg:
        found.append(_next_workers(build, now, catalogue))
    guarded = all(now.finished.get(unit, 0) >= by_bases(counts, 1) for unit, counts in build.guard.items())
    return found + (bases if guarded and not now.threatened else [])


def _fighters(build: Build, now: Situation, catalogue: Catalogue) -> Fill:
    """What the army is made of as far as it can be made now, else the race's first fighter."""
    kinds = {
        unit: share
        for unit, share in build.army.items()
        if share > 0 and unit in catalogue and _has_tech(unit, now, catalogue) and _has_maker(unit, now, catalogue)
    }
    kinds = _with_few_helpers(kinds, now) or {FIRST_FIGHTER[catalogue.race]: 1.0}
    return Fill(kinds, {unit: now.have.get(unit, 0) for unit in kinds}, within=ALARM_WITHIN_LOOPS)


def _room_for_fighters(now: Situation, catalogue: Catalogue) -> list[Wish | Fill]:
    """Supply before it is short: the next fighters are planned one by one, too late for what feeds them."""
    if now.supply_coming - now.supply_used > ALARM_SUPPLY_LEFT or now.supply_coming >= FULL_SUPPLY:
        return []
    return [Wish(catalogue.supply, now.have.get(catalogue.supply, 0) + 1, "supply for fighters")]


def _batteries(now: Situation, catalogue: Catalogue) -> list[Wish]:
    """Shield Batteries of Protoss once there are fighters to recharge: the cheapest defence, and it needs no gas."""
    if catalogue.race != Race.Protoss or army_supply(now, catalogue) < BATTERIES_FROM_ARMY:
        return []
    if not _has_tech(U.SHIELDBATTERY, now, catalogue):
        return []
    return [Wish(U.SHIELDBATTERY, min(ALARM_BATTERIES * now.ready_bases, MOST_BATTERIES), "battery")]


def _has_maker(item: Item, now: Situation, catalogue: Catalogue) -> bool:
    return any(maker is U.LARVA or now.finished.get(maker, 0) for maker in catalogue[item].makers)


def _has_tech(item: Item, now: Situation, catalogue: Catalogue) -> bool:
    return all(now.finished.get(needed, 0) for needed in catalogue[item].requires)


def _lost(item: Item, now: Situation) -> int:
    """Army units that were made and are gone: an opening does not make them again."""
    if not is_army(item):
        return 0
    return max(0, now.made.get(item, 0) - now.have.get(item, 0))


def _townhall_work(wish: Wish, now: Situation, catalogue: Catalogue) -> bool:
    """A wish that townhalls carry out and that can start now: before the next workers."""
    facts = catalogue[wish.item]
    return (
        facts.makers[0] in TOWNHALLS
        and wish.item is not catalogue.worker
        and wish.not_before == 0
        and all(now.finished.get(needed, 0) for needed in facts.requires)
    )


def _due_exactly(opening: list[Wish], now: Situation, catalogue: Catalogue) -> list[Wish]:
    """Structures that lead the first steps and whose supply is reached: a worker more would put all behind it off."""
    if catalogue.race != Race.Protoss or now.workers >= EXACT_STEPS_WORKERS:
        return []
    due = itertools.takewhile(lambda wish: wish.not_before == 0 and catalogue[wish.item].structure, opening)
    return list(due)


def _next_workers(build: Build, now: Situation, catalogue: Catalogue) -> Wish:
    """Workers up to the target; one round of all townhalls at a time, as larvae allow for Zerg."""
    target = by_bases(build.workers, now.ready_bases)
    # A base that is nearly finished wants workers when it is.
    if now.bases > now.ready_bases:
        target = max(target, min(target + 6, by_bases(build.workers, now.bases)))
    if catalogue.race == Race.Zerg:
        return Wish(catalogue.worker, target)
    return Wish(catalogue.worker, min(target, now.workers + now.ready_bases), latest=WORKER_LOOPS)


def _drones(build: Build, now: Situation, catalogue: Catalogue) -> list[Wish | Fill]:
    """Larvae for drones first; beyond most of the target every other larva is for the army."""
    target = _next_workers(build, now, catalogue).count
    share = round(DRONES_FIRST_SHARE * target)
    if now.workers < share:
        return [Wish(catalogue.worker, share)]
    return [
        Wish(catalogue.worker, min(target, now.workers + 1)),
        _army(build, now, within=240, most=3),
    ]


def _morphs(now: Situation, catalogue: Catalogue) -> list[Wish]:
    """Orbital Commands as soon as they can be."""
    if catalogue.race != Race.Terran or not now.finished.get(U.BARRACKS, 0):
        return []
    return [Wish(U.ORBITALCOMMAND, now.ready_bases, latest=WORKER_LOOPS)]


def _expansion(build: Build, now: Situation, catalogue: Catalogue) -> list[Wish]:
    index = now.bases - 1
    if now.bases == 0 or now.bases >= MOST_BASES or now.threatened:
        return []
    due = index < len(build.expand) and now.workers >= max(LEAST_WORKERS, build.expand[index])
    rich = now.minerals > RICH_MINERALS and now.workers >= 15 * now.bases
    if catalogue.race == Race.Protoss and now.bases > 1:
        safe = max(ARMY_PER_WORKER * now.workers, ARMY_PER_SEEN * seen_supply(now))
        due = due and army_supply(now, catalogue) >= safe
    # Zerg makes everything from larvae, and those come from hatcheries.
    rich = rich or (catalogue.race == Race.Zerg and now.minerals > RICH_ZERG_MINERALS and now.bases == now.ready_bases)
    return [Wish(catalogue.townhall, now.bases + 1, "expand")] if due or rich else []


def _tech_of_army(build: Build, now: Situation, catalogue: Catalogue) -> list[Wish]:
    """One of each structure that the army needs and that the build does not put off."""
    found = []
    for unit in army_orders(build.army, {})[0]:
        facts = catalogue.get(unit)
        needs = [*(facts.requires if facts is not None else ()), *(facts.makers[:1] if facts is not None else ())]
        for needed in needs:
            if not isinstance(needed, U) or needed is U.LARVA:
                continue
            if needed not in build.structures or by_bases(build.structures[needed], now.ready_bases):
                found.append(Wish(needed, 1, f"for {unit.name.lower()}"))
    return found


def _addons(build: Build, now: Situation) -> list[Wish]:
    """Add-ons one after the other: a structure makes nothing while it builds one."""
    for addon, counts in build.addons.items():
        parents = now.finished.get(ADDONS[addon], 0)
        wanted = min(by_bases(counts, now.ready_bases), parents)
        have = now.have.get(addon, 0)
        if have > now.finished.get(addon, 0):
            return []
        if have < wanted:
            return [Wish(addon, have + 1, "add-on", latest=400)]
    return []


def _upgrades(build: Build, now: Situation) -> list[Wish]:
    """The next upgrades of the build, two at a time."""
    if now.ready_bases < build.upgrades_at:
        return []
    missing = [upgrade for upgrade in build.upgrades if not now.finished.get(upgrade, 0)]
    return [Wish(upgrade, 1, "upgrade") for upgrade in missing[:UPGRADES_AT_ONCE]]


def _army(build: Build, now: Situation, within: int = 640, most: int = 30) -> Fill:
    ratio, have = army_orders(build.army, now.have)
    return Fill(_with_few_helpers(ratio, now) or ratio, have, within=within, most=most)


def _with_few_helpers(ratio: Mapping[U, float], now: Situation) -> dict[U, float]:
    """An army without the helpers that it has enough of: a free Starport is no reason for a tenth medivac."""
    fighters = {unit: share for unit, share in ratio.items() if unit not in HELPERS}
    there = sum(now.have.get(unit, 0) for unit in fighters) / max(sum(fighters.values()), 1e-6)
    return {u: share for u, share in ratio.items() if u in fighters or now.have.get(u, 0) < share * there + 1}


def army_orders(army: Mapping[U, float], have: Mapping[Item, int]) -> tuple[dict[U, float], dict[U, int]]:
    """Shares and numbers of what is ordered: an archon is two high templar."""
    ratio = {unit: share for unit, share in army.items() if unit is not U.ARCHON}
    counts = {unit: have.get(unit, 0) for unit in ratio}
    if U.ARCHON in army:
        ratio[U.HIGHTEMPLAR] = ratio.get(U.HIGHTEMPLAR, 0.0) + TEMPLAR_PER_ARCHON * army[U.ARCHON]
        counts[U.HIGHTEMPLAR] = have.get(U.HIGHTEMPLAR, 0) + TEMPLAR_PER_ARCHON * have.get(U.ARCHON, 0)
    return ratio, counts


def _production(build: Build, now: Situation) -> list[Wish]:
    """Production structures up to the build's count."""
    return [
        Wish(structure, by_bases(counts, now.ready_bases), "production")
        for structure, counts in build.structures.items()
        if structure is not U.QUEEN and by_bases(counts, now.ready_bases)
    ]


def _more_production(build: Build, now: Situation, catalogue: Catalogue) -> list[Wish]:
    """More of what makes the army while minerals pile up."""
    if now.minerals <= FLOATING_MINERALS or now.supply_used >= FULL_SUPPLY:
        return []
    extra = 1 + int((now.minerals - FLOATING_MINERALS) // MINERALS_PER_EXTRA_STRUCTURE)
    kind = _main_producer(build, catalogue, cheap_in_gas=True)
    if kind is None:
        return []
    most = max(by_bases(build.structures.get(kind, ()), now.ready_bases) + extra, 0)
    return [Wish(kind, min(most, 12), "minerals pile up")]


def _main_producer(build: Build, catalogue: Catalogue, *, cheap_in_gas: bool = False) -> U | None:
    """What makes most of the army, of units without gas if there are; None for Zerg, whose larvae make everything."""
    if not build.army or catalogue.race == Race.Zerg:
        return None
    army, _ = army_orders(build.army, {})
    known = [u for u in army if u in catalogue]
    minerals_only = [u for u in known if not catalogue[u].gas] if cheap_in_gas else []
    unit = max(minerals_only or known or army, key=lambda u: army[u])
    facts = catalogue.get(unit)
    return facts.makers[0] if facts is not None else None
