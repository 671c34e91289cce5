"""What a module is: a class with a name, validated options, declarations and a step.

A module reads the world (`ctx.bot`, `ctx.units`) and the blackboard (`ctx.board`), consumes UPCs that it
can refine, and posts refined ones. It never calls another module. `docs/core.md` has a whole example.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict
from sc2.data import Result
from sc2.ids.unit_typeid import UnitTypeId
from sc2.ids.upgrade_id import UpgradeId
from sc2.unit import Unit

from cherrypy_bot.core.blackboard import Blackboard
from cherrypy_bot.core.errors import ModuleError
from cherrypy_bot.core.keys import Key
from cherrypy_bot.core.memory import EnemyMemory
from cherrypy_bot.core.trace import TraceWriter
from cherrypy_bot.core.units import UnitTable
from cherrypy_bot.core.upc import Command

if TYPE_CHECKING:
    from loguru import Logger

    from cherrypy_bot.core.bot import CherryBot


class ModuleOptions(BaseModel):
    """Base of a module's options: unknown names and wrong types in `bots.yaml` are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(slots=True)
class Context:
    """What a module gets to work with; one per module, renewed by the loop before each step.

    Attributes:
        bot: python-sc2's world model (`bot.workers`, `bot.game_info`, `bot.minerals`, ...).
        board: the blackboard.
        units: this step's structure of arrays over all units.
        memory: enemy units seen so far.
        loop: game loop of this step.
        rng: seeded generator of this module alone, so that modules do not shift each other's luck.
        trace: for `ctx.trace.note(module, ...)`.
        log: logger whose lines carry loop and module.
    """

    bot: CherryBot
    board: Blackboard
    units: UnitTable
    memory: EnemyMemory
    loop: int
    rng: np.random.Generator
    trace: TraceWriter
    log: Logger


class Module:
    """Base of all modules.

    Class attributes, to be overridden:
        name: unique in a bot; the owner of its keys and tasks. Inherited where given, else the class name in
            lower case.
        Options: pydantic model of what `bots.yaml` may set.
        reads, writes: blackboard keys that it uses.
        consumes, posts: commands of the UPCs that it takes and makes; checked against the order of modules.
        deferrable: may be left out in a step that is over its time budget.
        budget_ms: what a step of it should take at most; more is counted as an overrun.
        essential: is never switched off.

    Hooks may be plain or `async`. An exception in one is logged and the match goes on.
    """

    name: ClassVar[str] = ""
    Options: ClassVar[type[ModuleOptions]] = ModuleOptions
    reads: ClassVar[tuple[Key[Any], ...]] = ()
    writes: ClassVar[tuple[Key[Any], ...]] = ()
    consumes: ClassVar[tuple[Command, ...]] = ()
    posts: ClassVar[tuple[Command, ...]] = ()
    deferrable: ClassVar[bool] = False
    budget_ms: ClassVar[float] = 5.0
    essential: ClassVar[bool] = False

    _named: ClassVar[bool] = False

    options: Any

    def __init__(self, options: ModuleOptions | None = None) -> None:
        self.options = options if options is not None else self.Options()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" in cls.__dict__:
            cls._named = True
        elif not cls._named:
            cls.name = cls.__name__.lower()

    def on_start(self, ctx: Context) -> Awaitable[None] | None:
        """Before the first step; game info and the first observation are there. Reset your state here."""

    def on_step(self, ctx: Context) -> Awaitable[None] | None:
        """Once per step, in the order of `bots.yaml`."""

    def on_end(self, ctx: Context, result: Result) -> Awaitable[None] | None:
        """After the match; may not be called when the process is ended from outside."""

    # Events of the world since the last step; delivered just before the module's `on_step`.

    def on_unit_created(self, ctx: Context, unit: Unit) -> Awaitable[None] | None:
        """A unit of ours appeared for the first time."""

    def on_unit_destroyed(self, ctx: Context, tag: int) -> Awaitable[None] | None:
        """A unit died, ours or an enemy's in vision."""

    def on_unit_type_changed(self, ctx: Context, unit: Unit, previous: UnitTypeId) -> Awaitable[None] | None:
        """A unit of ours morphed, sieged, burrowed, lifted off, ..."""

    def on_unit_took_damage(self, ctx: Context, unit: Unit, amount: float) -> Awaitable[None] | None:
        """A unit of ours lost hit points or shields and lives."""

    def on_structure_started(self, ctx: Context, unit: Unit) -> Awaitable[None] | None:
        """A structure of ours was placed."""

    def on_structure_complete(self, ctx: Context, unit: Unit) -> Awaitable[None] | None:
        """A structure of ours was finished."""

    def on_upgrade_complete(self, ctx: Context, upgrade: UpgradeId) -> Awaitable[None] | None:
        """An upgrade was finished."""

    def on_enemy_seen(self, ctx: Context, unit: Unit) -> Awaitable[None] | None:
        """An enemy unit or structure came into vision."""

    def on_enemy_lost(self, ctx: Context, tag: int) -> Awaitable[None] | None:
        """An enemy unit or structure left vision (or died)."""


EVENT_HOOKS = (
    "on_unit_destroyed",
    "on_unit_created",
    "on_unit_took_damage",
    "on_unit_type_changed",
    "on_structure_started",
    "on_structure_complete",
    "on_upgrade_complete",
    "on_enemy_seen",
    "on_enemy_lost",
)
"""Names of the event hooks, in the order in which python-sc2 finds the events of a step."""


def overrides(module: Module, hook: str) -> bool:
    """Whether the module's class defines `hook` itself."""
    return getattr(type(module), hook) is not getattr(Module, hook)


def check_modules(modules: Sequence[Module]) -> list[str]:
    """Check names, keys and the order of modules against their declarations.

    Returns:
        Warnings: sentences on what is odd but works (a key nobody writes, a command nobody posts).

    Raises:
        ModuleError: two modules share a name, a module writes a key that it does not own, or it consumes a
            command that only modules after it post.
    """
    warnings = []
    names = [module.name for module in modules]
    for name in names:
        if names.count(name) > 1:
            raise ModuleError(f"two modules are called '{name}'; give one another name or list it once")
    written = {key.name for module in modules for key in module.writes}
    for index, module in enumerate(modules):
        for key in module.writes:
            if key.owner and key.owner != module.name:
                raise ModuleError(
                    f"module '{module.name}' writes key '{key.name}', which belongs to '{key.owner}';"
                    " only the owner may"
                )
        for key in module.reads:
            if key.owner and key.name not in written:
                warnings.append(
                    f"module '{module.name}' reads key '{key.name}', which no module writes: it keeps its default"
                )
        before = {c for other in modules[:index] for c in other.posts}
        after = {(c, other.name) for other in modules[index + 1 :] for c in other.posts}
        for command in module.consumes:
            if module.essential or command in before or command in module.posts:
                continue
            late = sorted(name for c, name in after if c is command)
            if late:
                raise ModuleError(
                    f"module '{module.name}' consumes {command.name}, but '{late[0]}', which posts it, comes"
                    f" later; put '{module.name}' after '{late[0]}'"
                )
            warnings.append(f"module '{module.name}' consumes {command.name}, which no module posts")
        later_consumed = {c for other in modules[index + 1 :] for c in other.consumes}
        warnings.extend(
            f"module '{module.name}' posts {command.name}, which no later module consumes"
            for command in module.posts
            if command not in later_consumed
        )
    return warnings
