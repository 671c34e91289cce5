"""Weapons per unit type and a prediction of how fights end, as arrays; pure functions, no blackboard.

`weapons.WeaponTable` knows what every unit type can do to every other; `predictor.CombatPredictor` lets two groups
fight on paper, many fights in one call. Tactics decides with it, Micro reads the weapons. Imports core only.
"""

from modules.combat.predictor import CombatPredictor, Prediction, Side
from modules.combat.weapons import AIR, GROUND, WeaponTable

__all__ = ["AIR", "GROUND", "CombatPredictor", "Prediction", "Side", "WeaponTable"]
