"""`cherrypy-bot train calibration`: whether the selector's probabilities came true in games that it played."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from cherrypy_bot.commands.options import JsonOption
from cherrypy_bot.config import ConfigError

COLUMNS = ("games", "count", "predicted", "won", "ece", "ece_if_true", "log_loss", "brier")


def calibration(
    data: Annotated[
        list[Path], typer.Argument(help="Folder of an evaluation, or its episodes; several add up.", metavar="DIR...")
    ],
    race: Annotated[str | None, typer.Option(help="Only games of this race.", metavar="RACE")] = None,
    policy: Annotated[str, typer.Option(help="Whose probabilities.", metavar="POLICY")] = "selector",
    opponents: Annotated[str | None, typer.Option(help="training or held_out.", show_default="both")] = None,
    maps: Annotated[str | None, typer.Option(help="training or held_out.", show_default="both")] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare the probabilities of winning with results, in the games of `train eval`."""
    from cherrypy_bot.learn.episodes import Damage

    damage = Damage()
    found = measure(data, damage, race=race, policy=policy, opponents=opponents, maps=maps)
    console = Console(stderr=as_json)
    for line in damage.lines:
        console.print(f"[yellow]data[/]: {escape(line)}", soft_wrap=True)
    if not found:
        raise ConfigError(
            f"{', '.join(map(str, data))}: no game there has probabilities of '{policy}'; play some with `train eval`"
        )
    if as_json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
        return
    table = Table(
        Column("evaluations", no_wrap=True), *COLUMNS, title=f"{policy}: said and came true", title_justify="left"
    )
    for name, row in found.items():
        table.add_row(name, *(str(row.get(column, "")) for column in COLUMNS))
    console.print(table)
    for row in found["all"]["reliability"]:
        console.print(
            f"  said {row['predicted']:.0%}, won {row['won']:.0%} ({row['count']} evaluations)", highlight=False
        )


def measure(data: list[Path], damage: Any, *, race: str | None = None, **facts: str | None) -> dict[str, Any]:
    """`learn.evaluation.calibration` of folders, {} where no game there has values. ConfigError for a missing one."""
    from cherrypy_bot.learn.episodes import read_episodes
    from cherrypy_bot.learn.evaluation.calibration import calibration as errors

    missing = next((path for path in data if not path.exists()), None)
    if missing is not None:
        raise ConfigError(f"{missing}: there is no such file or folder")
    folders = [path / "episodes" if (path / "episodes").is_dir() else path for path in data]
    wanted = {name: value for name, value in facts.items() if value is not None}
    games = (episode for folder in folders for episode in read_episodes(folder, damage))
    return errors((episode for episode in games if race in (None, episode.race)), **wanted)
