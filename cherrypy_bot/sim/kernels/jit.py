"""The compiler's settings for the kernels.

Numba keys its disk cache by the file that holds a function, not by the files of the functions it calls, so a
change in one kernel file would leave stale code in another's cache. The cache therefore lives in a folder
named after the contents of all kernel sources: any change compiles anew, and old folders can be deleted.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import caching, config, types
from numba.core.types.misc import unliteral

F = TypeVar("F", bound=Callable[..., Any])

_HERE = Path(__file__).resolve().parent
_SOURCES = [
    *sorted(_HERE.glob("*.py")),
    _HERE.parent / "state.py",
    *sorted((_HERE.parent / "rules").glob("*.py")),
]


def _source_key() -> str:
    digest = hashlib.blake2b(digest_size=8)
    digest.update(numba.__version__.encode())
    for source in _SOURCES:
        digest.update(source.read_bytes())
    return digest.hexdigest()


def cache_dir() -> Path:
    """Folder that holds the compiled kernels of exactly these sources."""
    base = os.environ.get("XDG_CACHE_HOME")
    root = Path(base) if base else Path.home() / ".cache"
    return root / "cherrypy_bot" / "kernels" / _source_key()


CACHE_DIR = cache_dir()
_KEEP = 5
"""Caches of so many versions of the sources stay; each is about 2 MB."""


def prune() -> None:
    """Delete the caches of old sources, newest ones excepted; one that another process holds is left alone."""
    if CACHE_DIR.is_dir() or not CACHE_DIR.parent.is_dir():
        return
    old = sorted((f for f in CACHE_DIR.parent.iterdir() if f.is_dir()), key=lambda f: f.stat().st_mtime, reverse=True)
    for folder in old[_KEEP - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)


prune()


def is_compiled() -> bool:
    """Whether the kernels of these sources, at this place, have been compiled on this machine before."""
    folder = CACHE_DIR / caching._CacheLocator.get_suitable_cache_subpath(str(_HERE / "loop.py"))
    return any(folder.glob("loop.run_loops-*.nbi"))


def njit(function: F) -> F:
    """`numba.njit` with the disk cache in `CACHE_DIR`; no fastmath, results must not depend on the machine.

    Without numba's reference counts (`_nrt=False`): kernels borrow every array from their caller and allocate none,
    which the compiler then enforces. Counting the arrays of the argument tuples took four fifths of a loop.
    """
    before = config.CACHE_DIR
    config.CACHE_DIR = str(CACHE_DIR)
    try:
        kernel = numba.njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function)
    finally:
        config.CACHE_DIR = before
    resolve = kernel.get_call_template
    kernel.get_call_template = lambda args, kws: resolve([_plain(kind) for kind in args], kws)
    return cast(F, kernel)


def _plain(kind: Any) -> Any:
    """The argument type that a kernel is compiled for: one version for all integers, literal ones included.

    Numba compiles a function anew for every constant that it is called with: a third of all compilations.
    """
    kind = unliteral(kind)
    return types.int64 if isinstance(kind, types.Integer) else kind
