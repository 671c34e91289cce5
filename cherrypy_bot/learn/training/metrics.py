"""How good probabilities are. All take `chances` and `results` (0 lost .. 1 won), float arrays of shape (n,)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_EDGE = 1e-6
BINS = 10
TEMPERATURE_DOUBT = 0.5
"""Standard deviation of a temperature's logarithm before there is any data."""


def log_loss(chances: Floats, results: Floats) -> float:
    """Mean negative log likelihood in nats; log 2 = 0.693 is knowing nothing of an even game."""
    p = np.clip(chances, _EDGE, 1.0 - _EDGE)
    return float(-(results * np.log(p) + (1.0 - results) * np.log(1.0 - p)).mean())


def brier(chances: Floats, results: Floats) -> float:
    """Mean squared error."""
    return float(np.square(chances - results).mean())


def auc(chances: Floats, results: Floats) -> float:
    """Probability that a won game was given more than a lost one, equal ones half; ties of games are left out."""
    won, lost = np.sort(chances[results > 0.5]), np.sort(chances[results < 0.5])
    if not len(won) or not len(lost):
        return 0.5
    below = np.searchsorted(lost, won, side="left") + np.searchsorted(lost, won, side="right")
    return float(below.mean() / (2.0 * len(lost)))


def ece(chances: Floats, results: Floats, bins: int = BINS) -> float:
    """Expected calibration error: |predicted - won| per bin of equal width, weighted by how many fall into it."""
    place = np.minimum((chances * bins).astype(np.int64), bins - 1)
    count = np.bincount(place, minlength=bins)
    gap = np.bincount(place, chances, bins) - np.bincount(place, results, bins)
    return float(np.abs(gap).sum() / max(1, count.sum()))


def reliability(chances: Floats, results: Floats, bins: int = BINS) -> list[dict[str, float]]:
    """Per bin that is not empty: how many, mean prediction, share won."""
    place = np.minimum((chances * bins).astype(np.int64), bins - 1)
    return [
        {
            "count": int((place == index).sum()),
            "predicted": round(float(chances[place == index].mean()), 4),
            "won": round(float(results[place == index].mean()), 4),
        }
        for index in range(bins)
        if (place == index).any()
    ]


def ensemble(logits: Floats, temperature: float) -> Floats:
    """Mean of the members' probabilities, (n,) from logits [members, n]."""
    return (0.5 * (1.0 + np.tanh(0.5 * logits / temperature))).mean(axis=0)  # type: ignore[no-any-return]


def fit_temperature(logits: Floats, results: Floats) -> float:
    """The temperature with the least log loss of the ensemble, within 0.2..10 (to 1 %).

    Temperatures are believed to lie about 1 beforehand (the logarithm is normal with TEMPERATURE_DOUBT): a few dozen
    decisions that happen to be all right must not make an ensemble sure of everything.
    """
    grid = np.exp(np.linspace(np.log(0.2), np.log(10.0), 400))
    losses = [
        len(results) * log_loss(ensemble(logits, float(t)), results) + 0.5 * (np.log(t) / TEMPERATURE_DOUBT) ** 2
        for t in grid
    ]
    return float(grid[int(np.argmin(losses))])


def cross_fitted(logits: Floats, results: Floats, groups: npt.NDArray[np.int64]) -> Floats:
    """Calibrated probabilities where no decision is judged by a temperature that its own game helped to fit.

    Args:
        logits: [members, n]. groups: int (n,), the game of each; games are halved by parity.
    """
    chances = np.zeros(len(results))
    half = groups % 2 == 0
    for mine, other in ((half, ~half), (~half, half)):
        if mine.any():
            fitted = fit_temperature(logits[:, other], results[other]) if other.any() else 1.0
            chances[mine] = ensemble(logits[:, mine], fitted)
    return chances
