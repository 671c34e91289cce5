"""`cherrypy-bot train`: the selector's weights from collected games."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from cherrypy_bot.commands.options import JsonOption
from cherrypy_bot.config import ConfigError

if TYPE_CHECKING:
    from cherrypy_bot.learn.episodes import Damage, Episode
    from cherrypy_bot.learn.training import train as training
    from cherrypy_bot.learn.view import FloatArray
    from cherrypy_bot.learn.weights import Card

app = typer.Typer(help="The learned build-order selector: train it, evaluate it.")
OUTPUT = Path("out") / "weights"
CURVES = Path("out") / "curves"
BASELINES = ("linear", "mlp")


@app.callback()
def train() -> None:
    """The learned build-order selector: train it, evaluate it."""


@app.command()
def selector(
    race: Annotated[str, typer.Option(help="Whose builds: terran, protoss or zerg.", metavar="RACE")],
    data: Annotated[
        list[Path], typer.Option(help="Folder or file of episodes; may be given several times.", metavar="DIR")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Weights to write; the card goes beside them.", metavar="FILE",
            show_default="out/weights/RACE.safetensors",
        ),
    ] = None,
    epochs: Annotated[int, typer.Option(help="At most so many per member.", min=1)] = 40,
    members: Annotated[int, typer.Option(help="Of the ensemble.", min=1, max=16)] = 4,
    hidden: Annotated[int, typer.Option(help="Size of the recurrent state.", min=1, max=512)] = 64,
    seed: Annotated[int, typer.Option(help="Same seed, data and machine: the same weights.", min=0)] = 0,
    device: Annotated[str, typer.Option(help="auto takes a GPU where there is one; or cpu, cuda, cuda:1.")] = "auto",
    threads: Annotated[
        int | None, typer.Option(help="CPU threads; other numbers may round differently.", min=1, show_default="all")
    ] = None,
    auxiliary: Annotated[
        bool, typer.Option("--auxiliary/--no-auxiliary", help="Also predict what the enemy really has.")
    ] = True,
    baseline: Annotated[
        str | None, typer.Option(help="A simpler model instead: linear or mlp.", metavar="KIND", show_default="GRU")
    ] = None,
    all_decisions: Annotated[
        bool, typer.Option("--all-decisions", help="Learn from every decision, not from random ones alone.")
    ] = False,
    curves: Annotated[
        Path | None,
        typer.Option(help="Folder for TensorBoard.", metavar="DIR", show_default="out/curves/NAME_OF_THE_WEIGHTS"),
    ] = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Train the selector of a race and write weights and their card."""
    if race not in ("terran", "protoss", "zerg"):
        raise ConfigError(f"--race {race}: there are terran, protoss and zerg")
    if baseline is not None and baseline not in BASELINES:
        raise ConfigError(f"--baseline {baseline}: there are {' and '.join(BASELINES)}")
    target = output if output is not None else OUTPUT / f"{race}.safetensors"
    if target.suffix != ".safetensors":
        raise ConfigError(f"--output {target}: weights are .safetensors files")
    missing = next((path for path in data if not path.exists()), None)
    if missing is not None:
        raise ConfigError(f"--data {missing}: there is no such file or folder")
    from cherrypy_bot.learn.episodes import Damage
    from cherrypy_bot.learn.training.fit import FitOptions
    from cherrypy_bot.learn.training.train import TrainOptions

    fit = FitOptions(epochs=epochs, auxiliary=FitOptions().auxiliary if auxiliary else 0.0)
    options = TrainOptions(
        race=race,
        kind=baseline or "gru",
        members=members,
        hidden=hidden,
        seed=seed,
        device=device,
        all_decisions=all_decisions,
        fit=fit,
        commit=_commit(),
        curves=curves if curves is not None else CURVES / target.stem,
    )
    console = Console(stderr=as_json)
    damage = Damage()
    card = _train(console, data, options, target, damage, threads)
    if as_json:
        sys.stdout.write(json.dumps({"weights": str(target), **card.model_dump()}, indent=1) + "\n")
        return
    console.print(_table(card))
    summary = card.data
    console.print(
        f"{summary['training_games']} training and {summary['validation_games']} validation games,"
        f" {summary['decisions']} decisions; left out: {summary['left_out'] or 'none'}",
        soft_wrap=True,
    )
    console.print(f"abstains above a spread of {card.spread_limit:.3f} or a distance of {card.distance_limit:.1f}")
    console.print(
        f"weights {escape(str(target))} ({target.stat().st_size / 1e6:.2f} MB), card beside them", soft_wrap=True
    )
    console.print(f"curves: tensorboard --logdir {escape(str(options.curves))}", soft_wrap=True)


def _train(
    console: Console,
    data: list[Path],
    options: training.TrainOptions,
    target: Path,
    damage: Damage,
    threads: int | None,
) -> Card:
    import torch

    from cherrypy_bot.learn.episodes import read_episodes
    from cherrypy_bot.learn.training.train import train as run

    if threads is not None:
        torch.set_num_threads(threads)

    def read() -> Iterator[Episode]:
        damage.lines.clear()  # it is read twice
        seen: set[str] = set()
        for path in data:
            for episode in read_episodes(path, damage):
                if episode.key not in seen:
                    seen.add(episode.key)
                    yield episode

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[losses]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        total = options.members * options.fit.epochs
        task = bar.add_task("reading", total=total, losses="")

        def show(progress: training.Progress) -> None:
            epoch = progress.epoch
            if not console.is_terminal and epoch.number == 1:
                console.print(f"member {progress.member} of {progress.members} begins")
            bar.update(
                task,
                completed=(progress.member - 1) * progress.epochs + epoch.number,
                description=f"member {progress.member}/{progress.members}",
                losses=f"loss {epoch.loss:.4f}, validation {epoch.validation:.4f}, auxiliary {epoch.auxiliary:.4f}",
            )

        card = run(read, options, target, _descriptors(options.race), show, _held_out())
    for line in damage.lines:
        console.print(f"[yellow]data[/]: {escape(line)}", soft_wrap=True)
    return card


def _held_out() -> Callable[[Episode], str]:
    """Says of an episode why it is kept from training: whom it was played against, or where."""
    from cherrypy_bot.learn.league.split import load_split

    split = load_split()

    def why(episode: Episode) -> str:
        if episode.opponent in split.held_out:
            return "against held-out opponents"
        return "on held-out maps" if episode.map_name in split.held_out_maps else ""

    return why


def _descriptors(race: str) -> dict[str, FloatArray]:
    """Of every build of the race."""
    from cherrypy_bot.config import RACES
    from cherrypy_bot.learn.descriptors import describe
    from modules.build_order.builds import builds_of

    return {name: describe(build) for name, build in builds_of(RACES[race]).items()}


def _commit() -> str:
    """The source's commit, "" where that is not known."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        found = subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent, timeout=20
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()


def _table(card: Card) -> Table:
    table = Table("", "log loss", "Brier", "AUC", "ECE", title=f"{card.race} {card.kind}", title_justify="left")
    for name in ("model", "constant"):
        found: dict[str, Any] = card.metrics[name]
        table.add_row(name, *(f"{found[key]:.4f}" for key in ("log_loss", "brier", "auc", "ece")))
    return table
