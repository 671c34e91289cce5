"""Where a generated map's rooms lie, which level each has and how neighbours are joined.

A room is the ground around one base (or an empty middle). Rooms are the cells of a warped Voronoi diagram of sites
that come in point-symmetric pairs; a seam is the border between two rooms and is open ground, a choke, a ramp or a
wall. Room `i < n` and room `i + n` are a pair; room 2 n, if there is one, is the middle and its own partner.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy import ndimage

OPEN, CHOKE, ROCKS, RAMP, WALL = "open", "choke", "rocks", "ramp", "wall"

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


@dataclass
class Seam:
    """The border between two rooms. `points` are its cells' corners in cells, shape `(k, 2)` as `(x, y)`."""

    a: int
    b: int
    points: Floats
    kind: str = WALL
    gap: float = 0.0
    """Width of a choke, or of a gate that rocks fill, in cells."""
    thickness: float = 2.0
    """Half of how thick its wall or cliff is."""
    ridge: bool = True
    """A wall on level ground is a ridge (blocks sight) or a chasm."""


@dataclass
class Plan:
    """Rooms of one map. `labels` is the room of every playable cell, -1 elsewhere; `levels` 0..2 per room."""

    n: int
    labels: Ints
    sites: Floats
    levels: list[int]
    natural: int = -1
    seams: dict[tuple[int, int], Seam] = field(default_factory=dict)

    def partner(self, room: int) -> int:
        """The room that half a turn of the map puts in this room's place."""
        if room >= 2 * self.n:
            return room
        return room + self.n if room < self.n else room - self.n

    def twin(self, key: tuple[int, int]) -> tuple[int, int]:
        """Key of a seam's point-symmetric seam (may be the same)."""
        a, b = sorted((self.partner(key[0]), self.partner(key[1])))
        return a, b


Scalar = TypeVar("Scalar", bound=np.generic)


def half_turn(grid: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    """The grid after half a turn about its centre."""
    return grid[::-1, ::-1]


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], sigma: float) -> Floats:
    """Noise of standard deviation 1 with features of about `sigma` cells."""
    noise = ndimage.gaussian_filter(rng.standard_normal(shape), sigma, mode="reflect")
    return np.asarray(noise / noise.std(), dtype=np.float64)


def place_sites(rng: np.random.Generator, playable: tuple[int, int, int, int], n: int, middle: bool) -> Floats:
    """`2 n` (+1) sites `(x, y)`: site 0 is a main in the lower left corner, the others spread evenly."""
    x0, y0, x1, y1 = playable
    centre = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    main = np.array([x0 + rng.uniform(17, 21), y0 + rng.uniform(17, 21)])
    ys, xs = np.mgrid[y0:y1:2, x0:x1:2]
    samples = np.stack([xs.ravel(), ys.ravel()], axis=1) + 0.5
    half = np.empty((n, 2))
    half[0] = main
    for i in range(1, n):
        # the farthest of some random points from all sites so far, as a dart thrower with judgement
        tries = rng.uniform((x0 + 12, y0 + 12), (x1 - 12, y1 - 12), size=(40, 2))
        known = np.concatenate([half[:i], 2 * centre - half[:i]] + ([centre[None]] if middle else []))
        gaps = np.linalg.norm(tries[:, None] - known[None], axis=2).min(axis=1)
        gaps = np.minimum(gaps, 2 * np.linalg.norm(tries - centre, axis=1))
        half[i] = tries[int(gaps.argmax())]
    for _ in range(8):
        sites = _with_partners(half, centre, middle)
        owner = np.linalg.norm(samples[:, None] - sites[None], axis=2).argmin(axis=1)
        for i in range(1, n):
            mine = samples[owner == i]
            if len(mine):
                half[i] += 0.8 * (mine.mean(axis=0) - half[i])
    half[1:] += rng.uniform(-2, 2, size=(n - 1, 2))
    return _with_partners(half, centre, middle)


def _with_partners(half: Floats, centre: Floats, middle: bool) -> Floats:
    parts = [half, 2 * centre - half]
    if middle:
        parts.append(centre[None])
    return np.concatenate(parts)


def label_rooms(
    rng: np.random.Generator,
    shape: tuple[int, int],
    playable: tuple[int, int, int, int],
    sites: Floats,
    n: int,
) -> Ints:
    """Room of every cell: the nearest site after a warp that bends the borders; point-symmetric, -1 outside."""
    height, width = shape
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float64) + 0.5
    for axis, amplitude in ((xs, 3.2), (ys, 3.2)):
        noise = smooth_noise(rng, shape, 7.0)
        axis += amplitude * (noise - half_turn(noise)) / np.sqrt(2.0)
    distance = np.hypot(xs[None] - sites[:, 0, None, None], ys[None] - sites[:, 1, None, None])
    weight = rng.uniform(-1.5, 1.5, size=n)
    weight[0] = 1.0
    weights = np.concatenate([weight, weight, np.zeros(len(sites) - 2 * n)])
    labels = (distance - weights[:, None, None]).argmin(axis=0).astype(np.int32)
    partner = np.array([*range(n, 2 * n), *range(n), *range(2 * n, len(sites))], dtype=np.int32)
    turned = partner[half_turn(labels)]
    # ties and rounding must not break the symmetry: the lower half decides
    lower = np.arange(height * width).reshape(shape) < height * width // 2
    labels = np.where(lower, labels, turned)
    x0, y0, x1, y1 = playable
    outside = np.ones(shape, dtype=np.bool_)
    outside[y0:y1, x0:x1] = False
    labels[outside] = -1
    return labels


def find_seams(labels: Ints, shortest: int = 5) -> dict[tuple[int, int], Seam]:
    """Borders of at least `shortest` cell edges between rooms, keyed by the sorted pair."""
    pairs: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for first, second, ox, oy in (
        (labels[:, :-1], labels[:, 1:], 1.0, 0.5),
        (labels[:-1], labels[1:], 0.5, 1.0),
    ):
        ys, xs = np.nonzero((first != second) & (first >= 0) & (second >= 0))
        for y, x in zip(ys.tolist(), xs.tolist(), strict=True):
            a, b = sorted((int(first[y, x]), int(second[y, x])))
            pairs.setdefault((a, b), []).append((x + ox, y + oy))
    return {
        key: Seam(*key, points=np.array(points)) for key, points in sorted(pairs.items()) if len(points) >= shortest
    }


def middle_of(points: Floats) -> Floats:
    """The point of a seam nearest to its mean."""
    return np.asarray(points[np.linalg.norm(points - points.mean(axis=0), axis=1).argmin()])
