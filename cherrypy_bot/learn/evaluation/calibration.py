"""Whether the probabilities that a policy gave in evaluated games came true.

found = calibration(read_episodes(folder / "episodes"), policy="selector")
found["all"]["ece"]                 # over every evaluation of every game
found["minute 4"]["ece"]            # one evaluation a game, so that games and not their lengths count
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np

from cherrypy_bot.learn.episodes import Episode
from cherrypy_bot.learn.training import metrics

LOOPS_PER_MINUTE: Final = 1344
MINUTES: Final = (0, 2, 4, 6, 8, 10)
DRAWS: Final = 400
SEED: Final = 1


def predictions(episode: Episode) -> tuple[metrics.Floats, metrics.Floats]:
    """What the policy thought of what it played: times in loops and probabilities of winning, (n,) each.

    An evaluation counts by the build that is played from it on; those without a value for that build are left out.
    """
    if not episode.values.shape[1]:
        return np.zeros(0), np.zeros(0)
    played = np.where(episode.switch >= 0, episode.switch, episode.build)
    chances = episode.values[np.arange(len(played)), played].astype(np.float64)
    there = (played >= 0) & np.isfinite(chances)
    return episode.times[there].astype(np.float64), chances[there]


def calibration(episodes: Iterable[Episode], **facts: str) -> dict[str, dict[str, Any]]:
    """Errors of the probabilities, over games with these facts in their notes. A tie was not won.

    Args:
        facts: as policy="selector", opponents="held_out".

    Returns:
        "all" (every evaluation, games weighted by their length) and "minute M" (the first evaluation at or after it,
        one a game), each with `count`, `games`, `predicted`, `won` (means), `ece`, `log_loss`, `brier`, `reliability`;
        the minutes also with `ece_if_true`, the mean error that so few games show where every probability is right.
        Empty where no game has values.
    """
    times, chances, results, owners = [], [], [], []
    for number, episode in enumerate(episodes):
        if any(str(episode.notes.get(name)) != value for name, value in facts.items()):
            continue
        when, p = predictions(episode)
        times.append(when)
        chances.append(p)
        results.append(np.full(len(p), float(episode.result >= 1.0)))
        owners.append(np.full(len(p), number))
    if not sum(len(one) for one in chances):
        return {}
    when, p, won, owner = (np.concatenate(rows) for rows in (times, chances, results, owners))
    found = {"all": _errors(p, won, len(np.unique(owner)))}
    for minute in MINUTES:
        late = np.flatnonzero(when >= minute * LOOPS_PER_MINUTE)
        if not len(late):
            continue
        # Evaluations are in the order of games and times: the first of each game is the one that is looked for.
        first = late[np.unique(owner[late], return_index=True)[1]]
        errors = _errors(p[first], won[first], len(first))
        found[f"minute {minute}"] = {**errors, "ece_if_true": round(_ece_if_true(p[first]), 4)}
    return found


def _errors(chances: metrics.Floats, results: metrics.Floats, games: int) -> dict[str, Any]:
    return {
        "count": len(chances),
        "games": games,
        "predicted": round(float(chances.mean()), 4),
        "won": round(float(results.mean()), 4),
        "ece": round(metrics.ece(chances, results), 4),
        "log_loss": round(metrics.log_loss(chances, results), 4),
        "brier": round(metrics.brier(chances, results), 4),
        "reliability": metrics.reliability(chances, results),
    }


def _ece_if_true(chances: metrics.Floats) -> float:
    rng = np.random.default_rng(SEED)
    drawn = rng.random((DRAWS, len(chances))) < chances
    return float(np.mean([metrics.ece(chances, one.astype(np.float64)) for one in drawn]))
