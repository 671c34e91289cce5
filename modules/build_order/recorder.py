"""Recorder: a module that writes down what a bot makes and when, for the builds' linter and for tests.

It posts nothing and changes nothing. Put it last among a bot's modules; afterwards its attributes hold the record.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from pydantic import Field
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U

from cherrypy_bot.core.module import Context, Module, ModuleOptions
from modules.build_order.observe import take_inventory
from modules.items import GAS, TOWNHALLS, Catalogue, Item

LOOPS_PER_SECOND = 22.4


class RecorderOptions(ModuleOptions):
    """What `bots.yaml` may set: loops between two samples of the economy."""

    sample_loops: int = Field(default=112, ge=1)


@dataclass(frozen=True, slots=True)
class Begun:
    """One thing that was begun: what, at which loop, with what in the bank and in use right after it was seen."""

    item: Item
    loop: int
    supply: float
    minerals: int
    gas: int


@dataclass(frozen=True, slots=True)
class Sample:
    """The economy at one moment.

    Attributes:
        loop: of the game. minerals, gas: bank. minerals_rate, gas_rate: income per minute as the score says it.
        workers, supply_used, supply_cap: now. bases: finished townhalls.
        army: minerals plus gas of living fighters. larvae: unused ones.
        slots, idle: production slots of finished structures (townhalls included unless Zerg), and how many do nothing.
        idle_workers: workers without an order.
    """

    loop: int
    minerals: int
    gas: int
    minerals_rate: float
    gas_rate: float
    workers: int
    supply_used: float
    supply_cap: float
    bases: int
    army: int
    larvae: int
    slots: int
    idle: int
    idle_workers: int

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


class Recorder(Module):
    """Keeps a record of one game.

    Attributes:
        begun: everything that was begun. samples: the economy.
        blocked_loops: loops and lengths of the steps with money for a worker and no supply.
    """

    name: ClassVar[str] = "recorder"
    Options: ClassVar[type[ModuleOptions]] = RecorderOptions
    budget_ms: ClassVar[float] = 20.0

    def on_start(self, ctx: Context) -> None:
        """Nothing was begun but what stands at the start."""
        self.begun: list[Begun] = []
        self.samples: list[Sample] = []
        self.blocked_loops: list[tuple[int, int]] = []
        self.workers_lost = 0
        self._catalogue = Catalogue.from_bot(ctx.bot)
        self._progress: dict[tuple[int, int], list[float]] = {}
        self._kinds: dict[int, int] = {}
        self._last_loop = 0
        self._warps = ctx.bot.race == Race.Protoss
        table = ctx.units
        for row in np.flatnonzero(table.own & table.structure).tolist():
            self._kinds[int(table.tag[row])] = int(table.type_id[row])

    def on_step(self, ctx: Context) -> None:
        """Look for new orders and structures; sample now and then."""
        self._structures(ctx)
        self._orders(ctx)
        bot = ctx.bot
        if bot.supply_left < 1 and bot.supply_cap < 200 and bot.minerals >= 50 and ctx.loop:
            self.blocked_loops.append((ctx.loop, ctx.loop - self._last_loop))
        self._last_loop = ctx.loop
        if ctx.board.timers.every("recorder.sample", self.options.sample_loops):
            self.samples.append(self._sample(ctx))

    def _add(self, ctx: Context, item: Item, loop: float) -> None:
        bot = ctx.bot
        self.begun.append(Begun(item, max(0, round(loop)), float(bot.supply_used), int(bot.minerals), int(bot.vespene)))

    def _structures(self, ctx: Context) -> None:
        """New structures, old ones that became a better form, and units that are warped in."""
        table = ctx.units
        unfinished = self._warps & ~table.ready & (table.build_progress > 0)
        for row in np.flatnonzero(table.own & (table.structure | unfinished)).tolist():
            tag, kind = int(table.tag[row]), int(table.type_id[row])
            if self._kinds.get(tag) == kind:
                continue
            new = tag not in self._kinds
            self._kinds[tag] = kind
            facts = self._catalogue.get(U(kind))
            if facts is None or not new or facts.morph:
                continue
            time = facts.time_loops if bool(table.structure[row]) else 0  # a warp-in lasts no build time
            self._add(ctx, facts.item, ctx.loop - float(table.build_progress[row]) * time)

    def _orders(self, ctx: Context) -> None:
        """Orders that make something and have not been seen before, by their progress."""
        table = ctx.units
        now: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
        items: dict[int, Item] = {}
        for row in np.flatnonzero(table.own & (table.order_ability != 0)).tolist():
            kind = U(int(table.type_id[row]))
            if kind is self._catalogue.worker:
                continue
            for order in table.protos[row].orders:
                item = self._catalogue.made_by_ability(order.ability_id)
                if item is not None and order.progress > 0 and not self._catalogue[item].addon:
                    now[int(table.tag[row]), order.ability_id].append(float(order.progress))
                    items[order.ability_id] = item
        for key, found in now.items():
            before = sorted(self._progress.get(key, ()))
            for progress in sorted(found):
                older = next((p for p in before if p <= progress), None)
                if older is not None:
                    before.remove(older)
                    continue
                item = items[key[1]]
                self._add(ctx, item, ctx.loop - progress * self._catalogue[item].time_loops)
        self._progress = dict(now)

    def _sample(self, ctx: Context) -> Sample:
        bot: Any = ctx.bot
        table = ctx.units
        inventory = take_inventory(ctx, self._catalogue)
        skip = TOWNHALLS if bot.race == Race.Zerg else frozenset()
        producers = {maker for fact in self._catalogue.values() if fact.supply > 0 for maker in fact.makers}
        slots = [m for m in inventory.makers if m.kind in producers and m.kind not in skip and m.kind not in GAS]
        finished = [m for m in slots if m.free_in < 4000]
        score = bot.state.score
        workers = table.own & table.of_type(self._catalogue.worker)
        fighters = table.own & ~table.structure & ~workers
        army = 0
        for kind, number in Counter(table.type_id[fighters].tolist()).items():
            facts = self._catalogue.get(U(kind))
            if facts is not None and facts.supply > 0 and facts.item is not U.QUEEN:
                army += number * (facts.minerals + facts.gas) // facts.amount
        return Sample(
            loop=ctx.loop,
            minerals=int(bot.minerals),
            gas=int(bot.vespene),
            minerals_rate=float(score.collection_rate_minerals),
            gas_rate=float(score.collection_rate_vespene),
            workers=int(bot.supply_workers),
            supply_used=float(bot.supply_used),
            supply_cap=float(bot.supply_cap),
            bases=int(inventory.finished[self._catalogue.townhall]),
            army=army,
            larvae=int((table.own & table.of_type(U.LARVA)).sum()),
            slots=len(finished),
            idle=sum(maker.free_in <= 0 for maker in finished),
            idle_workers=int((workers & table.ready & (table.order_ability == 0)).sum()),
        )
