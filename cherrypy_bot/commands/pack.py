"""`cherrypy-bot pack`: a bot as the zip that the ladder takes, and a match with such a zip."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cherrypy_bot.commands.options import ConfigOption, JsonOption
from cherrypy_bot.ladder.errors import MatchError

if TYPE_CHECKING:
    from cherrypy_bot.ladder.pack.archive import Part
    from cherrypy_bot.ladder.pack.check import CheckResult
    from cherrypy_bot.ladder.pack.contents import Contents

OUTPUT = Path("out") / "ladder"
UNFIT = 1


def pack(
    bot: Annotated[
        str | None, typer.Argument(help="Which bot of bots.yaml is packed.", metavar="BOT", show_default=False)
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option("--check", help="Play a match with this zip instead, as the ladder would.", metavar="ZIP"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Zip to write.", metavar="FILE", show_default="out/ladder/BOT.zip"),
    ] = None,
    add: Annotated[
        list[Path] | None,
        typer.Option("--add", help="A further file or folder beside bots.yaml that goes in.", metavar="PATH"),
    ] = None,
    map_name: Annotated[
        str | None, typer.Option("--map", help="With --check: the map.", show_default="the engine's first")
    ] = None,
    opponent: Annotated[
        str | None, typer.Option(help="With --check: against whom, as in `arena`.", show_default="a worker rush")
    ] = None,
    loop_limit: Annotated[int, typer.Option(help="With --check: the game is a tie at this loop.", min=1)] = 80_640,
    seed: Annotated[int, typer.Option(help="With --check: of the game.", min=0)] = 1,
    python: Annotated[
        str | None,
        typer.Option(
            help="With --check: an interpreter that has what the ladder's image has.",
            metavar="FILE",
            show_default="this one, restricted to that",
        ),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pack a bot for the AI Arena ladder, or check a packed one by playing a match with it."""
    console = Console(stderr=as_json)
    if (bot is None) == (check is None):
        raise MatchError("say which bot is packed, as in `pack cherry_zerg`, or which zip is checked with --check ZIP")
    if check is not None:
        _check(console, check, map_name, opponent, seed, loop_limit, python, as_json=as_json)
    else:
        assert bot is not None
        _pack(console, bot, output, add or [], config, as_json=as_json)


def _pack(
    console: Console, name: str, output: Path | None, added: list[Path], config: Path | None, *, as_json: bool
) -> None:
    from cherrypy_bot.config import build_bot, load_config
    from cherrypy_bot.ladder.pack import archive
    from cherrypy_bot.ladder.pack.contents import collect

    loaded = load_config(config)
    spec = loaded.bot(name)
    build_bot(spec, seed=0)  # what cannot be built here cannot be built there
    contents = collect(spec, added)
    path = output if output is not None else OUTPUT / f"{name}.zip"
    parts = archive.write(path, loaded, spec, contents)
    size = path.stat().st_size
    if as_json:
        plain = {
            "zip": str(path),
            "bytes": size,
            "parts": [asdict(part) for part in parts],
            "vendored": contents.vendored,
            "from_image": sorted(contents.from_image),
            "left_out": contents.left_out,
            "files": sorted(contents.files),
        }
        sys.stdout.write(json.dumps(plain, indent=2) + "\n")
        return
    console.print(_parts_table(parts, contents))
    console.print(f"of the ladder's image it uses {', '.join(sorted(contents.from_image))}")
    for line in contents.left_out:
        console.print(f"left out, as the code allows: {escape(line)}", soft_wrap=True)
    console.print(f"{escape(str(path))}: {size / 1e6:.2f} MB; try it with", end=" ", soft_wrap=True)
    console.print(f"`cherrypy-bot pack --check {escape(str(path))}`", soft_wrap=True)


def _parts_table(parts: list[Part], contents: Contents) -> Table:
    table = Table(title="what went in", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("")
    for heading in ("files", "kB unpacked", "kB in the zip"):
        table.add_column(heading, justify="right")
    table.add_column("from", overflow="fold")
    for part in parts:
        origin = contents.vendored.get(part.name.removesuffix(".py"), "")
        sizes = (f"{part.unpacked_bytes / 1e3:,.0f}", f"{part.packed_bytes / 1e3:,.0f}")
        table.add_row(escape(part.name), str(part.files), *sizes, escape(origin))
    table.add_section()
    total = [sum(getattr(part, key) for part in parts) for key in ("files", "unpacked_bytes", "packed_bytes")]
    table.add_row("all", str(total[0]), f"{total[1] / 1e3:,.0f}", f"{total[2] / 1e3:,.0f}", "")
    return table


def _check(
    console: Console,
    path: Path,
    map_name: str | None,
    opponent: str | None,
    seed: int,
    loop_limit: int,
    python: str | None,
    *,
    as_json: bool,
) -> None:
    from cherrypy_bot.ladder.arena.entrants import interpreter
    from cherrypy_bot.ladder.arena.rules import ArenaRules
    from cherrypy_bot.ladder.pack.check import check
    from cherrypy_bot.sim.maps import shipped_maps

    played_on = map_name or shipped_maps()[0]
    with console.status(f"{escape(path.name)} plays on {escape(played_on)}"):
        found = check(
            path,
            map_name=played_on,
            seed=seed,
            opponent=opponent,
            python=interpreter(python),
            rules=ArenaRules(loop_limit=loop_limit),
        )
    if as_json:
        plain = {
            "zip": str(path),
            "fit": found.problem is None,
            "problem": found.problem,
            "python": found.python,
            "missing": list(found.missing),
            "result": found.result.as_dict(),
            "last_words": list(found.last_words),
        }
        sys.stdout.write(json.dumps(plain, indent=2) + "\n")
    else:
        _print_check(console, found)
    if found.problem is not None:
        raise typer.Exit(UNFIT)


def _print_check(console: Console, found: CheckResult) -> None:
    result = found.result
    times = result.times[0]
    console.print(f"{escape(result.bots[0])} v {escape(result.bots[1])} on {escape(result.map_name)}", soft_wrap=True)
    console.print(f"{result.verdict.ending.value}: {escape(result.verdict.reason)}", soft_wrap=True)
    if times.avg_step_time is not None and times.max_step_time is not None:
        mean, worst = 1000 * times.avg_step_time, 1000 * times.max_step_time
        console.print(f"{times.steps} steps, {mean:.1f} ms each, the longest {worst:.0f} ms (the ladder asks for 40)")
    console.print(f"run by {escape(found.python)}", soft_wrap=True)
    if found.missing:
        console.print(f"the image has and this machine lacks: {', '.join(found.missing)}", soft_wrap=True)
    if found.problem is None:
        console.print("[green]fit for the ladder[/]")
        return
    console.print(f"[red]not fit for the ladder[/]: {escape(found.problem)}; the end of its output:", soft_wrap=True)
    for line in found.last_words:
        console.print(f"  {escape(line)}", soft_wrap=True, highlight=False)
