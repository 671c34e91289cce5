"""The table of policies: who wins how often, on training and held-out opponents and maps.

Policies that play meet the same opponents on the same maps with the same seeds. `bandit`, `selector` and
`selector_without_aux` do it in series against each opponent and remember earlier games as on the ladder; `best_fixed`,
`best_fixed_by_race` and `oracle` play the builds that a matrix of build x opponent names (`best_builds`), on other
seeds than the matrix's. Without games of their own, these and `random` are read from the matrix itself: what is best
is chosen on three quarters of its games and counted on the last, each quarter in turn. Either way nothing is counted
that was chosen for being lucky.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from cherrypy_bot.config import Config
from cherrypy_bot.learn.evaluation.intervals import wilson
from cherrypy_bot.learn.evaluation.matrix import Cell, Matrix, enemy_race, fixtures, read_matrix
from cherrypy_bot.learn.league.errors import LeagueError
from cherrypy_bot.learn.league.orders import GAME_STEP, LOOP_LIMIT, GameOrder, Player
from cherrypy_bot.learn.league.pool import our_bot
from cherrypy_bot.learn.league.split import PARTS, Split
from cherrypy_bot.learn.league.store import Game

KIND: Final = "evaluation"
RANDOM, BEST_FIXED, BEST_BY_RACE, ORACLE = "random", "best_fixed", "best_fixed_by_race", "oracle"
BANDIT, WITHOUT_AUX, SELECTOR = "bandit", "selector_without_aux", "selector"
SERIES: Final = (BANDIT, WITHOUT_AUX, SELECTOR)
"""Policies that remember earlier games against an opponent."""
CHOSEN: Final = (BEST_FIXED, BEST_BY_RACE, ORACLE)
"""Policies that a matrix chooses the builds of."""
POLICIES: Final = (RANDOM, BEST_FIXED, BEST_BY_RACE, *SERIES, ORACLE)
FOLDS: Final = 4
SEED: Final = 100_001
"""Of the first game against every opponent; matrices and their seeds begin at 1."""


@dataclass(frozen=True)
class EvaluationSettings:
    """What is played; fixed when an evaluation is begun.

    Attributes:
        policies: of POLICIES. options: per policy what it needs, as {"selector": {"weights": FILE}}.
        checksums: of the weights files: games of other weights under the same name must not be mixed.
        builds: per policy of CHOSEN and opponent the build that is played, see `best_builds`.
        opponents, maps: of PARTS.
        games: per race, policy, opponents and maps, spread evenly over the opponents.
    """

    races: tuple[str, ...]
    policies: tuple[str, ...]
    options: Mapping[str, Mapping[str, Any]]
    checksums: Mapping[str, str] = field(default_factory=dict)
    builds: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    opponents: tuple[str, ...] = PARTS
    maps: tuple[str, ...] = PARTS
    games: int = 200
    seed: int = SEED
    game_step: int = GAME_STEP
    loop_limit: int = LOOP_LIMIT

    def plain(self) -> dict[str, Any]:
        """As JSON has it, without `games`: more of them may be asked for later."""
        found = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        del found["games"]
        return found


@dataclass(frozen=True)
class Row:
    """One cell of the table, the schema of docs/selector-evaluation.json. `wins` of `games` with a 95 % interval."""

    race: str
    policy: str
    opponents: str
    maps: str
    games: int
    wins: int
    ci_low: float
    ci_high: float

    @classmethod
    def of(cls, race: str, policy: str, opponents: str, maps: str, cell: Cell) -> Row:
        """With the interval that follows from the counts."""
        low, high = wilson(cell.wins, cell.games)
        return cls(race, policy, opponents, maps, cell.games, cell.wins, round(low, 4), round(high, 4))


def evaluation_orders(config: Config, split: Split, settings: EvaluationSettings) -> list[GameOrder]:
    """Every game of the policies that play. LeagueError where a part of the split has no opponents."""
    found: list[tuple[int, GameOrder]] = []
    for race in settings.races:
        bot = our_bot(config, race).name
        for policy in settings.policies:
            for part in settings.opponents:
                opponents = split.opponents(config, part)
                if not opponents:
                    raise LeagueError(f"no scripted opponent is for '{part}'; see split.yaml")
                for maps in settings.maps:
                    found += _cell_orders(settings, split, bot, policy, race, part, maps, opponents)
    return [order for _, order in sorted(found, key=lambda entry: entry[0])]


def _cell_orders(
    settings: EvaluationSettings,
    split: Split,
    bot: str,
    policy: str,
    race: str,
    part: str,
    maps: str,
    opponents: Sequence[str],
) -> list[tuple[int, GameOrder]]:
    """The games of one cell of the table, (how many-eth against its opponent, game)."""
    found = []
    for number, opponent in enumerate(opponents):
        player = Player(f"{race} {policy}", bot, _strategy(settings, policy, race, opponent))
        count = len(range(number, settings.games, len(opponents)))
        for index, (map_name, seed) in enumerate(fixtures(split, maps, count, settings.seed)):
            cell = {"race": race, "policy": policy, "opponents": part, "maps": maps, "opponent": opponent}
            order = GameOrder(
                (player, Player(opponent, opponent)),
                map_name,
                seed,
                settings.game_step,
                settings.loop_limit,
                group=KIND,
                collect=(0,),
                cell=cell,
                series=f"{player.name} v {opponent}, {maps} maps" if policy in SERIES else "",
            )
            found.append((index, order))
    return found


_STRATEGIES: Final = {RANDOM: "random_opening", WITHOUT_AUX: "selector"}


def _strategy(settings: EvaluationSettings, policy: str, race: str, opponent: str) -> dict[str, Any]:
    """Options of the strategy module. LeagueError where no build was chosen against an opponent."""
    if policy not in CHOSEN:
        return {"policy": _STRATEGIES.get(policy, policy), **settings.options.get(policy, {})}
    build = settings.builds.get(f"{race} {policy}", {}).get(opponent)
    if build is None:
        raise LeagueError(f"the matrix does not say what {policy} of {race} plays against {opponent}; play more of it")
    return {"policy": "fixed", "build": build}


def best_builds(
    games: Sequence[Game], config: Config, races: Iterable[str], policies: Iterable[str]
) -> dict[str, dict[str, str]]:
    """What a matrix says to play: {"RACE POLICY": {opponent: build}} for the policies of CHOSEN among `policies`.

    Training and held-out opponents are looked at apart, each by all the games there are on any maps: so `best_fixed` of
    held-out opponents is the build that suits them best, which nobody could have known.
    """
    found = {}
    for race in races:
        for policy in policies:
            if policy not in CHOSEN:
                continue
            builds: dict[str, str] = {}
            for part in PARTS:
                builds |= _CHOICES[policy](read_matrix(games, race, opponents=part), config)
            found[f"{race} {policy}"] = builds
    return found


def played_rows(games: Iterable[Game]) -> list[Row]:
    """The cells of the policies that played, in the order of the games."""
    cells: dict[tuple[str, str, str, str], Cell] = {}
    for game in games:
        if game.result is None or game.result.void:
            continue
        facts = game.order.cell
        key = (facts["race"], facts["policy"], facts["opponents"], facts["maps"])
        cells[key] = cells.get(key, Cell()).with_result(game.result.results[0])
    return [Row.of(*key, cell) for key, cell in cells.items()]


def matrix_rows(games: Sequence[Game], config: Config, races: Iterable[str]) -> list[Row]:
    """The cells that follow from a matrix: every build alike, the best, the best per race, the best per opponent."""
    rows = []
    for race in races:
        for part in PARTS:
            for maps in PARTS:
                mine = [g for g in games if _is_of(g, race, part, maps)]
                if not mine:
                    continue
                whole = _sum(read_matrix(mine, race).cells.values())
                rows.append(Row.of(race, RANDOM, part, maps, whole))
                folds = min(FOLDS, 1 + max(_index(game) for game in mine))
                if folds < 2:
                    continue
                parts = [
                    (
                        read_matrix([g for g in mine if _index(g) % folds != fold], race),
                        read_matrix([g for g in mine if _index(g) % folds == fold], race),
                    )
                    for fold in range(folds)
                ]
                for policy, choose in _CHOICES.items():
                    chosen = _sum(
                        counted.cell(build, opponent)
                        for chosen_on, counted in parts
                        for opponent, build in choose(chosen_on, config).items()
                    )
                    if chosen.games:
                        rows.append(Row.of(race, policy, part, maps, chosen))
    return rows


def _is_of(game: Game, race: str, part: str, maps: str) -> bool:
    cell = game.order.cell
    return (cell.get("race"), cell.get("opponents"), cell.get("maps")) == (race, part, maps)


def _index(game: Game) -> int:
    """How many-eth game of its cell it is; the same map and seed for every build."""
    return int(game.order.cell["index"])


def _sum(cells: Iterable[Cell]) -> Cell:
    total = Cell()
    for cell in cells:
        total = Cell(total.games + cell.games, total.wins + cell.wins, total.ties + cell.ties)
    return total


def _best_fixed(matrix: Matrix, config: Config) -> dict[str, str]:
    """One build for all opponents."""
    best = max(matrix.complete_builds(), key=matrix.mean, default=None)
    return dict.fromkeys(matrix.opponents, best) if best is not None else {}


def _best_by_race(matrix: Matrix, config: Config) -> dict[str, str]:
    """One build per race of the opponent."""
    found: dict[str, str] = {}
    by_race: dict[str, list[str]] = {}
    for opponent in matrix.opponents:
        by_race.setdefault(enemy_race(config, opponent), []).append(opponent)
    for opponents in by_race.values():
        some = Matrix(matrix.race, matrix.builds, tuple(opponents), matrix.cells)
        found.update(_best_fixed(some, config))
    return found


def _best_by_opponent(matrix: Matrix, config: Config) -> dict[str, str]:
    """One build per opponent."""
    return {opponent: matrix.best(opponent) for opponent in matrix.opponents}


_CHOICES: Final[Mapping[str, Callable[[Matrix, Config], dict[str, str]]]] = {
    BEST_FIXED: _best_fixed,
    BEST_BY_RACE: _best_by_race,
    ORACLE: _best_by_opponent,
}


def joined_rows(played: Iterable[Row], read: Iterable[Row]) -> list[Row]:
    """Rows of policies that played, and of those read from a matrix where they did not; sorted."""
    mine = list(played)
    there = {(row.race, row.policy, row.opponents, row.maps) for row in mine}
    return sorted_rows([*mine, *(r for r in read if (r.race, r.policy, r.opponents, r.maps) not in there)])


def sorted_rows(rows: Iterable[Row]) -> list[Row]:
    """By race, opponents, maps, then in the order of POLICIES."""
    return sorted(rows, key=lambda r: (r.race, PARTS.index(r.opponents), PARTS.index(r.maps), POLICIES.index(r.policy)))
