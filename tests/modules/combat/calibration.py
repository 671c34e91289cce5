"""How well fights are predicted: random armies attack each other on the engine, and the forecast is compared.

`python -m tests.modules.combat.calibration --fights 1000` prints the share of winners that were predicted, of the
fights that did not end within 10 % of even, and the Brier score of the predicted chances, of all of them.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from sc2.ids.unit_typeid import UnitTypeId

from cherrypy_bot.sim.rules import load_ruleset
from modules.combat import Side
from tests.modules.combat.armies import predictor
from tests.sim.kernels.fights import Army, Fight, play

RACES: dict[str, tuple[str, ...]] = {
    "terran": (
        "Marine", "Marauder", "Hellion", "HellionTank", "SiegeTank", "SiegeTankSieged", "Thor", "VikingFighter",
        "Battlecruiser",
    ),
    "protoss": ("Zealot", "Stalker", "Adept", "Immortal", "Colossus", "Archon", "VoidRay", "Phoenix", "Tempest"),
    "zerg": ("Zergling", "Baneling", "Roach", "Hydralisk", "Queen", "Mutalisk", "Corruptor", "Ultralisk", "BroodLord"),
}  # fmt: skip
SMALLEST, LARGEST = 300.0, 3000.0
"""Worth of an army, minerals and gas together."""
LOPSIDED = 1.8
"""The larger army is worth at most so many times the smaller."""
MOST_KINDS = 3
EVEN = 0.1
"""Fights whose sides end with shares of their life this near to each other have no winner to predict."""


@dataclass(frozen=True)
class Calibration:
    """What came out.

    Attributes:
        fights: played. decided: of them not within 10 % of even. right: of these, the winner was predicted.
        brier: mean squared difference between the predicted chance of winning and what happened, of all.
    """

    fights: int
    decided: int
    right: int
    brier: float

    @property
    def agreement(self) -> float:
        """Share of the decided fights whose winner was predicted."""
        return self.right / max(self.decided, 1)


def random_fight(rng: np.random.Generator) -> Fight:
    """Two armies of one to three kinds of a race each that can hurt each other somehow, not too unequal in price."""
    worth = float(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST))))
    first = _army(rng, worth)
    second = _army(rng, worth * float(np.exp(rng.uniform(-np.log(LOPSIDED), np.log(LOPSIDED)))))
    return Fight(first, second, 0, "random")


def _army(rng: np.random.Generator, worth: float) -> Army:
    kinds = RACES[str(rng.choice(sorted(RACES)))]
    chosen = rng.choice(kinds, size=int(rng.integers(1, MOST_KINDS + 1)), replace=False)
    shares = rng.dirichlet(np.ones(len(chosen)))
    counts = [max(1, round(worth * share / _price(str(kind)))) for kind, share in zip(chosen, shares, strict=True)]
    return tuple((str(kind), count) for kind, count in zip(chosen, counts, strict=True))


def _price(kind: str) -> float:
    facts = load_ruleset().unit(kind)
    return float(facts.minerals + facts.gas) or 50.0


def side(army: Army) -> Side:
    """An army, unhurt, as the predictor sees it."""
    parts = []
    for kind, count in army:
        facts = load_ruleset().unit(kind)
        parts.append(
            Side.make(
                (UnitTypeId(facts.id), count, float(facts.hp), float(facts.shields)), flying=bool(facts.is_flying)
            )
        )
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    return whole


def calibrate(fights: int, seed: int = 0) -> Calibration:
    """Play random fights on the engine and compare."""
    rng = np.random.default_rng(seed)
    drawn = [random_fight(rng) for _ in range(fights)]
    margins = np.array([play(fight, seed + number, swap=bool(number % 2)).margin for number, fight in enumerate(drawn)])
    wins = np.array([p.win for p in predictor().predict_many([(side(f.first), side(f.second)) for f in drawn])])
    decided = np.abs(margins) > EVEN
    happened = np.where(margins == 0.0, 0.5, (margins > 0.0).astype(np.float64))
    right = decided & ((wins > 0.5) == (margins > 0.0))
    return Calibration(fights, int(decided.sum()), int(right.sum()), float(((wins - happened) ** 2).mean()))


def main() -> None:
    """Print the result."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--fights", type=int, default=1000, help="how many fights to play")
    parser.add_argument("--seed", type=int, default=0, help="of the armies and of the fights")
    options = parser.parse_args()
    found = calibrate(options.fights, options.seed)
    print(
        f"{found.fights} fights, {found.decided} of them decided: the winner was predicted in {found.right}"
        f" ({found.agreement:.1%}); Brier score {found.brier:.3f}"
    )


if __name__ == "__main__":
    main()
