"""Groups of units that stand together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def cluster(x: FloatArray, y: FloatArray, link_cells: float) -> list[IntArray]:
    """Indices of the groups in which everybody is within `link_cells` of somebody; the largest first."""
    if not len(x):
        return []
    dx, dy = x[:, None] - x[None, :], y[:, None] - y[None, :]
    near = csr_matrix(dx * dx + dy * dy <= link_cells * link_cells)
    count, labels = connected_components(near, directed=False)
    groups = [np.flatnonzero(labels == label) for label in range(count)]
    return sorted(groups, key=lambda group: (-len(group), int(group[0])))


def middle(x: FloatArray, y: FloatArray) -> tuple[float, float]:
    """A place where most of them are: the median of both coordinates. At least one unit is needed."""
    return float(np.median(x)), float(np.median(y))
