"""`cherrypy-bot train whole`: from nothing to weights and the page about them; goes on where it was stopped."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cherrypy_bot.commands.games import BudgetOption, RayOption, WorkersOption, budget_seconds
from cherrypy_bot.config import ConfigError
from cherrypy_bot.learn.league.errors import LeagueError

OUTPUT = Path("out") / "selector"
DOCS = Path("docs")
ROWS = "selector-evaluation.json"
FACTS = "selector-facts.json"
PAGE = "selector-evaluation.md"
RACES = ("zerg", "terran", "protoss")
POLICIES = ("random", "best_fixed", "best_fixed_by_race", "bandit", "selector_without_aux", "selector", "oracle")
WEIGHTS = "selector"
TRAININGS: dict[str, tuple[str, ...]] = {
    WEIGHTS: (),
    "without_aux": ("--no-auxiliary",),
    "mlp": ("--baseline", "mlp"),
    "linear": ("--baseline", "linear"),
}
PARTS = ("training", "held_out")


@dataclass(frozen=True)
class Step:
    """One command of the whole.

    Attributes:
        name: for lines and hours. words: after `cherrypy-bot`. done: whether nothing is left to do.
        plays: takes --workers, --ray and --budget.
        left: what --games must say now, where that is how many more.
    """

    name: str
    words: tuple[str, ...]
    done: Callable[[], bool]
    plays: bool = True
    left: Callable[[], int] | None = None


def whole(
    race: Annotated[str, typer.Option(help="terran, protoss or zerg.", metavar="RACE")],
    out: Annotated[Path, typer.Option("--out", "-o", help="A folder per race is made in it.")] = OUTPUT,
    docs: Annotated[Path, typer.Option(help="Where the table and its page are written.")] = DOCS,
    matrix_games: Annotated[int, typer.Option(help="Per build and opponent.", min=2)] = 4,
    league_games: Annotated[int, typer.Option(help="To learn from, besides the matrix.", min=1)] = 1000,
    games: Annotated[
        int | None,
        typer.Option("--games", "-n", help="Per cell of the table.", min=1, show_default="200, others than zerg 100"),
    ] = None,
    budget: BudgetOption = None,
    workers: WorkersOption = 2,
    ray: RayOption = None,
    ship: Annotated[bool, typer.Option("--ship", help="Also put the weights where matches look for them.")] = False,
) -> None:
    """Make the evaluation of a race from nothing; stopped or out of time, the same command goes on where it was."""
    if race not in RACES:
        raise ConfigError(f"--race {race}: there are {', '.join(RACES)}")
    console = Console()
    folder = out / race
    seconds, started = budget_seconds(budget), time.monotonic()
    each = games or (200 if race == "zerg" else 100)
    todo = steps(race, folder, docs / ROWS, matrix_games, league_games, each)
    for step in todo:
        words = [*step.words]
        if step.left is not None:
            words[words.index("--games") + 1] = str(step.left())
        if step.done():
            console.print(f"{step.name}: done", highlight=False)
            continue
        if step.plays:
            words += ["--workers", str(workers), *(["--ray", ray] if ray is not None else [])]
            if seconds is not None:
                left = seconds - (time.monotonic() - started)
                if left <= 0:
                    _stop(console, step)
                words += ["--budget", f"{left:.0f}"]
        console.print(f"{step.name}: cherrypy-bot {' '.join(words)}", highlight=False, soft_wrap=True)
        code = subprocess.run([sys.executable, "-m", "cherrypy_bot", *words], check=False).returncode
        if code:
            raise typer.Exit(code)
        if not step.done():
            _stop(console, step)
    facts = race_facts(race, folder, [f"cherrypy-bot {' '.join(step.words)}" for step in todo])
    write_page(docs, race, facts)
    if ship:
        _ship(console, folder / "weights" / f"{race}_{WEIGHTS}.safetensors", race)
    console.print(f"page {docs / PAGE}, numbers {docs / ROWS} and {docs / FACTS}", highlight=False, soft_wrap=True)


def steps(race: str, folder: Path, rows: Path, matrix_games: int, league_games: int, games: int) -> list[Step]:
    """What has to be done for a race, in this order."""
    matrix, league, weights = folder / "matrix", folder / "league", folder / "weights"
    common = ("--race", race)
    found = [
        Step(
            "matrix",
            ("league", "matrix", *common, "--out", str(matrix), "--games", str(matrix_games)),
            lambda: _played(matrix) and _finished(matrix)[0] >= _planned_matrix(race, matrix_games),
        ),
        Step(
            "league",
            ("league", "run", *common, "--out", str(league), "--games", str(league_games)),
            lambda: _finished(league)[0] >= league_games,
            left=lambda: max(1, league_games - _finished(league)[0]),
        ),
    ]
    data = ("--data", str(matrix / "episodes"), "--data", str(league / "episodes"))
    for name, more in TRAININGS.items():
        path = weights / f"{race}_{name}.safetensors"
        found.append(
            Step(
                f"training {name}",
                ("train", "selector", *common, *data, "-o", str(path), *more),
                lambda path=path: path.is_file() and path.with_suffix(".json").is_file(),  # type: ignore[misc]
                plays=False,
            )
        )
    policies = tuple(word for policy in POLICIES for word in ("--policy", policy))
    files = (
        *("--weights", str(weights / f"{race}_{WEIGHTS}.safetensors")),
        *("--weights-without-aux", str(weights / f"{race}_without_aux.safetensors")),
    )
    for part in PARTS:
        place = folder / f"evaluation_{part}"
        where = ("--opponents", part, "--maps", part, "--games", str(games), "--out", str(place), "--write", str(rows))
        wanted = games * len(POLICIES)
        found.append(
            Step(
                f"evaluation on {part} opponents and maps",
                ("train", "eval", *common, *policies, "--matrix", str(matrix), *files, *where),
                lambda place=place, wanted=wanted: _finished(place)[0] >= wanted,  # type: ignore[misc]
            )
        )
    return found


def race_facts(race: str, folder: Path, commands: list[str]) -> dict[str, Any]:
    """What the page tells besides the rows: matrix, trainings, calibration, commands and their hours."""
    from cherrypy_bot.commands.calibration import measure
    from cherrypy_bot.learn.episodes import Damage
    from cherrypy_bot.learn.evaluation.matrix import read_matrix
    from cherrypy_bot.learn.league.store import Store

    found = read_matrix(Store(folder / "matrix").games(), race)
    spread = {**found.spread(), "opponents": len(found.opponents), "games": sum(c.games for c in found.cells.values())}
    cards, shipped = {}, ""
    for name in TRAININGS:
        card = json.loads((folder / "weights" / f"{race}_{name}.json").read_text(encoding="utf-8"))
        cards[name] = {
            "metrics": {which: card["metrics"][which] for which in ("model", "constant")},
            **{key: card["data"][key] for key in ("training_games", "validation_games", "decisions", "left_out")},
            "commit": card["commit"],
        }
        if name == WEIGHTS:
            shipped = card["sha256"]
    places = {name: folder / name for name in ("matrix", "league", *(f"evaluation_{part}" for part in PARTS))}
    hours = {
        name: round(sum(g.result.cpu_seconds for g in Store(place).games() if g.result) / 3600.0, 2)
        for name, place in places.items()
    }
    evaluated = [places[f"evaluation_{part}"] for part in PARTS]
    return {
        "matrix": spread,
        "trainings": cards,
        "calibration": measure(evaluated, Damage(), race=race, policy="selector"),
        "weights_sha256": shipped,
        "cpu_hours": hours,
        "commands": commands,
    }


def write_page(docs: Path, race: str, facts: dict[str, Any]) -> None:
    """Write the facts of a race and the page of all races. LeagueError for files that are not such."""
    from cherrypy_bot.core.history import replace_file
    from cherrypy_bot.learn.evaluation.report import page
    from cherrypy_bot.learn.evaluation.table import Row

    path = docs / FACTS
    try:
        known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        everything = {**known, race: facts}
        rows = [Row(**row) for row in json.loads((docs / ROWS).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError) as error:
        raise LeagueError(f"{docs}: {ROWS} or {FACTS} cannot be read ({error}); move it away") from None
    replace_file(path, json.dumps(everything, indent=1, sort_keys=True) + "\n")
    replace_file(docs / PAGE, page(rows, everything))


def _played(folder: Path) -> bool:
    """Whether there are games and none of them is open."""
    finished, known = _finished(folder)
    return known > 0 and finished == known


def _finished(folder: Path) -> tuple[int, int]:
    """Games of a folder that are finished and that there are; (0, 0) where it has none."""
    from cherrypy_bot.learn.league.store import FILE, Store

    return Store(folder).counts() if (folder / FILE).is_file() else (0, 0)


def _planned_matrix(race: str, games: int) -> int:
    """Games of a whole matrix on training maps."""
    from cherrypy_bot.commands.games import config_file
    from cherrypy_bot.commands.settings import load_settings
    from cherrypy_bot.learn.evaluation.matrix import MatrixSettings, matrix_orders
    from cherrypy_bot.learn.league.split import load_split, scripted

    bots = load_settings(config_file(None))
    settings = MatrixSettings((race,), tuple(scripted(bots)), games=games)
    return len(matrix_orders(bots, load_split(), settings))


def _ship(console: Console, weights: Path, race: str) -> None:
    from cherrypy_bot.core.history import replace_file
    from cherrypy_bot.learn.policies import shipped_weights
    from cherrypy_bot.learn.weights import load

    load(weights)  # WeightsError names what is wrong with it
    target = shipped_weights(race)
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(weights.read_bytes())
    replace_file(target.with_suffix(".json"), weights.with_suffix(".json").read_text(encoding="utf-8"))
    console.print(f"shipped as {target}", highlight=False, soft_wrap=True)


def _stop(console: Console, step: Step) -> None:
    console.print(f"time is over in '{step.name}'; the same command goes on there", highlight=False, soft_wrap=True)
    raise typer.Exit(0)
