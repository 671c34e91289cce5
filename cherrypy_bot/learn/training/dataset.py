"""Episodes as arrays for training: one race, whole games in one split, results at decisions only."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cherrypy_bot.learn.episodes import Episode
from cherrypy_bot.learn.features import FEATURE_COUNT, FEATURES_VERSION
from cherrypy_bot.learn.view import FloatArray
from cherrypy_bot.learn.vocabulary import TYPE_COUNT

SHORTEST_LOOPS: Final = 22 * 60
"""Games that end before that tell nothing about a build."""
LONGEST_EVALUATIONS: Final = 180
"""Later evaluations (after a quarter of an hour) are cut off: few decisions lie there and every epoch pays for them."""
LEAST_SCALE: Final = 0.05
"""Inputs that hardly vary are not blown up."""


class TrainingError(Exception):
    """Data or options that training cannot work with; one sentence."""


@dataclass(frozen=True, slots=True)
class Game:
    """One player's match. T evaluations.

    Attributes:
        name: of the episode. opponent, map_name: for summaries. result: 1.0 where it was won, else 0.0.
        inputs: float16 [T, active features]. build: int64 [T], index into the data's builds, -1 none.
        decision: int64 [T], index of what was decided where it counts for training, else -1.
        truth: float16 [T, U], logarithms of the enemy's true counts.
    """

    name: str
    opponent: str
    map_name: str
    result: float
    inputs: npt.NDArray[np.float16]
    build: npt.NDArray[np.int64]
    decision: npt.NDArray[np.int64]
    truth: npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Data:
    """All games of one race.

    Attributes:
        race: own. builds: names that `Game.build` counts.
        active: indices of the features that vary. mean, scale: of all features, [F].
        training, validation: games. left_out: why episodes were not used, with numbers.
    """

    race: str
    builds: tuple[str, ...]
    active: npt.NDArray[np.int64]
    mean: FloatArray
    scale: FloatArray
    training: tuple[Game, ...]
    validation: tuple[Game, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """What the card says of the data."""
        games = (*self.training, *self.validation)
        return {
            "training_games": len(self.training),
            "validation_games": len(self.validation),
            "decisions": sum(int((game.decision >= 0).sum()) for game in games),
            "win_rate": round(float(np.mean([game.result for game in games])), 4),
            "opponents": dict(sorted(Counter(game.opponent for game in games).items())),
            "maps": dict(sorted(Counter(game.map_name for game in games).items())),
            "left_out": dict(self.left_out),
        }


def prepare(
    read: Callable[[], Iterable[Episode]],
    race: str,
    *,
    seed: int = 0,
    validation: float = 0.2,
    all_decisions: bool = False,
    leave_out: Callable[[Episode], str] = lambda episode: "",
) -> Data:
    """Read all episodes twice: once for statistics, once to keep what is needed.

    Args:
        read: starts reading anew; each episode comes once.
        race: whose. seed: of the split. validation: share of games.
        all_decisions: learn from every decision, not from random ones alone.
        leave_out: why an episode must not be learned from, "" where it may be.

    Raises TrainingError when there is not enough to learn from.
    """
    total, squares, rows = np.zeros(FEATURE_COUNT), np.zeros(FEATURE_COUNT), 0
    least, most = np.full(FEATURE_COUNT, np.inf), np.full(FEATURE_COUNT, -np.inf)
    builds: set[str] = set()
    left_out: Counter[str] = Counter()
    for episode in read():
        why = _unfit(episode, race) or leave_out(episode)
        if why:
            left_out[why] += 1
            continue
        builds.update(episode.builds)
        if _held_out(episode, seed, validation):
            continue
        inputs = episode.inputs[:LONGEST_EVALUATIONS].astype(np.float64)
        total += inputs.sum(axis=0)
        squares += np.square(inputs).sum(axis=0)
        least, most = np.minimum(least, inputs.min(axis=0)), np.maximum(most, inputs.max(axis=0))
        rows += len(inputs)
    if not rows:
        reasons = ", ".join(f"{number} {why}" for why, number in left_out.most_common()) or "there is none"
        raise TrainingError(f"there is no episode of {race} to learn from ({reasons})")
    mean = total / rows
    scale = np.maximum(np.sqrt(np.maximum(squares / rows - mean * mean, 0.0)), LEAST_SCALE)
    active = np.flatnonzero(most - least > 1e-6)
    names = tuple(sorted(builds))
    training: list[Game] = []
    held_out: list[Game] = []
    for episode in read():
        if not (_unfit(episode, race) or leave_out(episode)):
            games = held_out if _held_out(episode, seed, validation) else training
            games.append(_game(episode, names, active, all_decisions=all_decisions))
    for games, what in ((training, "training"), (held_out, "validation")):
        results = {game.result for game in games if (game.decision >= 0).any()}
        if len(results) < 2:
            raise TrainingError(
                f"the {len(games)} {what} games have no decisions with different results; collect more games"
            )
    # Shards are read in the order of their names: which worker wrote what must not matter.
    training.sort(key=lambda game: game.name)
    held_out.sort(key=lambda game: game.name)
    return Data(
        race,
        names,
        active,
        mean.astype(np.float32),
        scale.astype(np.float32),
        tuple(training),
        tuple(held_out),
        dict(left_out),
    )


def _unfit(episode: Episode, race: str) -> str:
    """Why an episode is not used, "" where it is."""
    if episode.race != race:
        return "of another race"
    if episode.features_version != FEATURES_VERSION:
        return f"with features of version {episode.features_version}"
    if episode.inputs.shape[1] != FEATURE_COUNT or not np.isfinite(episode.inputs).all():
        return "with inputs that do not fit"
    if episode.loops < SHORTEST_LOOPS or not len(episode.times):
        return "too short"
    return ""


def _held_out(episode: Episode, seed: int, share: float) -> bool:
    """Whether a game is for validation; both sides of a match fall together."""
    return zlib.crc32(f"{seed}/{episode.game_id}".encode()) % 10_000 < share * 10_000


def _game(episode: Episode, builds: Sequence[str], active: npt.NDArray[np.int64], *, all_decisions: bool) -> Game:
    place = np.array([*(builds.index(name) for name in episode.builds), -1], np.int64)
    cut = slice(0, LONGEST_EVALUATIONS)
    counts = (episode.switch >= 0) & (episode.random | all_decisions)
    return Game(
        name=episode.key,
        opponent=episode.opponent,
        map_name=episode.map_name,
        # What is learned is the probability of winning, and a tie was not won: as the tables count it.
        result=float(episode.result >= 1.0),
        inputs=episode.inputs[cut][:, active].astype(np.float16),
        build=place[episode.build[cut]],
        decision=np.where(counts, place[episode.switch], -1)[cut],
        truth=np.log1p(episode.truth[cut].astype(np.float32)).astype(np.float16),
    )


@dataclass(frozen=True, slots=True)
class Batch:
    """Some games side by side, shorter ones filled up at their end. N games, T evaluations.

    Attributes:
        z: float32 [N, T, active]. build: int64 [N, T]. present: bool [N, T].
        rows, steps, decided: int64 [K], game, evaluation and build of every decision. result: float32 [K].
        truth: float32 [N, T, U].
    """

    z: FloatArray
    build: npt.NDArray[np.int64]
    present: npt.NDArray[np.bool_]
    rows: npt.NDArray[np.int64]
    steps: npt.NDArray[np.int64]
    decided: npt.NDArray[np.int64]
    result: FloatArray
    truth: FloatArray


def make_batch(data: Data, games: Sequence[Game], *, cut: float) -> Batch:
    """Games of `data` as one batch; standardised inputs are cut off at `cut`."""
    length = max(len(game.build) for game in games)
    shape = (len(games), length)
    z = np.zeros((*shape, len(data.active)), np.float32)
    build, decision = np.full(shape, -1, np.int64), np.full(shape, -1, np.int64)
    truth, present = np.zeros((*shape, TYPE_COUNT), np.float32), np.zeros(shape, np.bool_)
    mean, scale = data.mean[data.active], data.scale[data.active]
    for row, game in enumerate(games):
        size = len(game.build)
        z[row, :size] = np.clip((game.inputs.astype(np.float32) - mean) / scale, -cut, cut)
        build[row, :size], decision[row, :size], truth[row, :size] = game.build, game.decision, game.truth
        present[row, :size] = True
    rows, steps = np.nonzero(decision >= 0)
    result = np.array([game.result for game in games], np.float32)[rows]
    return Batch(z, build, present, rows, steps, decision[rows, steps], result, truth)
