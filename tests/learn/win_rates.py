"""Matrices of win rates [our builds, opponents] that bandits are tried on."""

from __future__ import annotations

import numpy as np

MATRICES = {
    "zerg": np.array(
        [
            [0.9, 0.2, 0.6, 1.0, 0.4],
            [0.3, 0.8, 0.6, 1.0, 0.1],
            [0.6, 0.5, 0.1, 0.9, 0.7],
            [0.1, 0.4, 0.9, 1.0, 0.2],
            [0.5, 0.1, 0.3, 0.8, 0.9],
        ]
    )
}
