"""The learned selector at work: numpy alone, a fraction of a millisecond per evaluation.

    session = Session(Model.load(path))                    # one per match: it holds the recurrent state
    estimate = session.evaluate(inputs, "", None, {"roach_timing": descriptor, ...})     # at loop 0
    estimate = session.evaluate(inputs, "roach_timing", descriptor, {...})               # every five seconds

The same formulas as `training.network` in torch; a test holds them together within 1e-5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from cherrypy_bot.learn.view import FloatArray
from cherrypy_bot.learn.weights import Card, load

MOST_SIGMA: Final = 8.0
"""Standardised inputs are cut off there."""
STRANGE_SIGMA: Final = 3.0
"""What lies further from the mean of the training data adds to the distance."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the ensemble thinks.

    Attributes:
        values: probability of winning per build. spread: standard deviation of the members' probabilities.
        distance: of the inputs from the training data, see `strangeness`.
    """

    values: Mapping[str, float]
    spread: Mapping[str, float]
    distance: float


@dataclass(frozen=True, slots=True)
class Model:
    """Weights with their card; shared by any number of sessions."""

    card: Card
    tensors: Mapping[str, FloatArray]

    @classmethod
    def load(cls, path: Path) -> Model:
        """From a file and the card beside it. Raises WeightsError."""
        return cls(*load(path))


class Session:
    """One match: the recurrent state of every member, warm from loop 0.

    Attributes:
        card: of the weights. logits: of the last evaluation, [members, builds asked], before the temperature.
    """

    def __init__(self, model: Model) -> None:
        self.card = model.card
        self.logits: FloatArray = np.zeros((model.card.members, 0), np.float32)
        self._tensors = model.tensors
        self._rows = {name: row for row, name in enumerate(model.card.builds)}
        self._state: FloatArray = np.zeros((model.card.members, model.card.hidden), np.float32)
        self._queries: dict[str, FloatArray] = {}

    def evaluate(
        self, inputs: FloatArray, current: str, descriptor: FloatArray | None, wanted: Mapping[str, FloatArray]
    ) -> Estimate:
        """Take in one evaluation and estimate builds.

        Args:
            inputs: features, float32 [F]. current: build being played, "" for none, and its descriptor.
            wanted: descriptors of the builds to estimate, by name; known to the training or not.
        """
        t = self._tensors
        z = standardised(inputs, t["input_mean"], t["input_scale"])
        playing = self._query(current, descriptor)
        count = len(z)
        # A matrix times one vector for all members, and per member its view of the build that is being played.
        squeezed = t["squeeze"][:, :, :count] @ np.clip(z, -MOST_SIGMA, MOST_SIGMA)
        squeezed += np.matmul(t["squeeze"][:, :, count:], playing[:, :, None])[:, :, 0] + t["squeeze_bias"]
        hidden = self._trunk(squeezed)
        names = list(wanted)
        asked = np.stack([self._query(name, wanted[name]) for name in names], axis=1) if names else None
        if asked is None:
            self.logits = np.zeros((self.card.members, 0), np.float32)
        else:
            match = np.matmul(t["match"], hidden[:, :, None])[:, :, 0] / np.float32(np.sqrt(self.card.query))
            value = (t["value"] * hidden).sum(axis=1) + t["value_bias"]
            self.logits = value[:, None] + np.matmul(asked, (match + t["query"])[:, :, None])[:, :, 0]
        chances = sigmoid(self.logits / self.card.temperature)
        return Estimate(
            values=dict(zip(names, chances.mean(axis=0).tolist(), strict=True)),
            spread=dict(zip(names, chances.std(axis=0).tolist(), strict=True)),
            distance=float(strangeness(z)),
        )

    def _trunk(self, squeezed: FloatArray) -> FloatArray:
        """Hidden vector per member, [members, hidden]."""
        t, size = self._tensors, self.card.hidden
        if self.card.kind == "linear":
            return squeezed
        active = np.maximum(squeezed, 0.0)
        if self.card.kind == "mlp":
            return active
        state = self._state
        fed = np.matmul(t["gru_in"], active[:, :, None])[:, :, 0] + t["gru_in_bias"]
        kept = np.matmul(t["gru_state"], state[:, :, None])[:, :, 0] + t["gru_state_bias"]
        reset = sigmoid(fed[:, :size] + kept[:, :size])
        update = sigmoid(fed[:, size : 2 * size] + kept[:, size : 2 * size])
        new = np.tanh(fed[:, 2 * size :] + reset * kept[:, 2 * size :])
        self._state = (1.0 - update) * new + update * state
        return self._state

    def _query(self, name: str, descriptor: FloatArray | None) -> FloatArray:
        """What a build is asked with, [members, query]: its embedding, if it has one, and its descriptor's."""
        known = self._queries.get(name)
        if known is not None:
            return known
        t = self._tensors
        if not name or descriptor is None:
            found: FloatArray = t["embedding"][:, -1]
        else:
            plain = standardised(descriptor, t["descriptor_mean"], t["descriptor_scale"])
            found = t["describe"] @ np.clip(plain, -MOST_SIGMA, MOST_SIGMA) + t["describe_bias"]
            if name in self._rows:
                found = found + t["embedding"][:, self._rows[name]]
        self._queries[name] = found
        return found


def standardised(values: FloatArray, mean: FloatArray, scale: FloatArray) -> FloatArray:
    """Distances from the mean in units of scale."""
    found: FloatArray = (values - mean) / scale
    return found


def strangeness(z: FloatArray) -> FloatArray:
    """How far standardised inputs [..., F] lie outside STRANGE_SIGMA: root of the summed squares beyond it, [...]."""
    beyond = np.maximum(np.abs(z) - STRANGE_SIGMA, 0.0)
    found: FloatArray = np.sqrt(np.square(np.minimum(beyond, 100.0)).sum(axis=-1))
    return found


def sigmoid(x: FloatArray) -> FloatArray:
    """1 / (1 + exp(-x)) without overflow."""
    found: FloatArray = (0.5 * (1.0 + np.tanh(0.5 * x))).astype(np.float32)
    return found
