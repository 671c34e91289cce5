"""Win rates as a table of rows against columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

MOST_ROWS: Final = 60
MOST_COLUMNS: Final = 40

Outcome = tuple[str, str, bool]
"""Row, column, whether the row won; a tie is a game that neither won."""


def win_matrix(
    title: str, what: str, outcomes: Iterable[Outcome], rows: Sequence[str] = (), columns: Sequence[str] = ()
) -> dict[str, Any]:
    """Counted outcomes as plain data for the page.

    Args:
        what: what stands in the corner, as in "wins of the row over".
        rows, columns: in this order; left out, those that occur, in the order of their names.
    """
    counted: dict[tuple[str, str], list[int]] = {}
    for row, column, won in outcomes:
        cell = counted.setdefault((row, column), [0, 0])
        cell[0] += int(won)
        cell[1] += 1
    down = list(rows or sorted({row for row, _ in counted}))[:MOST_ROWS]
    across = list(columns or sorted({column for _, column in counted}))[:MOST_COLUMNS]
    cells = [[_cell(counted.get((row, column))) for column in across] for row in down]
    return {"title": title, "what": what, "rows": down, "columns": across, "cells": cells}


def _cell(counts: list[int] | None) -> dict[str, int] | None:
    return {"wins": counts[0], "games": counts[1]} if counts is not None else None
