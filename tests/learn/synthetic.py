"""Episodes with a known answer: three builds that beat each other in a circle, and an enemy that shows which it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from cherrypy_bot.learn.episodes import Episode
from cherrypy_bot.learn.features import FEATURE_COUNT, FEATURES_VERSION, feature_names
from cherrypy_bot.learn.vocabulary import NAMES, TYPE_COUNT

BUILDS = ("ling_bane", "mutalisk", "roach_timing")
SHOWN = ("MARINE", "BATTLECRUISER", "HELLION")
"""What enemy i shows; build i beats it, build i + 1 loses to it."""
CHANCES = (0.9, 0.1, 0.5)
"""Of build i + k against enemy i."""
SEEN_FROM = 4
STEPS = 10


def episode(number: int, *, steps: int = STEPS) -> Episode:
    """One game: a random opening, a random decision after the enemy was seen. The last decision settles the result."""
    rng = np.random.default_rng([77, number])
    enemy = int(rng.integers(3))
    names = feature_names()
    inputs = np.zeros((steps, FEATURE_COUNT), np.float32)
    inputs[:, names.index("time: loops")] = np.arange(steps) * 112 / 13440
    inputs[:, names.index("bank: minerals")] = rng.random(steps)
    inputs[SEEN_FROM:, names.index(f"enemy: {SHOWN[enemy]}")] = 0.5 + 0.3 * rng.random(steps - SEEN_FROM)
    opening, decided = int(rng.integers(3)), int(rng.integers(3))
    at = int(rng.integers(SEEN_FROM + 1, steps))
    switch = np.full(steps, -1, np.int16)
    switch[0], switch[at] = opening, decided
    build = np.where(np.arange(steps) <= at, opening, decided).astype(np.int16)
    build[0] = -1
    truth = np.zeros((steps, TYPE_COUNT), np.uint16)
    truth[:, NAMES.index(SHOWN[enemy])] = np.arange(steps)
    won = rng.random() < CHANCES[(decided - enemy) % 3]
    return Episode(
        game_id=f"synthetic{number}",
        side=0,
        race="zerg",
        enemy_race="terran",
        opponent=f"shows_{SHOWN[enemy].lower()}",
        map_name="nowhere",
        seed=number,
        game_step=16,
        policy="explore",
        builds=BUILDS,
        result=float(won),
        ended="won" if won else "lost",
        loops=9000,
        features_version=FEATURES_VERSION,
        times=np.arange(steps, dtype=np.int32) * 112,
        inputs=inputs,
        build=build,
        switch=switch,
        random=switch >= 0,
        truth=truth,
        values=np.zeros((steps, 0), np.float32),
    )


def reader(count: int) -> Callable[[], Iterable[Episode]]:
    """Reads so many episodes anew at every call."""
    made = [episode(number) for number in range(count)]
    return lambda: iter(made)
