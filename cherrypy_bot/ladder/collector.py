"""Python's garbage collector, kept from pausing a match."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def short_pauses() -> Iterator[None]:
    """Leave what exists now out of garbage collection until the block ends.

    Modules, game data and compiled code are hundreds of thousands of objects that never die. Looking through them
    all takes 80 to 200 ms, and would happen in the middle of somebody's step.
    """
    gc.collect()  # what is garbage already must not be kept
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
