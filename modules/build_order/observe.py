"""Read what the planner starts from: bank, income, what stands, what is coming, who can make something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId

from cherrypy_bot.core.module import Context
from modules.build_order.planner import GAS_RATE, MINERAL_RATE, Maker, PlanState, larva_times
from modules.items import ADDONS, REACTORS, TECHLABS, TOWNHALLS, Catalogue, Item, counts_as
from modules.keys import GATES_READY, Saturation

LARVA_LOOPS = 240
"""A hatchery with fewer than three larvae gets one every 240 loops (measured: 10.7 s)."""
LARVA_HORIZON = 900
LARVAE_KEPT = 3
INJECT_LOOPS = 650
INJECTED_LARVAE = 3
"""A queen at her townhall adds so many larvae every 29 s."""
GATE_MORPH_LOOPS = 160


@dataclass(slots=True)
class Inventory:
    """What we have, from one observation.

    Attributes:
        have: alive, finished and coming; simpler forms counted too. finished: finished only.
        coming: (item, ready in loops) of what is paid for.
        makers: production slots. larvae: loops until each.
        workers: alive.
    """

    have: Counter[Item]
    finished: Counter[Item]
    coming: list[tuple[Item, float]]
    makers: list[Maker]
    larvae: list[float]
    workers: int


def take_inventory(ctx: Context, catalogue: Catalogue) -> Inventory:
    """Count everything of ours in this observation."""
    table = ctx.units
    have: Counter[Item] = Counter()
    finished: Counter[Item] = Counter()
    coming: list[tuple[Item, float]] = []
    makers: list[Maker] = []
    hatcheries: list[float] = []
    larvae = 0
    warps = UpgradeId.WARPGATERESEARCH in ctx.bot.state.upgrades
    gates = ctx.board.get(GATES_READY) if catalogue.race == Race.Protoss else {}
    addon_of = {int(table.tag[row]): row for row in np.flatnonzero(table.own & table.of_type(*ADDONS)).tolist()}
    for row in np.flatnonzero(table.own).tolist():
        kind = U(int(table.type_id[row]))
        progress = float(table.build_progress[row])
        orders = table.protos[row].orders
        if kind is U.LARVA:
            larvae += 1
            continue
        if progress < 1.0:
            left = _left(catalogue, kind, progress)
            coming.append((kind, left))
            have.update(counts_as(kind))
            if kind in TOWNHALLS and catalogue.race == Race.Zerg:
                hatcheries.append(left)
            makers.extend(_slots(kind, left, table, row, addon_of, [], catalogue))
            continue
        if kind not in _COCOONS:
            forms = counts_as(kind)
            have.update(forms)
            finished.update(forms)
        left_of = []
        for order in orders:
            item = catalogue.made_by_ability(order.ability_id)
            if item is None or (catalogue[item].structure and kind is catalogue.worker):
                continue
            facts = catalogue[item]
            left = facts.time_loops * (1.0 - float(order.progress))
            left_of.append(left)
            if facts.addon:
                continue  # it stands beside its maker already, unfinished
            coming.append((item, left))
            for form in counts_as(item) if isinstance(item, U) and not facts.morph else (item,):
                have[form] += facts.amount
        if kind in TOWNHALLS and catalogue.race == Race.Zerg:
            hatcheries.append(LARVA_LOOPS / 2)
        free_in = 0.0
        if kind is U.WARPGATE:
            free_in = max(0.0, gates.get(int(table.tag[row]), 0) - ctx.loop)
        elif kind is U.GATEWAY and warps and not orders:
            free_in = GATE_MORPH_LOOPS
        makers.extend(_slots(kind, free_in, table, row, addon_of, left_of, catalogue))
    for upgrade in ctx.bot.state.upgrades:
        have[upgrade] += 1
        finished[upgrade] += 1
    times: list[float] = []
    if catalogue.race == Race.Zerg:
        full = larvae >= LARVAE_KEPT * max(1, len(hatcheries))
        times = larva_times(larvae, [] if full else hatcheries, LARVA_LOOPS, LARVA_HORIZON)
        injected = min(finished[U.QUEEN], len([left for left in hatcheries if left <= LARVA_LOOPS]))
        # Where in its cycle an inject is cannot be seen: the middle is right on average.
        bursts = [INJECT_LOOPS / 2 + cycle * INJECT_LOOPS for cycle in range(LARVA_HORIZON // INJECT_LOOPS + 1)]
        times = sorted([*times, *(b for b in bursts for _ in range(INJECTED_LARVAE * injected))])
    workers = finished[catalogue.worker]
    return Inventory(have, finished, coming, makers, times, workers)


_COCOONS = frozenset(
    {
        U.EGG,
        U.BANELINGCOCOON,
        U.RAVAGERCOCOON,
        U.BROODLORDCOCOON,
        U.OVERLORDCOCOON,
        U.TRANSPORTOVERLORDCOCOON,
        U.LURKERMPEGG,
    }
)


def _left(catalogue: Catalogue, item: Item, progress: float) -> float:
    facts = catalogue.get(item)
    return max(0.0, (1.0 - progress) * (facts.time_loops if facts is not None else 400))


def _slots(
    kind: U, left: float, table: Any, row: int, addon_of: dict[int, int], orders: list[float], catalogue: Catalogue
) -> Iterable[Maker]:
    """Production slots of one structure."""
    if kind not in _producers(catalogue):
        return
    if catalogue.race == Race.Protoss and left == 0 and kind not in TOWNHALLS and not bool(table.is_powered[row]):
        return
    addon_row = addon_of.get(int(table.add_on_tag[row]))
    addon_kind = U(int(table.type_id[addon_row])) if addon_row is not None else None
    ready = addon_row is not None and float(table.build_progress[addon_row]) >= 1.0
    techlab = addon_kind in TECHLABS
    slots = 2 if addon_kind in REACTORS and ready else 1
    if addon_row is not None and not ready:
        left = max(left, _left(catalogue, addon_kind or U.TECHLAB, float(table.build_progress[addon_row])))
    busy = sorted(orders)
    for index in range(slots):
        # The last order of a slot decides when it is free.
        mine = busy[index::slots]
        yield Maker(kind, max(left, sum(mine)), techlab, addon_row is not None)


_MAKERS: dict[Race, frozenset[U]] = {}


def _producers(catalogue: Catalogue) -> frozenset[U]:
    """Types that make something in a slot of their own."""
    if catalogue.race not in _MAKERS:
        skip = {catalogue.worker, U.LARVA}
        _MAKERS[catalogue.race] = frozenset(
            maker for facts in catalogue.values() for maker in facts.makers if maker not in skip
        )
    return _MAKERS[catalogue.race]


def plan_state(
    ctx: Context, found: Inventory, locked: list[tuple[Item, float]], saturation: Saturation, catalogue: Catalogue
) -> PlanState:
    """The planner's start from an inventory, the bank and the income."""
    bot = ctx.bot
    on_minerals = saturation.minerals or max(0, found.workers - saturation.gas)
    slots = saturation.mineral_slots or 16
    good = min(on_minerals, slots)
    rate = good * MINERAL_RATE + max(0, on_minerals - slots) * MINERAL_RATE * 0.4
    return PlanState(
        minerals=float(bot.minerals),
        gas=float(bot.vespene),
        mineral_rate=rate,
        gas_rate=saturation.gas * GAS_RATE,
        supply_used=float(bot.supply_used),
        supply_cap=float(bot.supply_cap),
        have=dict(found.finished),
        coming=found.coming,
        makers=found.makers,
        larvae=found.larvae,
        locked=locked,
        workers=found.workers,
        gas_structures=found.finished[catalogue.gas],
    )
