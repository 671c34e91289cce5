"""Which units are of certain types: one table look-up per question, however many types are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

_SIZE = 4096
"""Above all ids of types, abilities and upgrades that the game uses; greater ones are never members."""


def is_any_of(ids: npt.NDArray[np.int64], kinds: Iterable[Any]) -> npt.NDArray[np.bool_]:
    """Mask over `ids` (type ids, ability ids; any shape) of those that are among `kinds`.

    Args:
        ids: 0 and up.
        kinds: enum members (as UnitTypeId) or their values.

    About ten times as fast as `np.isin` for the sizes that a step has.
    """
    members = _members(tuple(kinds))
    mask: npt.NDArray[np.bool_] = members[np.minimum(ids, _SIZE - 1)]
    return mask


@lru_cache(maxsize=1024)
def _members(kinds: tuple[Any, ...]) -> npt.NDArray[np.bool_]:
    members = np.zeros(_SIZE, np.bool_)
    for kind in kinds:
        value = getattr(kind, "value", kind)
        if 0 <= value < _SIZE - 1:
            members[value] = True
    members.setflags(write=False)
    return members
