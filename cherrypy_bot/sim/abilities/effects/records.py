"""What a row of the effect tables says: spells, buffs, and things that go on by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cherrypy_bot.sim.abilities.effects.filters import Filter
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.state import NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game
    from cherrypy_bot.sim.world import Effect

SELF, POINT, UNIT, ANY = "self", "point", "unit", "point or unit"
"""What a spell is aimed at."""


class Cast(NamedTuple):
    """One use of a spell: who, where. `x`, `y` is the target's place (the caster's own for SELF)."""

    row: int
    ability: int
    x: float
    y: float
    target: int = NONE
    target_recycle: int = 0


Act = Callable[["Game", Cast], int]
"""Does what a spell does; an ActionResult (nothing is paid unless it is SUCCESS)."""


def no_break(game: Game, cast: Cast) -> None:
    """Nothing happens when the preparation begins or is broken off."""


def always(game: Game, row: int) -> int:
    """No condition besides those that all spells have."""
    return Result.SUCCESS


def anyone(game: Game, row: int, target: int) -> int:
    """Any target that passes the filter."""
    return Result.SUCCESS


@dataclass(frozen=True, slots=True)
class Spell:
    """One ability: how it is cast and what it does.

    Energy, cooldown, range and requirement are in `CommandRule`; here stands what the rules' tables leave to code.
    """

    ability: int
    act: Act
    at: str = SELF
    filter: Filter = Filter()  # noqa: RUF009  (immutable)
    anywhere: bool = False
    """cast at once at any distance, without walking there"""
    stops: bool = False
    """cast at once all the same, but the caster forgets its orders"""
    blind: bool = False
    """the target point need not be in sight"""
    reach: float | None = None
    """range where the rules leave it out"""
    energy: float | None = None
    life: float = 0.0
    cooldown: float | None = None
    shared: bool = False
    """the cooldown holds for all casters of the player"""
    prep: float = 0.0
    """loops that the caster stands still before it acts; other orders break it off"""
    slop: float = 0.0
    """how far beyond its range the target may get while the caster prepares"""
    finish: float = 0.0
    """loops that the caster is busy afterwards"""
    channel: bool = False
    """the caster stays with it after acting until the effect ends or another order comes"""
    locked: bool = False
    """while it prepares or channels, no other order gets through"""
    each: bool = False
    """given to several units, all of them cast it"""
    condition: Callable[[Game, int], int] = always
    """what must hold for the caster besides energy and cooldown; an ActionResult"""
    suits: Callable[[Game, int, int], int] = anyone
    """what must hold for (caster, target) besides the filter; an ActionResult"""
    reach_of: Callable[[Game, int], float] | None = None
    """range where upgrades of the caster's player change it"""
    on_prep: Callable[[Game, Cast], None] = no_break
    """called when the caster begins to prepare"""
    on_break: Callable[[Game, Cast], None] = no_break
    """called when the preparation or channel is broken off"""
    autocast: bool | None = None
    """whether it is cast by itself unless switched; None: cannot be switched"""


@dataclass(frozen=True, slots=True)
class BuffRule:
    """One buff: how long it lasts and what it changes while it does. `id`: the API's, below 0 where it has none."""

    id: int
    name: str
    loops: float = 0.0
    """default duration; 0 = until removed"""
    speed: float = 1.0
    attack: float = 1.0
    """attack rate"""
    armor: float = 0.0
    armored: float = 0.0
    """more damage per hit against armoured targets"""
    air_damage: float = 1.0
    """share of the damage of flyers' weapons that gets through"""
    life: float = 0.0
    """more maximal life"""
    stun: bool = False
    """neither moves, attacks nor casts"""
    root: bool = False
    """does not move"""
    disarm: bool = False
    """does not attack"""
    mute: bool = False
    """does not cast"""
    shelter: bool = False
    """cannot be hurt or targeted"""
    cloak: bool = False
    reveal: bool = False
    """cloak and burrow hide nothing"""
    lift: bool = False
    """counts as a flyer"""
    disguise: bool = False
    """enemies do not attack it by themselves; any damage kills it"""
    upgraded: tuple[str, float] | None = None
    """an upgrade of the owner, and the speed that it makes of `speed`"""


Tick = Callable[["Game", "Effect"], "Effect | None"]
End = Callable[["Game", "Effect"], None]


def keep(game: Game, effect: Effect) -> Effect | None:
    """A tick that changes nothing."""
    return effect


def vanish(game: Game, effect: Effect) -> None:
    """An end without consequences."""


@dataclass(frozen=True, slots=True)
class LastingRule:
    """A kind of `world.effects`: what it does every `period` loops and when it is over."""

    kind: str
    period: float = 0.0
    """loops between ticks; 0 = no ticks"""
    tick: Tick = keep
    """None ends the effect without `end`"""
    end: End = vanish
    api: int = 0
    """effect id that observations show; 0 = not shown"""
    radius: float = 0.0
    """cells it covers, for observations"""


def idle(game: Game, rows: list[int]) -> None:
    """Units that do nothing by themselves."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What units of some types do by themselves: `run` gets their rows at every loop that `period` divides."""

    name: str
    period: int
    types: frozenset[str] = frozenset()
    run: Callable[[Game, list[int]], None] = idle
    flag: str = ""
    """types that carry this flag in the rules, besides `types`"""
    upgrade: str = ""
    """only for players who have it"""
