"""`cherrypy-bot builds`: which builds there are, and what comes of one that nobody disturbs."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cherrypy_bot.commands.options import ConfigOption, JsonOption
from cherrypy_bot.commands.settings import load_settings
from cherrypy_bot.config import BotSpec, Config, ConfigError

if TYPE_CHECKING:
    from modules.build_order.builds import Build
    from modules.build_order.lint import Report

app = typer.Typer(help="Build orders: list them, play one undisturbed and see when its steps are reached.")

RECORDER = "modules.build_order.recorder.Recorder"
STRATEGY = "modules.strategy.Strategy"
IDLE_STEP_LOOPS = 448
OTHER_BASE_CELLS = 5.0
DEFAULT_MINUTES = 7.0
DEFAULT_STEP = 4

RaceOption = Annotated[str | None, typer.Option("--race", help="Only builds of this race.", metavar="RACE")]


@dataclass(frozen=True)
class LintOptions:
    """The flags of `builds lint`."""

    minutes: float
    game_step: int
    map_name: str | None
    seed: int
    facts: Path | None
    config: Path | None


@app.callback(invoke_without_command=True)
def list_builds(context: typer.Context, race: RaceOption = None, as_json: JsonOption = False) -> None:
    """List the build orders."""
    if context.invoked_subcommand is not None:
        return
    found = _all_builds(race)
    if as_json:
        plain = [
            {
                "name": build.name,
                "race": build.race.name.lower(),
                "about": build.about,
                "against": sorted(enemy.name.lower() for enemy in build.against),
                "opening": build.is_opening,
                "switch_target": build.switch_target,
                "attack_supply": build.attack_supply,
            }
            for build in found
        ]
        sys.stdout.write(json.dumps({"builds": plain}) + "\n")
        return
    table = Table("build", "race", "against", "opening", "switch to", "what it is")
    for build in found:
        against = "all" if len(build.against) > 2 else ", ".join(sorted(e.name.lower() for e in build.against))
        table.add_row(
            build.name,
            build.race.name.lower(),
            against,
            "yes" if build.is_opening else "",
            "yes" if build.switch_target else "",
            build.about,
        )
    Console().print(table)


@app.command()
def lint(
    name: Annotated[str | None, typer.Argument(help="A build's name.", show_default="all of them")] = None,
    race: RaceOption = None,
    minutes: Annotated[float, typer.Option(help="Game time to play.", min=0.5, max=30.0)] = DEFAULT_MINUTES,
    game_step: Annotated[int, typer.Option(help="Loops between two decisions.", min=1, max=64)] = DEFAULT_STEP,
    map_name: Annotated[str | None, typer.Option("--map", help="A map's name.", show_default="bots.yaml's")] = None,
    seed: Annotated[int, typer.Option(help="Of the game.", min=0)] = 1,
    facts: Annotated[
        Path | None,
        typer.Option(help="Folder with openings.json, real games to compare openings with.", metavar="DIR"),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play builds against an opponent that does nothing; say when their steps are reached and what is wasted.

    The exit code is 1 when a step was never reached, or when an item comes later than in the real game for no
    reason that the file gives.
    """
    options = LintOptions(minutes, game_step, map_name, seed, facts, config)
    chosen = [build for build in _all_builds(race) if name is None or build.name == name]
    if not chosen:
        from cherrypy_bot.core.located_yaml import did_you_mean

        known = [build.name for build in _all_builds(race)]
        raise ConfigError(
            f"there is no build '{name}'{did_you_mean(name or '', known)}; `cherrypy-bot builds` lists them"
        )
    settings = load_settings(config)
    real = _facts(facts)
    console = Console(stderr=as_json)
    reports = []
    for number, build in enumerate(chosen, start=1):
        if len(chosen) > 1 or as_json:
            Console(stderr=True).print(
                f"{number}/{len(chosen)} {build.race.name.lower()} {build.name}", highlight=False
            )
        reports.append(play_build(build, settings, options, real))
        if not as_json:
            _print(console, build, reports[-1], detailed=len(chosen) == 1)
    if as_json:
        sys.stdout.write(json.dumps({"reports": [one.as_dict() for one in reports]}) + "\n")
    if any(one.missed or one.unexcused for one in reports):
        raise typer.Exit(1)


def play_build(build: Build, config: Config, options: LintOptions, real: Mapping[str, Any] | None = None) -> Report:
    """Play one build and report it. Raises ConfigError where no bot of the configuration can play it."""
    from sc2.bot_ai import BotAI
    from sc2.data import Race
    from sc2.player import Bot

    from cherrypy_bot.config import build_bot
    from cherrypy_bot.core.bot import CherryBot
    from cherrypy_bot.ladder.match import Contender, MatchSetup, play_match
    from cherrypy_bot.ladder.players import quiet_python_sc2
    from modules.build_order.conditions import LOOPS_PER_SECOND
    from modules.build_order.lint import real_times, report
    from modules.build_order.recorder import Recorder

    class Idle(BotAI):
        """Does nothing, and seldom; it stands on two bases, so that no early attack is expected of it."""

        async def on_start(self) -> None:
            self.client.game_step = IDLE_STEP_LOOPS
            hall = self.townhalls.first
            others = [place for place in self.expansion_locations_list if place.distance_to(hall) > OTHER_BASE_CELLS]
            natural = min(others, key=lambda place: place.distance_to(hall))
            await self.client.debug_create_unit([[hall.type_id, 1, natural, self.player_id]])

        async def on_step(self, iteration: int) -> None:
            """Nothing."""

    quiet_python_sc2()
    made = build_bot(_player(config, build), options.seed)
    assert isinstance(made, CherryBot)
    recorder = Recorder()
    # A build that is only for switching to is played from the start all the same.
    modules = [module for module in made.modules if type(module).__name__ != "UpcToCommand"]
    for module in modules:
        if module.name == "strategy":
            module.options = type(module.options)(**{**module.options.model_dump(), "build": build.name})
    bot = CherryBot([*modules, recorder], game_step=options.game_step, seed=options.seed, build_orders=(build.name,))
    enemy = next(race for race in (Race.Terran, Race.Zerg, Race.Protoss) if race in build.against)
    setup = MatchSetup(
        (
            Contender(build.name, Bot(build.race, bot, name=build.name)),
            Contender("idle", Bot(enemy, Idle(), name="idle")),
        ),
        options.map_name or config.defaults.map or "CherryGroveLE",
        seed=options.seed,
        game_step=options.game_step,
        loop_limit=round(options.minutes * 60 * LOOPS_PER_SECOND),
    )
    played = play_match(setup)
    if played.players[0].error:
        raise ConfigError(f"build {build.name} could not be played: {played.players[0].error}")
    times = real_times(real, build.like, build.race) if real is not None and build.like else None
    return report(build, recorder.begun, recorder.samples, recorder.blocked_loops, played.loops, times)


def _player(config: Config, build: Build) -> BotSpec:
    """The first bot of the configuration that is made of modules and plays the build's race."""
    for spec in config.bots.values():
        if spec.race is build.race and any(module.dotted == STRATEGY for module in spec.modules or ()):
            return spec
    raise ConfigError(f"no bot of {config.file} plays {build.race.name.lower()} with {STRATEGY}; add one")


def _all_builds(race: str | None) -> list[Build]:
    from cherrypy_bot.core.located_yaml import did_you_mean
    from modules.build_order.builds import builds_of
    from modules.build_order.names import RACES

    if race is not None and race.lower() not in RACES:
        raise ConfigError(f"there is no race '{race}'{did_you_mean(race, RACES)}; known are {', '.join(RACES)}")
    chosen = [RACES[race.lower()]] if race is not None else list(RACES.values())
    return [build for one in chosen for build in builds_of(one).values()]


def _facts(folder: Path | None) -> Mapping[str, Any] | None:
    if folder is None:
        return None
    path = folder if folder.suffix == ".json" else folder / "openings.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read as openings: {error}; name a folder with openings.json") from None
    if not isinstance(found, dict):
        raise ConfigError(f"{path} holds no openings; name a folder with openings.json")
    return found


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _print(console: Console, build: Build, result: Report, *, detailed: bool) -> None:
    if detailed:
        table = Table("step", "begun", "supply", "bank", title=f"{build.name}: {build.about}", title_justify="left")
        for step in result.steps:
            reached = _clock(step.seconds) if step.seconds is not None else "never"
            bank = f"{step.minerals}/{step.gas}" if step.seconds is not None else ""
            table.add_row(step.step, reached, f"{step.supply:.0f}" if bank else "", bank)
        console.print(table)
    economy = Table(
        "at", "workers", "supply", "bank", "income", "bases", "army", title=build.name, title_justify="left"
    )
    for seconds, sample in result.economy.items():
        economy.add_row(
            _clock(seconds),
            str(sample.workers),
            f"{sample.supply_used:.0f}/{sample.supply_cap:.0f}",
            f"{sample.minerals}/{sample.gas}",
            f"{sample.minerals_rate:.0f}/{sample.gas_rate:.0f}",
            str(sample.bases),
            str(sample.army),
        )
    console.print(economy)
    console.print(
        f"supply blocked {result.blocked_seconds:.0f} s, production idle {result.idle_share:.0%},"
        f" unused larvae {result.larvae:.1f}, minerals in the bank {result.floating:.0f}",
        highlight=False,
    )
    if result.missed:
        console.print(f"[red]never reached:[/red] {', '.join(result.missed)}")
    if result.never:
        console.print(f"not begun in this time: {', '.join(result.never)}")
    for late in result.late:
        begun = _clock(late.seconds) if late.seconds is not None else "never"
        why = f": {late.reason}" if late.reason else ""
        console.print(f"later than a real game: {late.item} {late.number} at {begun}, {_clock(late.real_seconds)}{why}")
