"""Places of units and abilities in the game's catalogues, by which a replay's game events name them."""

from __future__ import annotations

import csv
import functools
from pathlib import Path
from typing import Final

from cherrypy_bot.formats.build_93333 import BUILD

_TABLE: Final = Path(__file__).parent / "data" / f"catalog_{BUILD}.csv"


@functools.cache
def catalog() -> dict[tuple[str, str], int]:
    """Place by (kind, name): kind is `unit` or `ability`, an ability's name the API's `link_name`."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {(row["kind"], row["name"]): int(row["link"]) for row in rows}


def unit_link(name: str) -> int:
    """Place of a unit type; 0 for one that the build does not have."""
    return catalog().get(("unit", name), 0)


def ability_link(link_name: str) -> int | None:
    """Place of an ability; None for one whose place is not known."""
    return catalog().get(("ability", link_name))
