"""From names in bots.yaml to the two sides of a match."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from loguru import logger
from sc2.player import Bot, Computer

from cherrypy_bot.config import BotSpec, ComputerSpec, Config, ConfigError, build_bot, import_class, parse_opponent
from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.module import Module
from cherrypy_bot.ladder.contender import Contender
from cherrypy_bot.ladder.report import Timing

SEED_STRIDE = 1_000_003
"""The two bots of a match draw from different random numbers, also where a bot plays itself."""


def contenders(
    config: Config,
    first: str,
    second: str,
    *,
    seed: int,
    game_step: int | None = None,
    traces: Mapping[int, Path] | None = None,
    header: Mapping[str, Any] | None = None,
    options: Mapping[int, Mapping[str, Mapping[str, Any]]] | None = None,
) -> tuple[Contender, Contender]:
    """Both sides of a match, made afresh.

    Args:
        first: a bot of the configuration.
        second: a bot of the configuration or `computer:RACE:LEVEL[:BUILD]`.
        seed: the match's; each bot's own seed follows from it.
        game_step: loops per step of the project's bots instead of what the configuration says.
        traces: where the decision trace of side 0 and side 1 goes; a side without entry writes none.
        header: facts for the traces' headers.
        options: per side and module (its `name`, as "strategy") options that join those of the configuration.

    Raises ConfigError for unknown names and for bots that cannot be built.
    """
    specs = [config.bot(first), parse_opponent(second, config)]
    for index, given in (options or {}).items():
        specs[index] = _with_options(specs[index], given)
    names = _distinct(specs[0].name, second if isinstance(specs[1], ComputerSpec) else specs[1].name)
    sides = [
        _contender(spec, name, seed * SEED_STRIDE + index, game_step, (traces or {}).get(index), header)
        for index, (spec, name) in enumerate(zip(specs, names, strict=True))
    ]
    return sides[0], sides[1]


def writes_trace(config: Config, name: str) -> bool:
    """Whether the side called `name` is a bot of modules, which can write a decision trace."""
    spec = parse_opponent(name, config)
    return isinstance(spec, BotSpec) and spec.modules is not None


def _with_options(spec: BotSpec | ComputerSpec, given: Mapping[str, Mapping[str, Any]]) -> BotSpec:
    """The bot with further options for its modules. ConfigError where it has no such module."""
    name = spec.name
    if isinstance(spec, ComputerSpec) or spec.modules is None:
        raise ConfigError(f"'{name}' has no modules that could be given options; only bots with 'modules' have")
    changed, left = [], dict(given)
    for module in spec.modules:
        cls = import_class(spec.located, module.entry, module.dotted, Module)
        extra = left.pop(cls.name, None)
        changed.append(replace(module, options={**module.options, **extra}) if extra else module)
    if left:
        raise ConfigError(f"'{name}' has no module called {', '.join(sorted(left))}; options for it mean nothing")
    return replace(spec, modules=tuple(changed))


def quiet_python_sc2() -> None:
    """Sends python-sc2's log to stderr, warnings and worse only; it writes everything to stdout by itself."""
    import sc2.main  # configures the log when it is imported, so it has to come first

    assert sc2.main.logger is logger
    logger.remove()
    logger.add(sys.stderr, level="WARNING", format="<level>{level: <7}</level> {message}", backtrace=False)


def _distinct(first: str, second: str) -> tuple[str, str]:
    """A bot against itself gets a second name, as python-sc2 gives it."""
    return (first, second) if first != second else (first, f"{second}2")


def _contender(
    spec: BotSpec | ComputerSpec,
    name: str,
    seed: int,
    game_step: int | None,
    trace: Path | None,
    header: Mapping[str, Any] | None,
) -> Contender:
    if isinstance(spec, ComputerSpec):
        return Contender(name, Computer(spec.race, spec.difficulty, spec.ai_build))
    ai = build_bot(spec, seed, game_step=game_step, trace=trace, header=header)
    player = Bot(spec.race, ai, name=name)
    if not isinstance(ai, CherryBot):
        return Contender(name, player)
    return Contender(
        name,
        player,
        module_times=lambda: {module: Timing.of(ms.samples) for module, ms in ai.module_ms.items()},
        switched_off=lambda: ai.modules_off,
        orders=lambda: ai.orders_given,
    )
