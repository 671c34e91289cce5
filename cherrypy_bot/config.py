"""`bots.yaml`: who can play, made of which modules.

    defaults: {bot: cherry_zerg, opponent: worker_rush, map: CherryGroveLE, seed: 1, game_step: 4}
    bots:
      cherry_zerg:
        race: zerg
        modules:                                    # in the order in which they run
          - modules.top.Top
          - modules.strategy.Strategy: {aggression: 0.7}
        build_orders: [12pool, roach_timing]
      worker_rush:
        race: zerg
        class: cherrypy_bot.opponents.worker_rush.WorkerRush     # a python-sc2 bot of its own
        options: {}                                 # arguments of its constructor

Everything wrong in it is a `ConfigError` of one line: `FILE:LINE: key 'a.b': what is wrong, what to do`.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sc2.bot_ai import BotAI
from sc2.data import AIBuild, Difficulty, Race

from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.errors import ConfigError, ModuleError
from cherrypy_bot.core.located_yaml import Located, did_you_mean, kind_of, read_yaml, validate
from cherrypy_bot.core.loop import Limits
from cherrypy_bot.core.module import Module

__all__ = [
    "BotSpec",
    "ComputerSpec",
    "Config",
    "ConfigError",
    "Defaults",
    "build_bot",
    "import_class",
    "load_config",
    "parse_opponent",
]

DEFAULT_FILE = "bots.yaml"
RACES: Mapping[str, Race] = MappingProxyType(
    {"zerg": Race.Zerg, "terran": Race.Terran, "protoss": Race.Protoss, "random": Race.Random}
)

RaceName = Literal["zerg", "terran", "protoss", "random"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Defaults(_Strict):
    """What the command line leaves open."""

    bot: str | None = None
    opponent: str | None = None
    map: str | None = None
    seed: int = Field(default=1, ge=0)
    game_step: int = Field(default=4, ge=1, le=64)


_LIMITS = Limits()


class LimitsEntry(_Strict):
    """When modules are deferred or switched off; see `cherrypy_bot.core.loop.Limits`."""

    faults: int = Field(default=_LIMITS.faults, ge=1)
    hard_ms: float = Field(default=_LIMITS.hard_ms, gt=0)
    hard_steps: int = Field(default=_LIMITS.hard_steps, ge=1)
    hard_window: int = Field(default=_LIMITS.hard_window, ge=1)
    step_budget_ms: float | None = Field(default=None, gt=0)
    max_deferrals: int = Field(default=_LIMITS.max_deferrals, ge=0)


class BotEntry(_Strict):
    """One bot as written."""

    race: RaceName
    modules: list[Any] | None = None
    class_: str | None = Field(default=None, alias="class")
    options: dict[str, Any] = Field(default_factory=dict)
    build_orders: list[str] = Field(default_factory=list)
    game_step: int | None = Field(default=None, ge=1, le=64)
    limits: LimitsEntry | None = None


class ConfigFile(_Strict):
    """The whole file as written."""

    defaults: Defaults = Field(default_factory=Defaults)
    bots: dict[str, BotEntry]


@dataclass(frozen=True, slots=True)
class ModuleSpec:
    """A module of a bot: its class by dotted name and its options as written.

    `path` is where the options stand in the file, `entry` where the module does.
    """

    dotted: str
    options: Mapping[str, Any]
    entry: tuple[str | int, ...]
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class BotSpec:
    """A bot of the file. Exactly one of `modules` (not None) and `class_name` is given.

    Attributes:
        game_step: its own, else the file's default.
        limits: None leaves them to the bot.
        located: the file, for errors that show up later.
    """

    name: str
    race: Race
    modules: tuple[ModuleSpec, ...] | None
    class_name: str | None
    options: Mapping[str, Any]
    build_orders: tuple[str, ...]
    game_step: int
    limits: Limits | None
    located: Located


@dataclass(frozen=True, slots=True)
class ComputerSpec:
    """A built-in opponent: `computer:RACE:LEVEL[:BUILD]`."""

    race: Race
    difficulty: Difficulty
    ai_build: AIBuild

    @property
    def name(self) -> str:
        """As people write it."""
        return f"computer:{self.race.name.lower()}:{self.difficulty.name}:{self.ai_build.name}"


@dataclass(frozen=True, slots=True)
class Config:
    """A loaded file. `bots` keeps the order of the file."""

    file: str
    defaults: Defaults
    bots: Mapping[str, BotSpec]
    located: Located

    def bot(self, name: str) -> BotSpec:
        """The bot called `name`. ConfigError, with the closest name, when there is none."""
        if name not in self.bots:
            raise self.located.error(
                ("bots",),
                f"no bot is called '{name}'{did_you_mean(name, self.bots)}; there are {', '.join(self.bots)}",
            )
        return self.bots[name]

    def check_all(self) -> None:
        """Build every bot once. ConfigError for the first that cannot be built."""
        for spec in self.bots.values():
            build_bot(spec, seed=0)


def load_config(path: str | Path | None = None, *, known_map: Callable[[str], bool] | None = None) -> Config:
    """Load and check a file; None is `bots.yaml` in the current folder.

    Checks everything but what only importing a class tells (that it exists, its options): `build_bot` does.

    Args:
        path: of the file. Modules beside it are importable afterwards.
        known_map: whether there is a map of this name; without it `defaults.map` is not checked.

    Raises ConfigError.
    """
    located = read_yaml(path if path is not None else DEFAULT_FILE)
    _fold_races(located)
    entries = validate(ConfigFile, located)
    folder = str(Path(located.file).resolve().parent)
    if folder not in sys.path:
        # At the end: what is installed comes first.
        sys.path.append(folder)
    bots = {name: _bot_spec(located, entries, name, entry) for name, entry in entries.bots.items()}
    config = Config(located.file, entries.defaults, MappingProxyType(bots), located)
    if not bots:
        raise located.error(("bots",), "there is no bot; add one")
    _check_defaults(config, known_map)
    return config


def _fold_races(located: Located) -> None:
    """Races may be written in any case."""
    bots = located.data.get("bots")
    for entry in bots.values() if isinstance(bots, dict) else ():
        if isinstance(entry, dict) and isinstance(entry.get("race"), str):
            entry["race"] = entry["race"].lower()


def _check_defaults(config: Config, known_map: Callable[[str], bool] | None) -> None:
    defaults, located = config.defaults, config.located
    for key, text in (("bot", defaults.bot), ("opponent", defaults.opponent)):
        if text is None or text in config.bots:
            continue
        if key == "opponent" and text.startswith("computer:"):
            try:
                parse_opponent(text, config)
            except ConfigError as error:
                raise located.error(("defaults", key), error.message) from None
            continue
        names = ", ".join(config.bots)
        raise located.error(
            ("defaults", key),
            f"no bot is called '{text}'{did_you_mean(text, config.bots)}; there are {names}",
        )
    if known_map is not None and defaults.map is not None and not known_map(defaults.map):
        raise located.error(
            ("defaults", "map"),
            f"there is no map '{defaults.map}'; `cherrypy-bot sim maps list` shows those there are",
        )


def _bot_spec(located: Located, file: ConfigFile, name: str, entry: BotEntry) -> BotSpec:
    where = ("bots", name)
    if (entry.modules is None) == (entry.class_ is None):
        raise located.error(where, "a bot has either 'modules' or 'class'; write one of them")
    if entry.modules is not None and entry.options:
        raise located.error((*where, "options"), "belongs to bots with 'class'; give each module its own options")
    modules = None
    if entry.modules is not None:
        modules = tuple(
            _module_spec(located, (*where, "modules", index), item) for index, item in enumerate(entry.modules)
        )
        for spec in modules:
            _find_module(located, spec.entry, spec.dotted)
    if entry.class_ is not None:
        _find_module(located, (*where, "class"), entry.class_)
    return BotSpec(
        name=name,
        race=RACES[entry.race],
        modules=modules,
        class_name=entry.class_,
        options=entry.options,
        build_orders=tuple(entry.build_orders),
        game_step=entry.game_step or file.defaults.game_step,
        limits=Limits(**entry.limits.model_dump()) if entry.limits is not None else None,
        located=located,
    )


def _module_spec(located: Located, where: tuple[str | int, ...], item: Any) -> ModuleSpec:
    """A module entry: a dotted name, or a map of one dotted name to its options."""
    if isinstance(item, str):
        return ModuleSpec(item, {}, where, where)
    if not isinstance(item, dict) or len(item) != 1:
        raise located.error(
            where,
            "a module is `package.file.Class` or `package.file.Class: {option: value}`, not "
            + kind_of(item)
            + (f" with {len(item)} keys" if isinstance(item, dict) else ""),
        )
    (name, options), *_ = item.items()
    if options is None:
        options = {}
    if not isinstance(options, dict):
        raise located.error((*where, name), f"options must be a map (option: value), not {kind_of(options)}")
    return ModuleSpec(name, options, where, (*where, name))


def _split(located: Located, where: tuple[str | int, ...], name: str) -> tuple[str, str]:
    """Module path and class name of `package.file.Class` or `package.file:Class`."""
    module, _, class_name = name.replace(":", ".").rpartition(".")
    if not module or not all(part.isidentifier() for part in (*module.split("."), class_name)):
        raise located.error(where, f"'{name}' is no dotted name of a class; write it as package.file.Class")
    return module, class_name


def _find_module(located: Located, where: tuple[str | int, ...], name: str) -> None:
    """ConfigError when no file defines the module; nothing but its parent packages is imported."""
    module, _ = _split(located, where, name)
    try:
        found = importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        found = False
    except Exception as error:
        problem = f"importing a package of '{module}' failed: {type(error).__name__}: {error}"
        raise located.error(where, problem) from error
    if not found:
        raise located.error(where, f"there is no module '{module}'; check the spelling, or install what has it")


def import_class(located: Located, where: tuple[str | int, ...], name: str, base: type) -> type[Any]:
    """The class called `name`. ConfigError when it cannot be imported or is no `base`."""
    module_name, class_name = _split(located, where, name)
    _find_module(located, where, name)
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise located.error(where, f"importing '{module_name}' failed: {type(error).__name__}: {error}") from error
    found = getattr(module, class_name, None)
    if not (isinstance(found, type) and issubclass(found, base)):
        there = [n for n, v in vars(module).items() if isinstance(v, type) and issubclass(v, base) and v is not base]
        hint = did_you_mean(class_name, there) or (f"; it has {', '.join(there)}" if there else "")
        raise located.error(where, f"'{module_name}' has no {base.__name__} called '{class_name}'{hint}")
    return found


def build_bot(
    spec: BotSpec,
    seed: int,
    *,
    game_step: int | None = None,
    limits: Limits | None = None,
    trace: str | Path | None = None,
    header: Mapping[str, Any] | None = None,
) -> BotAI:
    """Make the bot of a spec, for one match.

    Args:
        seed: of all its randomness; given to a plain class as its argument `seed` where it has one.
        game_step: instead of the spec's (plain classes set their own).
        limits: where the spec has none (plain classes have none).
        trace: decision trace to write (plain classes write none). header: facts for the trace's header.

    Raises ConfigError when a class cannot be imported, options are wrong, or modules do not fit together.
    """
    located, where = spec.located, ("bots", spec.name)
    if spec.class_name is not None:
        return _build_plain(spec, seed)
    modules = []
    for entry in spec.modules or ():
        cls = import_class(located, entry.entry, entry.dotted, Module)
        options = validate(cls.Options, located, entry.path, data=dict(entry.options))
        try:
            modules.append(cls(options))
        except Exception as error:
            raise located.error(
                entry.entry, f"'{entry.dotted}' cannot be made: {type(error).__name__}: {error}"
            ) from error
    try:
        return CherryBot(
            modules,
            name=spec.name,
            seed=seed,
            game_step=game_step or spec.game_step,
            limits=spec.limits or limits,
            trace=trace,
            header=dict(header or {}),
            build_orders=spec.build_orders,
        )
    except ModuleError as error:
        raise located.error((*where, "modules"), str(error)) from error


def _build_plain(spec: BotSpec, seed: int) -> BotAI:
    located, where = spec.located, ("bots", spec.name, "class")
    cls = import_class(located, where, spec.class_name or "", BotAI)
    options = dict(spec.options)
    parameters = inspect.signature(cls).parameters
    takes_all = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
    for name in options:
        if name not in parameters and not takes_all:
            known = ", ".join(parameters) or "none"
            raise located.error(
                ("bots", spec.name, "options", name),
                f"is no argument of '{spec.class_name}'{did_you_mean(name, parameters)}; it takes {known}",
            )
    if "seed" in parameters:
        options.setdefault("seed", seed)
    try:
        return cls(**options)
    except Exception as error:
        raise located.error(where, f"'{spec.class_name}' cannot be made: {type(error).__name__}: {error}") from error


def parse_opponent(text: str, config: Config) -> BotSpec | ComputerSpec:
    """An opponent as people write it: a bot of the file or `computer:RACE:LEVEL[:BUILD]`, in any case.

    Raises ConfigError that lists what there is.
    """
    head, *rest = text.split(":")
    if head.lower() != "computer":
        return config.bot(text)
    if len(rest) not in (2, 3):
        raise ConfigError(
            f"'{text}' must be computer:RACE:LEVEL or computer:RACE:LEVEL:BUILD, as in computer:zerg:Hard"
        )
    race = _pick(text, "race", rest[0], RACES)
    difficulty = _pick(text, "level", rest[1], {level.name: level for level in Difficulty})
    builds = {build.name: build for build in AIBuild}
    ai_build = _pick(text, "build", rest[2], builds) if len(rest) == 3 else AIBuild.RandomBuild
    return ComputerSpec(race, difficulty, ai_build)


def _pick(text: str, what: str, given: str, known: Mapping[str, Any]) -> Any:
    for name, value in known.items():
        if name.lower() == given.lower():
            return value
    raise ConfigError(
        f"'{text}': no {what} is called '{given}'{did_you_mean(given, known)}; there are {', '.join(known)}"
    )
