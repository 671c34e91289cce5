"""Who can make something right now: structures with a free slot, larvae, townhalls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U

from cherrypy_bot.core.units import UnitTable
from modules.items import ADDONS, REACTORS, TECHLABS, TOWNHALLS, Catalogue, ItemFacts

QUEUE_AHEAD_LOOPS = 8
"""A slot that is free within so many loops takes the next order already."""


@dataclass(slots=True)
class MakerRow:
    """One possible maker.

    Attributes:
        row, tag, kind: in the unit table. orders: how many it has. slots: how many it works on at once.
        techlab, addon: whether it has a finished tech lab, any add-on. free: it takes an order now.
    """

    row: int
    tag: int
    kind: U
    orders: int
    slots: int
    techlab: bool
    addon: bool
    free: bool


class Makers:
    """Makers of one step, looked up by kind on first use.

    Args:
        table: units of the step. catalogue: of the race.
        no_addon: tags of structures beside which no add-on fits.
        cooling: tags of warp gates that recharge. warps: gateways become warp gates, and train nothing any more.
    """

    def __init__(
        self,
        table: UnitTable,
        catalogue: Catalogue,
        no_addon: Iterable[int] = (),
        cooling: Iterable[int] = (),
        *,
        warps: bool = False,
    ) -> None:
        self._table = table
        self._catalogue = catalogue
        self._no_addon = frozenset(no_addon)
        self._cooling = frozenset(cooling)
        self._warps = warps
        self._ready = table.own & table.ready
        self._by_kind: dict[U, list[MakerRow]] = {}
        self._addon_row: dict[int, int] | None = None

    def take(self, facts: ItemFacts) -> MakerRow | None:
        """A maker for one order of an item, which is then busy; None when there is none now."""
        found = [
            maker
            for kind in facts.makers
            for maker in self._of_kind(kind)
            if maker.free
            and (maker.techlab or not facts.techlab)
            and not (facts.addon and (maker.addon or maker.tag in self._no_addon))
            and not ((facts.addon or facts.morph) and maker.orders)
        ]
        if not found:
            return None
        # Naked structures first: a tech lab is for those that need it. Then the least busy.
        best = min(found, key=lambda m: (m.techlab and not facts.techlab, m.orders, m.row))
        best.orders += 1
        best.free = best.orders < best.slots and best.kind is not U.LARVA
        return best

    def _of_kind(self, kind: U) -> list[MakerRow]:
        if kind not in self._by_kind:
            rows = np.flatnonzero(self._ready & self._table.of_type(kind)).tolist()
            self._by_kind[kind] = [self._maker(kind, row) for row in rows]
        return self._by_kind[kind]

    def _maker(self, kind: U, row: int) -> MakerRow:
        table = self._table
        proto = table.protos[row]
        orders = len(proto.orders)
        addon_row = self._addons().get(proto.add_on_tag) if proto.add_on_tag else None
        addon_kind = U(int(table.type_id[addon_row])) if addon_row is not None else None
        ready = addon_row is not None and bool(table.ready[addon_row])
        slots = 2 if ready and addon_kind in REACTORS else 1
        free = orders < slots or (orders == slots and self._nearly_done(proto.orders[0]))
        if addon_row is not None and not ready:
            free = False
        if kind is U.WARPGATE:
            free = not orders and int(proto.tag) not in self._cooling
        elif kind is U.GATEWAY and self._warps:
            free = False
        powered = self._catalogue.race != Race.Protoss or kind in TOWNHALLS or bool(proto.is_powered)
        return MakerRow(
            row=row,
            tag=int(proto.tag),
            kind=kind,
            orders=orders,
            slots=slots,
            techlab=ready and addon_kind in TECHLABS,
            addon=addon_row is not None,
            free=free and powered,
        )

    def _nearly_done(self, order: object) -> bool:
        item = self._catalogue.made_by_ability(order.ability_id)  # type: ignore[attr-defined]
        if item is None:
            return False
        facts = self._catalogue[item]
        if facts.morph or facts.addon or facts.structure:
            return False
        return facts.time_loops * (1.0 - order.progress) <= QUEUE_AHEAD_LOOPS  # type: ignore[attr-defined]

    def _addons(self) -> dict[int, int]:
        if self._addon_row is None:
            table = self._table
            rows = np.flatnonzero(table.own & table.of_type(*ADDONS, U.TECHLAB, U.REACTOR)).tolist()
            self._addon_row = {int(table.tag[row]): row for row in rows}
        return self._addon_row
