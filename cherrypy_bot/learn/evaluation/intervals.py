"""How sure a share of wins is."""

from __future__ import annotations

import math
from typing import Final

Z_95: Final = 1.959963984540054


def wilson(wins: int, games: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927); (0, 1) without games. ValueError for impossible counts."""
    if not 0 <= wins <= games:
        raise ValueError(f"{wins} wins of {games} games are impossible")
    if games == 0:
        return 0.0, 1.0
    share = wins / games
    middle = (share + z * z / (2 * games)) / (1 + z * z / games)
    half = z / (1 + z * z / games) * math.sqrt(share * (1 - share) / games + z * z / (4 * games * games))
    return max(0.0, middle - half), min(1.0, middle + half)
