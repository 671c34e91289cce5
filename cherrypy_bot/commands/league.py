"""`cherrypy-bot league`: self-play for training data, ratings, and the matrix of builds against opponents."""

from __future__ import annotations

import json
import sys
from collections import Counter
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
    from cherrypy_bot.learn.evaluation.matrix import Matrix
    from cherrypy_bot.learn.league.store import Store

app = typer.Typer(help="Self-play: collect training data, rate players, play every build against every opponent.")
OUTPUT = Path("out") / "league"
MATRIX_OUTPUT = Path("out") / "matrix"
RACES = ("zerg", "terran", "protoss")
LEAGUE_KIND = "league"
DEFAULT_GAMES = 100

OutOption = Annotated[Path, typer.Option("--out", "-o", help="Folder of the games; one that is there is gone on with.")]
RacesOption = Annotated[
    list[str] | None,
    typer.Option("--race", help="Of our bot; may be given several times.", metavar="RACE", show_default="all"),
]


@app.command()
def run(
    out: OutOption = OUTPUT,
    race: RacesOption = None,
    games: Annotated[
        int | None, typer.Option("--games", "-n", help="Play so many now.", min=1, show_default="100, or --budget")
    ] = None,
    budget: BudgetOption = None,
    workers: WorkersOption = 2,
    ray: RayOption = None,
    policy: Annotated[str, typer.Option(help="What chooses the learners' builds.")] = "explore",
    explore_rate: Annotated[float, typer.Option(help="Random decisions per evaluation.", min=0.0, max=1.0)] = 0.02,
    snapshots: Annotated[
        Path | None, typer.Option(help="Folder with weights of earlier selectors, to play against.", metavar="DIR")
    ] = None,
    seed: Annotated[int, typer.Option(help="All games follow from it and from results.", min=0)] = 1,
    game_step: StepOption = GAME_STEP,
    loop_limit: LimitOption = LOOP_LIMIT,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play games of training and keep their episodes; stopped or killed, it goes on where it was."""
    from cherrypy_bot.commands.settings import load_settings
    from cherrypy_bot.learn.league.planner import LeaguePlanner
    from cherrypy_bot.learn.league.pool import learners, pool
    from cherrypy_bot.learn.league.split import chosen, load_split
    from cherrypy_bot.learn.league.store import Store

    file = config_file(config)
    bots, split = load_settings(file), load_split()
    races = chosen(race, RACES, "race")
    strategy: dict[str, Any] = {"policy": policy}
    if policy == "explore":
        strategy["explore_rate"] = explore_rate
    if snapshots is not None and not snapshots.is_dir():
        raise LeagueError(f"{snapshots}: there is no such folder of weights")
    members = pool(bots, split, snapshots)
    settings = {"seed": seed, "game_step": game_step, "loop_limit": loop_limit}
    store = Store.create(out, LEAGUE_KIND, settings)
    planner = LeaguePlanner(
        LEAGUE_KIND,
        learners(bots, races, strategy),
        members,
        split.training_maps,
        seed,
        store.games(),
        game_step=game_step,
        loop_limit=loop_limit,
    )
    console = Console(stderr=as_json)
    wanted = games if games is not None or budget is not None else DEFAULT_GAMES
    played, stopped = play_games(
        console,
        store,
        file,
        planner,
        workers=workers,
        ray=ray,
        games=wanted,
        budget=budget,
        quiet=as_json,
        curves=True,
    )
    _show(console, store, as_json=as_json, played=played)
    if stopped:
        raise typer.Exit(INTERRUPTED)


@app.command()
def show(out: OutOption = OUTPUT, as_json: JsonOption = False) -> None:
    """Show what a league has come to: ratings, win rates, episodes and what was left out."""
    from cherrypy_bot.learn.league.store import Store

    _show(Console(), Store(out), as_json=as_json)


@app.command()
def matrix(
    out: OutOption = MATRIX_OUTPUT,
    race: RacesOption = None,
    opponent: Annotated[
        list[str] | None,
        typer.Option(help="May be given several times.", metavar="NAME", show_default="all scripted ones"),
    ] = None,
    build: Annotated[
        list[str] | None, typer.Option(help="May be given several times.", metavar="NAME", show_default="all openings")
    ] = None,
    maps: Annotated[str, typer.Option(help="training, held_out or both; see docs/league.md.")] = "training",
    games: Annotated[int, typer.Option("--games", "-n", help="Per build, opponent and kind of maps.", min=1)] = 4,
    budget: BudgetOption = None,
    workers: WorkersOption = 2,
    ray: RayOption = None,
    seed: Annotated[int, typer.Option(help="Of the first game of every cell.", min=0)] = 1,
    game_step: StepOption = GAME_STEP,
    loop_limit: LimitOption = LOOP_LIMIT,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play every build against every opponent and say whether it matters which is played; goes on where it was."""
    from cherrypy_bot.commands.settings import load_settings
    from cherrypy_bot.learn.evaluation.matrix import KIND, MatrixSettings, matrix_orders
    from cherrypy_bot.learn.league.split import PARTS, load_split, scripted
    from cherrypy_bot.learn.league.store import Store

    file = config_file(config)
    bots, split = load_settings(file), load_split()
    if maps not in (*PARTS, "both"):
        raise LeagueError(f"'{maps}' is no kind of maps; there are training, held_out and both")
    settings = MatrixSettings(
        races=tuple(_chosen(race, RACES, "race")),
        opponents=tuple(_opponents(opponent, scripted(bots))),
        builds=tuple(build or ()),
        parts=PARTS if maps == "both" else (maps,),
        games=games,
        seed=seed,
        game_step=game_step,
        loop_limit=loop_limit,
    )
    orders = matrix_orders(bots, split, settings)
    if not orders:
        raise LeagueError("no build of these may be played against these opponents; see `cherrypy-bot builds`")
    store = Store.create(out, KIND, settings.plain())
    if store.counts()[1] < len(orders):
        store.add_missing(orders)
    console = Console(stderr=as_json)
    _, stopped = play_games(
        console, store, file, None, workers=workers, ray=ray, games=None, budget=budget, quiet=as_json
    )
    _show_matrix(console, store, as_json=as_json)
    if stopped:
        raise typer.Exit(INTERRUPTED)


def _chosen(given: list[str] | None, known: tuple[str, ...], what: str) -> list[str]:
    from cherrypy_bot.learn.league.split import chosen

    return chosen(given, known, what)


def _opponents(given: list[str] | None, known: list[str]) -> list[str]:
    """Scripted ones by name; computer:... as they are written (whoever loads them says what is wrong)."""
    if not given:
        return known
    names = [name for name in given if not name.startswith("computer:")]
    if names:
        _chosen(names, tuple(known), "scripted opponent")
    return given


def _show(console: Console, store: Store, *, as_json: bool, played: int | None = None) -> None:
    finished, known = store.counts()
    ratings = store.ratings()
    won: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    tied: Counter[str] = Counter()
    void, kept = 0, 0
    dropped: Counter[str] = Counter()
    for game in store.games():
        if game.result is None:
            continue
        kept += game.result.kept
        dropped.update(game.result.dropped)
        if game.result.void:
            void += 1
            continue
        for side, player in enumerate(game.order.players):
            counter = {"Victory": won, "Defeat": lost}.get(game.result.results[side], tied)
            counter[player.name] += 1
    order = sorted(ratings, key=lambda name: (-ratings[name].ordinal, name))
    rows = [
        {
            "player": name,
            "rating": round(ratings[name].ordinal, 2),
            "mu": round(ratings[name].mu, 2),
            "sigma": round(ratings[name].sigma, 2),
            "won": won[name],
            "lost": lost[name],
            "tied": tied[name],
        }
        for name in order
    ]
    plain = {
        "out": str(store.folder),
        "kind": store.kind,
        "played": played,
        "finished": finished,
        "open": known - finished,
        "void": void,
        "episodes": kept,
        "left_out": dict(dropped),
        "players": rows,
    }
    if as_json:
        sys.stdout.write(json.dumps(plain) + "\n")
        return
    table = Table("player", "rating", "mu", "sigma", "won", "lost", "tied", title=f"{store.folder}: ratings")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    console.print(table)
    left = ", ".join(f"{count} {why}" for why, count in dropped.most_common())
    console.print(
        f"{finished:,} games, {kept:,} episodes; left out: {left or 'none'}; void: {void}; open: {known - finished}",
        highlight=False,
        soft_wrap=True,
    )


def _show_matrix(console: Console, store: Store, *, as_json: bool) -> None:
    from cherrypy_bot.learn.evaluation.matrix import races_of, read_matrix

    games = store.games()
    found = [read_matrix(games, race) for race in races_of(games)]
    if as_json:
        sys.stdout.write(json.dumps({"out": str(store.folder), "matrices": [one.plain() for one in found]}) + "\n")
        return
    for one in found:
        console.print(_matrix_table(one))
        for line in _spread_lines(one):
            console.print(line, highlight=False, soft_wrap=True)


def _matrix_table(found: Matrix) -> Table:
    """Opponents down, builds across: wins of games, the best of each line in bold."""
    from cherrypy_bot.learn.evaluation.intervals import wilson

    table = Table("against", *found.builds, title=f"{found.race}: wins of games, [95 % interval] of the best")
    for opponent in found.opponents:
        best = found.best(opponent)
        cells = []
        for build in found.builds:
            cell = found.cell(build, opponent)
            text = f"{cell.wins}/{cell.games}" if cell.games else ""
            if build == best and cell.games:
                low, high = wilson(cell.wins, cell.games)
                text = f"[bold]{text}[/] [{low:.0%}-{high:.0%}]"
            cells.append(text)
        table.add_row(opponent, *cells)
    table.add_row("mean", *(f"{found.mean(build):.0%}" for build in found.builds))
    return table


def _spread_lines(found: Matrix) -> list[str]:
    spread = found.spread()
    best = spread["best_fixed"]
    fixed = f"{best['build']} {best['share']:.0%}" if best["build"] else "none"
    names = {key: ", ".join(spread[key]) or "none" for key in ("wins_everywhere", "always_won", "never_won")}
    return [
        f"{found.race}: random {spread['random']:.0%}, best fixed {fixed}, best per opponent {spread['oracle']:.0%}",
        f"  told apart by {len(spread['told_apart'])} of {len(found.opponents)} opponents; "
        f"{spread['best_differs']} builds are the best against somebody",
        f"  wins everywhere: {names['wins_everywhere']}; beaten by every build: {names['always_won']}; "
        f"by none: {names['never_won']}" + (f"; {found.void} games void" if found.void else ""),
    ]
