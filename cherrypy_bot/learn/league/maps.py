"""Maps by name, as the league writes them: shipped ones, files, and generated:SEED."""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Final

from cherrypy_bot.sim.maps import MapError, generate, load_map, save_map

GENERATED: Final = "generated:"
FOLDER: Final = Path("out") / "maps"


def find_map(name: str, folder: Path = FOLDER) -> str:
    """What `MatchSetup` takes for a map's name; generated maps are made once and kept in `folder`.

    Raises MapError where there is no such map.
    """
    if not name.startswith(GENERATED):
        load_map(name)
        return name
    seed = name.removeprefix(GENERATED)
    if not seed.isdigit():
        raise MapError(f"'{name}' is no map: behind 'generated:' stands a number, as in generated:7")
    return _generated(int(seed), folder)


@lru_cache(maxsize=64)
def _generated(seed: int, folder: Path) -> str:
    path = folder / f"Generated{seed}.npz"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        # Several workers may make the same map; each moves a whole file into place.
        handle, part = tempfile.mkstemp(dir=folder, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            save_map(generate(seed), file)
        os.replace(part, path)
    return str(path)
