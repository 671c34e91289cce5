"""Episodes made up for tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from cherrypy_bot.learn.episodes import Episode
from cherrypy_bot.learn.vocabulary import TYPE_COUNT


def episode(number: int = 0, *, side: int = 0, steps: int = 5, features: int = 7, **facts: Any) -> Episode:
    """An episode whose content follows from its number."""
    rng = np.random.default_rng(number)
    arrays: dict[str, Any] = {
        "times": np.arange(steps, dtype=np.int32) * 112,
        "inputs": rng.normal(size=(steps, features)).astype(np.float32),
        "build": np.zeros(steps, np.int16),
        "switch": np.full(steps, -1, np.int16),
        "random": np.zeros(steps, np.bool_),
        "truth": rng.integers(0, 9, (steps, TYPE_COUNT)).astype(np.uint16),
        "values": rng.random((steps, 2)).astype(np.float32),
    }
    if steps:
        arrays["switch"][0], arrays["random"][0] = 1, True
    return Episode(
        **{
            "game_id": f"game{number}",
            "side": side,
            "race": "zerg",
            "enemy_race": "terran",
            "opponent": "one_base_rush_terran",
            "map_name": "CherryGroveLE",
            "seed": number,
            "game_step": 16,
            "policy": "explore",
            "builds": ("roach_timing", "twelve_pool"),
            "result": 1.0,
            "ended": "won",
            "loops": 112 * steps,
            "features_version": 1,
            "notes": {"rate": 0.1},
            **arrays,
            **facts,
        }
    )


def same(first: Episode, second: Episode) -> bool:
    """Whether two episodes are equal to the bit."""
    return all(
        np.array_equal(a, b) and a.dtype == b.dtype if isinstance(a, np.ndarray) else a == b
        for name in Episode.__dataclass_fields__
        for a, b in [(getattr(first, name), getattr(second, name))]
    )
