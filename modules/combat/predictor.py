"""CombatPredictor: how a fight between two groups would end if both just attacked.

Example:
    >>> predictor = CombatPredictor(WeaponTable.from_bot(ctx.bot))
    >>> forecast = predictor.predict(Side.of(ctx.units, our_rows), Side.of(ctx.units, their_rows))
    >>> forecast.margin, forecast.win, forecast.confidence
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cherrypy_bot.core.units import Selection, UnitTable, select
from modules.combat.simulation import simulate
from modules.combat.weapons import WeaponTable

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_CHUNK_FIGHTS = 48
"""Fights simulated side by side; more do not fit the processor's cache."""

_MOST_UNITS = 40
"""Of larger armies every so manieth unit fights, the same share on both sides; the time grows with the product."""

_MARGIN_SCALE = 0.2
"""Width of the logistic curve from predicted margin to win probability; fitted to 300 random attack-move fights on
the engine. `python -m tests.modules.combat.calibration` measures it: docs/strength.md."""


@dataclass(frozen=True)
class Side:
    """One side of a fight, arrays of shape (n,).

    Attributes:
        type_id: values of UnitTypeId. health, shield: now. flying: in the air.
        attack_level, armor_level: upgrade levels 0..3.
    """

    type_id: IntArray
    health: FloatArray
    shield: FloatArray
    flying: BoolArray
    attack_level: FloatArray
    armor_level: FloatArray

    def __len__(self) -> int:
        return len(self.type_id)

    @classmethod
    def of(cls, source: UnitTable | Any, selection: Selection) -> Side:
        """The selected rows of a UnitTable or of an EnemyMemory."""
        rows = select(selection)
        attack, armor = np.zeros(len(rows)), np.zeros(len(rows))
        if isinstance(source, UnitTable):
            protos = source.protos
            for index, row in enumerate(rows.tolist()):
                attack[index] = protos[row].attack_upgrade_level
                armor[index] = protos[row].armor_upgrade_level
        return cls(
            source.type_id[rows], source.health[rows], source.shield[rows], source.is_flying[rows], attack, armor
        )

    @classmethod
    def make(cls, *units: tuple[Any, int, float, float], flying: bool = False) -> Side:
        """From (UnitTypeId, count, health, shield) tuples, all in the air or all on the ground."""
        counts = [count for _, count, _, _ in units]
        n = sum(counts)
        return cls(
            np.repeat(np.array([kind.value for kind, *_ in units], np.int64), counts),
            np.repeat(np.array([health for *_, health, _ in units], np.float64), counts),
            np.repeat(np.array([shield for *_, shield in units], np.float64), counts),
            np.full(n, flying),
            np.zeros(n),
            np.zeros(n),
        )

    def thinned(self, share: float) -> Side:
        """About this share of the units, of every type and of the hurt and the whole alike; at least one."""
        order = np.lexsort((self.health + self.shield, self.type_id))
        kept = max(1, round(share * len(order)))
        rows = np.sort(order[((np.arange(kept) + 0.5) * len(order) / kept).astype(np.int64)])
        return Side(
            self.type_id[rows],
            self.health[rows],
            self.shield[rows],
            self.flying[rows],
            self.attack_level[rows],
            self.armor_level[rows],
        )

    def __add__(self, other: Side) -> Side:
        return Side(
            np.concatenate((self.type_id, other.type_id)),
            np.concatenate((self.health, other.health)),
            np.concatenate((self.shield, other.shield)),
            np.concatenate((self.flying, other.flying)),
            np.concatenate((self.attack_level, other.attack_level)),
            np.concatenate((self.armor_level, other.armor_level)),
        )


@dataclass(frozen=True, slots=True)
class Prediction:
    """How a fight would end.

    Attributes:
        ours, theirs: loss shares 0..1 of what each side is worth; 1 = all dead, a wound counts half.
        win: probability that we come out ahead.
        confidence: 0..1, 0 = a coin toss.
    """

    ours: float
    theirs: float

    @property
    def margin(self) -> float:
        """Their loss share minus ours, -1..1."""
        return self.theirs - self.ours

    @property
    def win(self) -> float:
        """Probability that we come out ahead."""
        return float(1.0 / (1.0 + np.exp(-self.margin / _MARGIN_SCALE)))

    @property
    def confidence(self) -> float:
        """How sure that is, 0..1."""
        return abs(2.0 * self.win - 1.0)


class CombatPredictor:
    """Predicts fights; holds nothing but the weapon table, the same input always gives the same answer."""

    def __init__(self, weapons: WeaponTable) -> None:
        self.weapons = weapons

    def predict(self, ours: Side, theirs: Side) -> Prediction:
        """One fight. Several at once cost a fraction of that each: see `predict_many`."""
        return self.predict_many([(ours, theirs)])[0]

    def predict_many(self, fights: Sequence[tuple[Side, Side]]) -> list[Prediction]:
        """All fights, in their order; an empty side loses nothing and kills nothing."""
        results: list[Prediction | None] = [None] * len(fights)
        fights = [_of_a_size(*fight) for fight in fights]
        # Fights of like size together: a chunk is padded to its largest.
        order = sorted(range(len(fights)), key=lambda i: len(fights[i][0]) * len(fights[i][1]))
        for begin in range(0, len(order), _CHUNK_FIGHTS):
            chunk = order[begin : begin + _CHUNK_FIGHTS]
            ours, theirs = simulate(self.weapons, [fights[i][0] for i in chunk], [fights[i][1] for i in chunk])
            for index, our_loss, their_loss in zip(chunk, ours.tolist(), theirs.tolist(), strict=True):
                results[index] = Prediction(our_loss, their_loss)
        return [result for result in results if result is not None]


def _of_a_size(ours: Side, theirs: Side) -> tuple[Side, Side]:
    """The same fight with fewer units where it is large."""
    largest = max(len(ours), len(theirs))
    if largest <= _MOST_UNITS or not len(ours) or not len(theirs):
        return ours, theirs
    share = _MOST_UNITS / largest
    return ours.thinned(share), theirs.thinned(share)
