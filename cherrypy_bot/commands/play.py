"""`cherrypy-bot play`: one match from names to a table."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from cherrypy_bot.commands.console import ProgressLine, match_footer, match_table
from cherrypy_bot.commands.settings import load_settings
from cherrypy_bot.commands.view import LivePage, show_in_browser
from cherrypy_bot.config import Config, ConfigError
from cherrypy_bot.core.trace import SUFFIX
from cherrypy_bot.ladder.errors import MatchError
from cherrypy_bot.ladder.match import MatchSetup, play_match
from cherrypy_bot.ladder.players import contenders, quiet_python_sc2, writes_trace
from cherrypy_bot.ladder.report import MatchReport
from cherrypy_bot.ladder.spectate import world_trace_path
from cherrypy_bot.viewer.folder import match_name

OUTPUT = Path("out")


@dataclass(frozen=True)
class PlayOptions:
    """The flags of `play`; None leaves a choice to bots.yaml."""

    bot: str | None
    opponent: str | None
    map_name: str | None
    seed: int | None
    engine: str
    realtime: bool
    game_step: int | None
    replay: Path | None
    trace: Path | None
    loop_limit: int
    config: Path | None
    watch_port: int | None = None


@dataclass(frozen=True)
class Plan:
    """What is played and where its files go; everything that was left open is decided.

    Attributes:
        stem: name of the match's files: when, who against whom.
        traces: decision traces by side; scripted bots and computers write none.
        world: the trace of all that happened; only the embedded engine writes it.
    """

    bot: str
    opponent: str
    map_name: str
    seed: int
    game_step: int
    stem: str
    replay: Path
    traces: dict[int, Path]
    world: Path


def run(console: Console, options: PlayOptions, *, quiet: bool, as_json: bool) -> None:
    """Plays and prints. Raises ConfigError or MatchError where the match cannot be played."""
    config = load_settings(options.config, engine=options.engine)
    plan = make_plan(config, options)
    quiet_python_sc2()
    if options.watch_port is None:
        _print(console, plan, options, _play(console, plan, config, options, quiet), as_json)
        return
    with LivePage(plan.world.parent, match_name(plan.world.name), port=options.watch_port) as page:
        console.print(f"watch it at {page.url}", highlight=False, soft_wrap=True)
        show_in_browser(page.url)
        _print(console, plan, options, _play(console, plan, config, options, quiet), as_json)
        page.linger(console)


def _play(console: Console, plan: Plan, config: Config, options: PlayOptions, quiet: bool) -> MatchReport:
    if options.engine == "sc2":
        return _play_installed(plan, config, options)
    return _play_sim(console, plan, config, options, quiet)


def _print(console: Console, plan: Plan, options: PlayOptions, report: MatchReport, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(report.as_dict()) + "\n")
        sys.stdout.flush()
        return
    console.print(match_table(report))
    for line in match_footer(report):
        console.print(line, soft_wrap=True, highlight=False)
    if options.engine == "sim":
        console.print(f"look at it: cherrypy-bot view {plan.world}", soft_wrap=True, highlight=False)


def make_plan(config: Config, options: PlayOptions) -> Plan:
    """Fills what the command line left open from the configuration. ConfigError where that says nothing."""
    defaults = config.defaults
    bot = _chosen(options.bot, defaults.bot, "bot", "name a bot, as in `cherrypy-bot play cherry_terran`")
    opponent = _chosen(options.opponent, defaults.opponent, "opponent", "use --opponent")
    map_name = _chosen(options.map_name, defaults.map, "map", "use --map")
    seed = options.seed if options.seed is not None else defaults.seed
    stem = _unique_stem(f"{datetime.now():%Y%m%d-%H%M%S}-{bot}-v-{opponent.replace(':', '_')}")
    tracing = [side for side, name in enumerate((bot, opponent)) if writes_trace(config, name)]
    return Plan(
        bot=bot,
        opponent=opponent,
        map_name=map_name,
        seed=seed,
        game_step=options.game_step if options.game_step is not None else config.bot(bot).game_step,
        stem=stem,
        replay=options.replay if options.replay is not None else OUTPUT / "replays" / f"{stem}.SC2Replay",
        traces={side: _trace_path(options.trace, stem, side) for side in tracing},
        world=world_trace_path(_trace_path(options.trace, stem, 0)),
    )


def _chosen(given: str | None, default: str | None, key: str, hint: str) -> str:
    if given is not None:
        return given
    if default is None:
        raise ConfigError(f"no {key} was named and the configuration's defaults have none; {hint}")
    return default


def _unique_stem(stem: str) -> str:
    """Nothing is overwritten: a second match of the same second gets a number."""
    taken = {path.name for folder in ("replays", "traces") for path in (OUTPUT / folder).glob(stem + "*")}
    candidate, number = stem, 2
    while any(name.startswith(candidate + ".") for name in taken):
        candidate, number = f"{stem}-{number}", number + 1
    return candidate


def _trace_path(given: Path | None, stem: str, side: int) -> Path:
    """The first side's trace is the match's; a second tracing bot's stands beside it."""
    path = given if given is not None else OUTPUT / "traces" / f"{stem}{SUFFIX}"
    if side == 0:
        return path
    return path.with_name(f"{path.name.removesuffix(SUFFIX)}.opponent{SUFFIX}")


def _play_sim(console: Console, plan: Plan, config: Config, options: PlayOptions, quiet: bool) -> MatchReport:
    from cherrypy_bot.ladder.spectate import WorldTrace
    from cherrypy_bot.sim.kernels.jit import is_compiled
    from cherrypy_bot.sim.maps import load_map

    load_map(plan.map_name)  # a wrong name is said before bots are built and files are opened
    header = {"map": plan.map_name, "match_seed": plan.seed, "opponent": plan.opponent}
    sides = contenders(
        config,
        plan.bot,
        plan.opponent,
        seed=plan.seed,
        game_step=plan.game_step,
        traces=plan.traces,
        header=header,
    )
    world = WorldTrace(plan.world, {**header, "game_step": plan.game_step}, [sides[0].name, sides[1].name])
    setup = MatchSetup(
        sides,
        plan.map_name,
        seed=plan.seed,
        game_step=plan.game_step,
        realtime=options.realtime,
        loop_limit=options.loop_limit,
    )
    with ProgressLine(console, quiet=quiet) as line:
        line.status(
            f"{sides[0].name} v {sides[1].name} on {plan.map_name}"
            if is_compiled()
            else "compiling the engine (once, about half a minute)"
        )
        return play_match(setup, on_progress=line.show, replay=plan.replay, traces=plan.traces, world=world)


def _play_installed(plan: Plan, config: Config, options: PlayOptions) -> MatchReport:
    from cherrypy_bot.ladder.installed import find_installation, missing_installation_message, play_installed

    installation = find_installation()
    if not installation.complete:  # said before any bot is built
        raise MatchError(missing_installation_message(installation))
    sides = contenders(config, plan.bot, plan.opponent, seed=plan.seed, game_step=plan.game_step, traces=plan.traces)
    return play_installed(
        sides,
        plan.map_name,
        seed=plan.seed,
        realtime=options.realtime,
        game_step=plan.game_step,
        replay=plan.replay,
        traces=plan.traces,
        loop_limit=options.loop_limit,
    )
