"""Fights are predicted as the engine plays them."""

from __future__ import annotations

from tests.modules.combat.calibration import calibrate


def test_winners_of_random_fights_are_predicted() -> None:
    found = calibrate(60, seed=7)
    assert found.decided >= 40
    assert found.agreement >= 0.85
    assert found.brier <= 0.12
