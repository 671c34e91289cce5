"""The `cherrypy-bot` command: names, flags and help texts; `cherrypy_bot.commands` does the work.

Heavy packages are imported inside the commands, so that `--help` and mistakes answer at once. A mistake of
the user's (a wrong name, a bad file, a missing installation) ends with one line on stderr and exit code 2.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cherrypy_bot.commands import arena as arena_commands
from cherrypy_bot.commands import builds as build_commands
from cherrypy_bot.commands import calibration as calibration_commands
from cherrypy_bot.commands import evaluate as evaluate_commands
from cherrypy_bot.commands import league as league_commands
from cherrypy_bot.commands import pack as pack_commands
from cherrypy_bot.commands import replay as replay_commands
from cherrypy_bot.commands import train as train_commands
from cherrypy_bot.commands import whole as whole_commands
from cherrypy_bot.commands.options import ConfigOption, JsonOption

app = typer.Typer(
    name="cherrypy-bot",
    help="A StarCraft II bot framework with an embedded engine that plays without StarCraft II.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
sim_app = typer.Typer(help="The embedded engine by itself: serve it, install it, look at its maps.")
maps_app = typer.Typer(help="Maps of the embedded engine.")
app.add_typer(sim_app, name="sim", no_args_is_help=True)
sim_app.add_typer(maps_app, name="maps", no_args_is_help=True)
app.add_typer(replay_commands.app, name="replay")
app.add_typer(build_commands.app, name="builds")
train_commands.app.command("eval")(evaluate_commands.evaluate)
train_commands.app.command("calibration")(calibration_commands.calibration)
train_commands.app.command("whole")(whole_commands.whole)
app.add_typer(train_commands.app, name="train", no_args_is_help=True)
app.add_typer(league_commands.app, name="league", no_args_is_help=True)
app.command()(arena_commands.arena)
app.command()(pack_commands.pack)

USER_ERROR = 2


class Engine(StrEnum):
    """What a match is played on."""

    sim = "sim"
    sc2 = "sc2"


@app.command()
def play(
    bot: Annotated[
        str | None, typer.Argument(help="Who plays: a name in bots.yaml.", show_default="bots.yaml's first")
    ] = None,
    opponent: Annotated[
        str | None,
        typer.Option(
            help="Against whom: a name in bots.yaml, or computer:RACE:LEVEL[:BUILD] as in computer:zerg:VeryHard:Rush.",
            show_default="bots.yaml's",
        ),
    ] = None,
    map_name: Annotated[
        str | None,
        typer.Option("--map", help="A map's name (`sim maps list`) or a map file.", show_default="bots.yaml's"),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Same seed, map and bots: the same game.", min=0, show_default="bots.yaml's"),
    ] = None,
    engine: Annotated[Engine, typer.Option(help="The embedded engine, or an installed StarCraft II.")] = Engine.sim,
    realtime: Annotated[bool, typer.Option("--realtime", help="Play at the speed of the real clock.")] = False,
    game_step: Annotated[
        int | None,
        typer.Option(help="Loops between two decisions of a bot.", min=1, max=64, show_default="bots.yaml's"),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(help="Where the replay goes.", metavar="FILE", show_default="out/replays/..."),
    ] = None,
    trace: Annotated[
        Path | None,
        typer.Option(help="Where the decision trace goes.", metavar="FILE", show_default="out/traces/..."),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Show the match in the browser while it is played.")] = False,
    watch_port: Annotated[
        int, typer.Option(help="TCP port of that page on this machine; 0 takes a free one.", min=0, max=65535)
    ] = 0,
    loop_limit: Annotated[
        int, typer.Option(help="The game is a tie at this loop (the ladder's limit).", min=1)
    ] = 80_640,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress line, only the result.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Play one match and show what came of it."""
    from cherrypy_bot.commands import play as command

    options = command.PlayOptions(
        bot=bot,
        opponent=opponent,
        map_name=map_name,
        seed=seed,
        engine=engine.value,
        realtime=realtime,
        game_step=game_step,
        replay=replay,
        trace=trace,
        loop_limit=loop_limit,
        config=config,
        watch_port=watch_port if watch else None,
    )
    command.run(Console(stderr=as_json), options, quiet=quiet or as_json, as_json=as_json)


@app.command()
def view(
    target: Annotated[
        Path | None,
        typer.Argument(help="A trace, or a folder with traces.", metavar="TRACE|FOLDER", show_default="out"),
    ] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write the match as one HTML file instead of serving it.", metavar="FILE")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="TCP port; 0 takes a free one.", min=0, max=65535)] = 8765,
    browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
) -> None:
    """Show matches in the browser: the map, and the bot's mind beside it."""
    from cherrypy_bot.commands import view as command

    command.run(Console(), target, export=export, host=host, port=port, open_browser=browser)


@app.command()
def why(
    trace: Annotated[Path, typer.Argument(help="A bot's decision trace (.cbtrace), as `play` writes it.")],
    unit: Annotated[
        str | None, typer.Option(help="Tag of the unit to explain, or a type to list.", show_default="all are listed")
    ] = None,
    at: Annotated[str | None, typer.Option(help="Moment, as 4:30.", show_default="the end")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say why a unit did what it did: its task, its last order, and the decisions that led there."""
    from cherrypy_bot.commands import why as command

    command.run(Console(), trace, unit, at, as_json=as_json)


@app.command()
def bots(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the bots of bots.yaml."""
    from cherrypy_bot.commands import bots as command

    command.run(Console(), config, as_json=as_json)


@app.command()
def doctor(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Say what this machine has, what it lacks, and what that means."""
    from cherrypy_bot.commands import doctor as command

    raise typer.Exit(command.run(Console(), config, as_json=as_json))


@sim_app.command()
def serve(
    port: Annotated[int, typer.Option(help="TCP port of the websocket /sc2api.", min=1, max=65535)] = 5000,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    maps: Annotated[
        list[Path] | None, typer.Option(help="Folder with more maps; may be repeated.", metavar="DIR")
    ] = None,
) -> None:
    """Serve the game's API on a websocket, as StarCraft II started with -listen and -port does."""
    from cherrypy_bot.commands import sim as command

    command.serve(Console(), host, port, maps or [])


@sim_app.command()
def install(
    directory: Annotated[Path, typer.Argument(help="Folder to write to; SC2PATH points there afterwards.")],
) -> None:
    """Write a folder that python-sc2 takes for a StarCraft II installation and that starts this engine."""
    from cherrypy_bot.commands import sim as command

    command.install(Console(), directory)


@sim_app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="A replay that `play` wrote (.SC2Replay).")],
    at: Annotated[str | None, typer.Option(help="Moment to draw, as 4:30.", show_default="the end")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="PNG to draw to.", metavar="FILE")] = None,
    as_json: JsonOption = False,
) -> None:
    """Play a match's record again, check that it is the same game, and draw a moment of it."""
    from cherrypy_bot.commands import record as command

    command.run(Console(), file, at, output, as_json=as_json)


@sim_app.command()
def conform(
    path: Annotated[
        Path, typer.Argument(help="Folder with captures of the real game, or a file with its ResponseData (.pb[.xz]).")
    ],
    ruleset: Annotated[str, typer.Option(help="Which of the engine's rulesets to compare.")] = "5.0.14",
    durations: Annotated[
        bool, typer.Option("--durations", help="Also play what the folder's facts/build_durations.csv measured.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Compare the engine's game data with the real game's, field by field."""
    from cherrypy_bot.commands import conform as command

    command.conform(Console(stderr=as_json), path, ruleset, durations=durations, as_json=as_json)


@sim_app.command()
def openings(
    directory: Annotated[Path, typer.Argument(help="Folder with captures of the real game (facts/openings.json).")],
    map_name: Annotated[
        str, typer.Option("--map", help="Where to play an opening whose own map the folder does not hold.")
    ] = "CherryGroveLE",
    as_json: JsonOption = False,
) -> None:
    """Play real players' openings again and compare the economy, loop by loop."""
    from cherrypy_bot.commands import openings as command

    command.openings(Console(stderr=as_json), directory, map_name, as_json=as_json)


@maps_app.command("list")
def maps_list(as_json: JsonOption = False) -> None:
    """List the maps that --map takes."""
    from cherrypy_bot.commands import maps as command

    command.list_all(Console(), as_json=as_json)


@maps_app.command("show")
def maps_show(
    name: Annotated[str, typer.Argument(help="A map's name or a map file (.SC2Map, .npz).")],
    output: Annotated[Path, typer.Option("--output", "-o", help="PNG to write.", metavar="FILE")] = Path("map.png"),
) -> None:
    """Draw a map: terrain, ramps, resources, start locations."""
    from cherrypy_bot.commands import maps as command

    command.show(Console(), name, output)


@maps_app.command("import")
def maps_import(
    file: Annotated[Path, typer.Argument(help="A map file (.SC2Map), or the game's ResponseGameInfo (.pb or .pb.xz).")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Map file to write.", metavar="FILE")],
    observation: Annotated[
        Path | None, typer.Argument(help="With a ResponseGameInfo: the first ResponseObservation (.pb or .pb.xz).")
    ] = None,
) -> None:
    """Make a map of the embedded engine from a map file, or from what the game says about one of its maps."""
    from cherrypy_bot.commands import maps as command

    if observation is None:
        command.import_file(Console(), file, output)
    else:
        command.import_from_game(Console(), file, observation, output)


def user_errors() -> tuple[type[Exception], ...]:
    """The exceptions whose text is meant for the user; anything else is a fault of the program's."""
    from cherrypy_bot.config import ConfigError
    from cherrypy_bot.core.errors import TraceError
    from cherrypy_bot.ladder.errors import MatchError
    from cherrypy_bot.learn.episodes import EpisodeError
    from cherrypy_bot.learn.league.errors import LeagueError
    from cherrypy_bot.learn.training.dataset import TrainingError
    from cherrypy_bot.learn.weights import WeightsError
    from cherrypy_bot.sim.errors import SimError
    from cherrypy_bot.sim.maps import MapError
    from cherrypy_bot.sim.rules.errors import RulesError
    from cherrypy_bot.viewer.errors import ViewError
    from replays.errors import ReplayError

    return (
        ConfigError,
        MatchError,
        SimError,
        MapError,
        RulesError,
        ReplayError,
        TraceError,
        ViewError,
        LeagueError,
        EpisodeError,
        TrainingError,
        WeightsError,
    )


def main() -> None:
    """Entry point of the `cherrypy-bot` script."""
    try:
        app()
    except Exception as error:
        if not isinstance(error, user_errors()):
            raise
        line = " ".join(str(error).split())
        sys.stderr.write(f"cherrypy-bot: {line}\n")
        sys.exit(USER_ERROR)


if __name__ == "__main__":
    main()
