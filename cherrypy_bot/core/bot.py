"""CherryBot: a python-sc2 bot that runs modules on a blackboard."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from loguru import logger
from sc2.bot_ai import BotAI
from sc2.data import Result
from sc2.ids.unit_typeid import UnitTypeId
from sc2.ids.upgrade_id import UpgradeId
from sc2.unit import Unit

from cherrypy_bot.core.blackboard import Blackboard
from cherrypy_bot.core.history import MatchRecord
from cherrypy_bot.core.loop import Event, Fault, Limits, ModuleRunner, ModuleState, StatSummary
from cherrypy_bot.core.memory import EnemyMemory, Roster
from cherrypy_bot.core.module import EVENT_HOOKS, Context, Module, check_modules
from cherrypy_bot.core.orders import UpcToCommand
from cherrypy_bot.core.trace import TraceWriter
from cherrypy_bot.core.trace_world import WorldRecorder, log_into
from cherrypy_bot.core.type_facts import TypeFacts
from cherrypy_bot.core.units import UnitTable

LADDER_STEP_BUDGET_MS = 40.0
"""Mean time per step that AI Arena asks for; used in real time, where deferring modules is worth it."""


class CherryBot(BotAI):  # type: ignore[misc]
    """Runs its modules in order, once per step, and outlives their faults.

    Args:
        modules: in the order in which they run; `UpcToCommand` is added at the end when missing.
        name: for logs and traces.
        seed: of all randomness of the bot.
        game_step: loops per step.
        limits: when modules are deferred or switched off.
        trace: path of the decision trace to write, None for none.
        header: facts for the trace's header.
        build_orders: names that the configuration gives the modules.

    Attributes (besides python-sc2's):
        board: the blackboard. table: the unit table of this step. memory: enemy units seen so far.
        module_ms: per module, time of its steps. orders_given: orders sent. faults: what went wrong.
        history: earlier matches against this opponent; None where nobody keeps any (off the ladder).

    Raises ModuleError when the modules' declarations contradict their order. One object plays one match.
    """

    def __init__(
        self,
        modules: Sequence[Module],
        *,
        name: str = "cherry",
        seed: int = 0,
        game_step: int = 4,
        limits: Limits | None = None,
        trace: str | Path | None = None,
        header: dict[str, Any] | None = None,
        build_orders: Sequence[str] = (),
    ) -> None:
        super().__init__()
        modules = list(modules)
        if not any(isinstance(module, UpcToCommand) for module in modules):
            modules.append(UpcToCommand())
        self.name = name
        self.seed = seed
        self.game_step = game_step
        self.build_orders = tuple(build_orders)
        self.modules: tuple[Module, ...] = tuple(modules)
        self.module_warnings = check_modules(self.modules)
        self.faults: list[Fault] = []
        self.orders_given = 0
        self.history: MatchRecord | None = None
        self.trace = TraceWriter(
            trace,
            {
                "bot": name,
                "seed": seed,
                "game_step": game_step,
                "modules": [m.name for m in modules],
                **(header or {}),
            },
        )
        self.board = Blackboard(self.trace, self._board_fault)
        self.memory = EnemyMemory()
        self.table = UnitTable((), TypeFacts(1))
        self._limits = limits
        self._roster = Roster()
        self._facts = TypeFacts(1)
        self._events: list[Event] = []
        self._runner = ModuleRunner(
            self.modules, self._context, self._refresh, self.board, limits or Limits(), self.faults
        )
        self.board.living = self._roster.alive
        self._recorder: WorldRecorder | None = None
        self._recording_failed = False
        self._stop_logging: Callable[[], None] = lambda: None

    @property
    def module_ms(self) -> dict[str, StatSummary]:
        """Milliseconds per step, by module name, in the order of the modules."""
        return {state.module.name: state.ms for state in self._runner.states}

    @property
    def module_states(self) -> tuple[ModuleState, ...]:
        """What is kept about each module, in their order: times of all steps among it."""
        return tuple(self._runner.states)

    @property
    def modules_off(self) -> tuple[str, ...]:
        """Names of modules that were switched off."""
        return tuple(state.module.name for state in self._runner.states if not state.enabled)

    # -- python-sc2's hooks --------------------------------------------------------------------

    async def on_start(self) -> None:
        """Prepare the tables and start the modules."""
        self.client.game_step = self.game_step
        if self._limits is None and self.realtime:
            self._runner.limits = Limits(step_budget_ms=LADDER_STEP_BUDGET_MS)
        for warning in self.module_warnings:
            logger.warning(f"{self.name}: {warning}")
        try:
            self._facts = TypeFacts.from_game_data(self.game_data)
            self._observe()
        except Exception as error:
            self._runner.report("core", "on_start", error)
        self._record_world()
        await self._runner.start()

    async def on_step(self, iteration: int) -> None:
        """One step: update the world, run the modules, send the orders."""
        events, self._events = self._events, []
        try:
            self._observe()
            self.board.begin_step(self.state.game_loop)
            self._record_world()
        except Exception as error:
            self._runner.report("core", "on_step", error)
        await self._runner.step(_in_stable_order(events))
        try:
            self.board.end_step()
        except Exception as error:
            self._runner.report("core", "end_step", error)

    async def on_end(self, game_result: Result) -> None:
        """Tell the modules and close the trace."""
        await self._runner.end(game_result)
        self.trace.close(
            result=game_result.name,
            orders=self.orders_given,
            ms={name: round(ms.total, 1) for name, ms in self.module_ms.items()},
            faults=len(self.faults),
        )
        self._stop_logging()

    def _record_world(self) -> None:
        """Write what is seen into the trace; the first call opens it, a failure ends that part of it."""
        if not self.trace.enabled or self._recording_failed:
            return
        try:
            if self._recorder is None:
                self._stop_logging = log_into(self.trace)
                self._recorder = WorldRecorder(self, self.trace)
                self._recorder.start()
            else:
                self._recorder.step(self.state.game_loop, self.table)
        except Exception as error:
            self._recording_failed = True
            self._runner.report("core", "trace", error)

    def _observe(self) -> None:
        state = self.state
        loop = state.game_loop
        self.table = UnitTable(state.observation_raw.units, self._facts)
        self._facts.learn(self.table.type_id, self.all_units)
        dead = sorted(state.dead_units)
        self._roster.update(self.table, dead, loop)
        self.memory.update(self.table, dead, loop, state.visibility.data_numpy)

    def _refresh(self, ctx: Context) -> None:
        ctx.units = self.table
        ctx.loop = self.board.loop

    def _context(self, module: Module) -> Context:
        board, name = self.board, module.name

        def mark(record: Any) -> None:
            record["message"] = f"[{board.loop}] {name}: {record['message']}"

        return Context(
            bot=self,
            board=board,
            units=self.table,
            memory=self.memory,
            loop=0,
            # Seeded by name: adding a module must not change the luck of the others.
            rng=np.random.default_rng([self.seed, zlib.crc32(name.encode())]),
            trace=self.trace,
            log=logger.bind(trace=id(self.trace), module=name).patch(mark),
        )

    def _board_fault(self, module: str, hook: str, error: Exception) -> None:
        self._runner.report(module, hook, error)

    # -- events: kept until the modules run, when board and table are those of the same step -----

    async def on_unit_created(self, unit: Unit) -> None:
        """Keep for the modules."""
        self._events.append(Event("on_unit_created", (unit,)))

    async def on_unit_destroyed(self, unit_tag: int) -> None:
        """Keep for the modules."""
        self._events.append(Event("on_unit_destroyed", (unit_tag,)))

    async def on_unit_type_changed(self, unit: Unit, previous_type: UnitTypeId) -> None:
        """Keep for the modules."""
        self._events.append(Event("on_unit_type_changed", (unit, previous_type)))

    async def on_unit_took_damage(self, unit: Unit, amount_damage_taken: float) -> None:
        """Keep for the modules."""
        self._events.append(Event("on_unit_took_damage", (unit, amount_damage_taken)))

    async def on_building_construction_started(self, unit: Unit) -> None:
        """Keep for the modules."""
        self._events.append(Event("on_structure_started", (unit,)))

    async def on_building_construction_complete(self, unit: Unit) -> None:
        """Keep for the modules."""
        self._events.append(Event("on_structure_complete", (unit,)))

    async def on_upgrade_complete(self, upgrade: UpgradeId) -> None:
        """Keep for the modules."""
        self._events.append(Event("on_upgrade_complete", (upgrade,)))

    async def on_enemy_unit_entered_vision(self, unit: Unit) -> None:
        """Keep for the modules."""
        self._events.append(Event("on_enemy_seen", (unit,)))

    async def on_enemy_unit_left_vision(self, unit_tag: int) -> None:
        """Keep for the modules."""
        self._events.append(Event("on_enemy_lost", (unit_tag,)))


def _in_stable_order(events: list[Event]) -> list[Event]:
    """Events sorted by hook, then by tag or upgrade where python-sc2 takes them from sets.

    Sets of enums iterate in an order that changes from process to process.
    """

    def key(event: Event) -> tuple[int, int]:
        first = event.arguments[0]
        rank = first if isinstance(first, int) else first.value if isinstance(first, UpgradeId) else 0
        return EVENT_HOOKS.index(event.hook), rank

    return sorted(events, key=key)
