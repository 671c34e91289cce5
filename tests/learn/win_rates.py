"""Win rates of our builds that bandits are tried on, as they were played.

`cherrypy-bot league matrix --race zerg --games 1` at commit 15ab1ec: 274 games of 12 openings against the 24 scripted
opponents there were, one game each, on CherryGroveLE; 22 loops a step. Opponents of a race are counted together: who is
told nothing but the race meets any of them.
"""

from __future__ import annotations

import numpy as np

AGAINST = ("terran", "protoss", "zerg")
ZERG: dict[str, tuple[tuple[int, int], ...]] = {
    "brood_lord": ((7, 8), (3, 9), (3, 7)),
    "hatch_gas_pool": ((6, 8), (5, 9), (3, 7)),
    "hydra_ling": ((7, 8), (5, 9), (4, 7)),
    "ling_bane": ((5, 8), (3, 9), (6, 7)),
    "ling_flood": ((6, 8), (8, 9), (6, 7)),
    "mutalisk": ((5, 8), (2, 9), (4, 7)),
    "roach_hydra": ((4, 8), (4, 9), (6, 7)),
    "roach_ravager_all_in": ((5, 8), (4, 9), (2, 7)),
    "roach_timing": ((4, 8), (5, 9), (6, 7)),
    "twelve_pool": ((6, 8), (8, 9), (4, 7)),
}
"""(won, played) of an opening against opponents of each race of AGAINST; openings for all three races."""

MATRICES = {"zerg": np.array([[won / played for won, played in row] for row in ZERG.values()])}
"""Shares of games won, [our builds, races of the opponent]."""
