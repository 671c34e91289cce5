"""`cherrypy-bot train eval`: the table of policies on training and held-out opponents and maps."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cherrypy_bot.commands.games import (
    INTERRUPTED,
    BudgetOption,
    LimitOption,
    RayOption,
    StepOption,
    WorkersOption,
    config_file,
    play_games,
)
from cherrypy_bot.commands.options import ConfigOption, JsonOption
from cherrypy_bot.learn.league.errors import LeagueError
from cherrypy_bot.learn.league.orders import GAME_STEP, LOOP_LIMIT

if TYPE_CHECKING:
    from cherrypy_bot.learn.evaluation.table import Row
    from cherrypy_bot.learn.league.store import Game

OUTPUT = Path("out") / "evaluation"
SEED = 100_001
"""As `learn.evaluation.table` has it, which is imported only when it is needed."""
RACES = ("zerg", "terran", "protoss")


def evaluate(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the games; one that is there is gone on with.")
    ] = OUTPUT,
    race: Annotated[
        list[str] | None, typer.Option("--race", help="May be given several times.", metavar="RACE", show_default="all")
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            help="random, best_fixed, best_fixed_by_race, bandit, selector_without_aux, selector, oracle; may be given"
            " several times. What is best is chosen by --matrix.",
            metavar="POLICY",
            show_default="bandit, selector",
        ),
    ] = None,
    matrix: Annotated[
        Path | None,
        typer.Option(help="A matrix (`league matrix`) for random, best fixed and oracle.", metavar="DIR"),
    ] = None,
    opponents: Annotated[str, typer.Option(help="training, held_out or both.")] = "both",
    maps: Annotated[str, typer.Option(help="training, held_out or both.")] = "both",
    games: Annotated[int, typer.Option("--games", "-n", help="Per race, policy, opponents and maps.", min=1)] = 200,
    weights: Annotated[
        Path | None, typer.Option(help="The selector's weights.", metavar="FILE", show_default="those shipped")
    ] = None,
    weights_without_aux: Annotated[
        Path | None, typer.Option(help="Weights trained without the auxiliary head.", metavar="FILE")
    ] = None,
    write: Annotated[
        Path | None, typer.Option(help="Also write the rows here, replacing those they repeat.", metavar="FILE")
    ] = None,
    budget: BudgetOption = None,
    workers: WorkersOption = 2,
    ray: RayOption = None,
    seed: Annotated[
        int, typer.Option(help="Of the first game against every opponent; not one of the matrix's.", min=0)
    ] = SEED,
    game_step: StepOption = GAME_STEP,
    loop_limit: LimitOption = LOOP_LIMIT,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play the policies against training and held-out opponents; print who wins how often, with intervals."""
    from cherrypy_bot.commands.settings import load_settings
    from cherrypy_bot.learn.evaluation.table import (
        BANDIT,
        CHOSEN,
        KIND,
        POLICIES,
        SELECTOR,
        WITHOUT_AUX,
        EvaluationSettings,
        best_builds,
        evaluation_orders,
        joined_rows,
        matrix_rows,
        played_rows,
    )
    from cherrypy_bot.learn.league.split import chosen, load_split
    from cherrypy_bot.learn.league.store import Store

    file = config_file(config)
    bots, split = load_settings(file), load_split()
    policies = chosen(policy or [BANDIT, SELECTOR], POLICIES, "policy")
    if WITHOUT_AUX in policies and weights_without_aux is None:
        raise LeagueError(f"{WITHOUT_AUX} needs --weights-without-aux FILE")
    given = {SELECTOR: weights, WITHOUT_AUX: weights_without_aux}
    options = {name: {"weights": _existing(path)} for name, path in given.items() if path is not None}
    races = chosen(race, RACES, "race")
    unknown = next((name for name in policies if name in CHOSEN), None)
    if unknown is not None and matrix is None:
        raise LeagueError(f"{unknown} plays what a matrix says is best; give one with --matrix DIR")
    known = Store(matrix).games() if matrix is not None else []
    _other_seeds(known, seed, games)
    settings = EvaluationSettings(
        races=tuple(races),
        policies=tuple(policies),
        options=options,
        checksums={name: _checksum(path) for name, path in given.items() if path is not None},
        builds=best_builds(known, bots, races, policies),
        opponents=_parts(opponents),
        maps=_parts(maps),
        games=games,
        seed=seed,
        game_step=game_step,
        loop_limit=loop_limit,
    )
    store = Store.create(out, KIND, settings.plain())
    orders = evaluation_orders(bots, split, settings)
    if store.counts()[1] < len(orders):
        store.add_missing(orders)
    console = Console(stderr=as_json)
    _, stopped = play_games(
        console, store, file, None, workers=workers, ray=ray, games=None, budget=budget, quiet=as_json
    )
    rows = joined_rows(played_rows(store.games()), matrix_rows(known, bots, races))
    if write is not None:
        write_rows(write, rows)
    if as_json:
        sys.stdout.write(json.dumps({"out": str(store.folder), "rows": [asdict(row) for row in rows]}) + "\n")
    else:
        console.print(_table(rows))
        if matrix is None:
            console.print("random, best fixed and oracle are read from a matrix; give one with --matrix DIR")
    if stopped:
        raise typer.Exit(INTERRUPTED)


def write_rows(path: Path, rows: list[Row]) -> None:
    """Write rows as JSON; earlier rows of the file for other cells of the table stay. LeagueError for another file."""
    from cherrypy_bot.core.history import replace_file

    names = ("race", "policy", "opponents", "maps")
    mine: list[dict[str, Any]] = [asdict(row) for row in rows]
    repeated = {tuple(row[name] for name in names) for row in mine}
    earlier: list[dict[str, Any]] = []
    if path.is_file():
        try:
            earlier = json.loads(path.read_text(encoding="utf-8"))
            kept = [row for row in earlier if tuple(row[name] for name in names) not in repeated]
        except (ValueError, TypeError, KeyError) as error:
            raise LeagueError(f"{path}: is no list of such rows ({error}); move it away") from None
        mine = kept + mine
    replace_file(path, json.dumps(mine, indent=1) + "\n")


def _other_seeds(known: list[Game], seed: int, games: int) -> None:
    """LeagueError where the matrix has games with the seeds of the evaluation: its luck would be counted."""
    shared = next((g.order.seed for g in known if seed <= g.order.seed < seed + games), None)
    if shared is not None:
        raise LeagueError(f"--seed {seed}: the matrix has games with seed {shared}; choose another for the evaluation")


def _existing(path: Path) -> str:
    if not path.is_file():
        raise LeagueError(f"{path}: there are no such weights")
    return str(path.resolve())


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _parts(text: str) -> tuple[str, ...]:
    from cherrypy_bot.learn.league.split import PARTS

    if text == "both":
        return PARTS
    if text not in PARTS:
        raise LeagueError(f"'{text}' is none of training, held_out and both")
    return (text,)


def _table(rows: list[Row]) -> Table:
    table = Table("race", "opponents", "maps", "policy", title="games won, with 95 % intervals (Wilson)")
    for column in ("games", "won", "share", "interval"):
        table.add_column(column, justify="right")
    last = None
    for row in rows:
        place = (row.race, row.opponents, row.maps)
        if last is not None and place != last:
            table.add_section()
        last = place
        share = f"{row.wins / row.games:.1%}" if row.games else ""
        table.add_row(*place, row.policy, str(row.games), str(row.wins), share, f"{row.ci_low:.1%} - {row.ci_high:.1%}")
    return table
