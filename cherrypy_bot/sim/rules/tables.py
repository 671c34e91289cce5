"""Reading the tables: CSV with comment lines, one or more directories laid over each other.

A ruleset is a directory below `data/`. Its `game.yaml` may name a `base`; then every table of the base is
read first and a row of the same key in this directory replaces the cells that it fills (`-` empties a cell);
a row with a new key is added. So a patch is a handful of short files.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from cherrypy_bot.sim.rules.errors import RulesError

DATA = Path(__file__).parent / "data"

Cell = tuple[int, int]
_RECTANGLE = re.compile(r"(-?\d+)\.\.(-?\d+)@(-?\d+)\.\.(-?\d+)")


class Row:
    """One line of a table; getters convert a cell and name file, line and column when they cannot.

    An empty cell reads as the getter's default (0, "", empty). A column that the file lacks counts as empty.
    """

    __slots__ = ("cells", "line", "path")

    def __init__(self, cells: dict[str, str], path: Path, line: int) -> None:
        self.cells, self.path, self.line = cells, path, line

    def error(self, message: str, column: str = "") -> RulesError:
        """The error to raise about this row."""
        return RulesError(message, self.path, self.line, column)

    def text(self, column: str) -> str:
        return self.cells.get(column, "")

    def number(self, column: str, default: float = 0.0) -> float:
        value = self.cells.get(column, "")
        if not value:
            return default
        try:
            return float(value)
        except ValueError:
            raise self.error(f"'{value}' is not a number", column) from None

    def integer(self, column: str, default: int = 0) -> int:
        value = self.cells.get(column, "")
        if not value:
            return default
        try:
            return int(value)
        except ValueError:
            raise self.error(f"'{value}' is not a whole number", column) from None

    def flag(self, column: str) -> bool:
        value = self.cells.get(column, "")
        if value not in ("", "0", "1"):
            raise self.error(f"'{value}' must be 1, 0 or empty", column)
        return value == "1"

    def words(self, column: str) -> list[str]:
        return self.cells.get(column, "").split()

    def pairs(self, column: str) -> list[tuple[str, float]]:
        """Cells like 'Light:6 Armored:10'."""
        out = []
        for word in self.words(column):
            name, _, value = word.partition(":")
            try:
                out.append((name, float(value)))
            except ValueError:
                raise self.error(f"'{word}' must look like name:number", column) from None
        return out

    def rectangles(self, column: str) -> tuple[Cell, ...]:
        """Cells like '-1..1@0..2 3..3@0..0' as sorted (dx, dy), both ends included."""
        out: list[Cell] = []
        for word in self.words(column):
            match = _RECTANGLE.fullmatch(word)
            if match is None:
                raise self.error(f"'{word}' must look like x0..x1@y0..y1", column)
            x0, x1, y0, y1 = (int(g) for g in match.groups())
            out += [(x, y) for y in range(y0, y1 + 1) for x in range(x0, x1 + 1)]
        return tuple(sorted(out, key=lambda c: (c[1], c[0])))


def read_rows(path: Path) -> Iterator[Row]:
    """Rows of one CSV file; lines that start with # and empty lines are comments.

    Raises:
        RulesError: unreadable file, no header, or a row with more or fewer cells than the header.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as problem:
        raise RulesError(f"cannot be read ({problem})", path) from problem
    numbers = [i for i, line in enumerate(lines, 1) if line and not line.startswith("#")]
    reader = csv.reader(lines[i - 1] for i in numbers)
    header: list[str] | None = None
    for number, cells in zip(numbers, reader, strict=False):
        if header is None:
            header = cells
            continue
        if len(cells) != len(header):
            raise RulesError(f"has {len(cells)} cells where the header has {len(header)}", path, number)
        yield Row(dict(zip(header, cells, strict=True)), path, number)
    if header is None:
        raise RulesError("has no header line with column names", path)


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML mapping; RulesError with the line when it is not one."""
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise RulesError(f"cannot be read ({problem})", path) from problem
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        raise RulesError(f"is not valid YAML ({problem})", path, mark.line + 1 if mark else 0) from problem
    if not isinstance(value, dict):
        raise RulesError("must be a mapping of keys to values", path)
    return value


class Layers:
    """The directories of one ruleset, base first, and the tables and globals read through all of them.

    Raises:
        RulesError: unknown ruleset name, or a base that leads back to itself.
    """

    def __init__(self, name: str, data: Path = DATA) -> None:
        self.name = name
        self.folders: list[Path] = []
        self.game: dict[str, Any] = {}
        found: list[dict[str, Any]] = []
        next_name: str | None = name
        while next_name:
            folder = data / next_name
            if not (folder / "game.yaml").is_file():
                known = ", ".join(sorted(p.parent.name for p in data.glob("*/game.yaml")))
                raise RulesError(f"unknown ruleset '{next_name}'; known rulesets: {known}", folder)
            if folder in self.folders:
                raise RulesError(f"the base of ruleset '{next_name}' leads back to itself", folder / "game.yaml")
            self.folders.insert(0, folder)
            found.insert(0, read_yaml(folder / "game.yaml"))
            next_name = found[0].pop("base", None)
        for values in found:
            self.game.update(values)

    def table(self, file: str, *key: str) -> list[Row]:
        """Rows of one table through all layers; `key` are the columns that identify a row."""
        merged: dict[tuple[str, ...], Row] = {}
        for depth, folder in enumerate(self.folders):
            path = folder / file
            if depth and not path.is_file():
                continue
            for row in read_rows(path):
                identity = tuple([row.cells.get(k, "") for k in key])
                old = merged.get(identity)
                if old is None:
                    merged[identity] = row
                elif depth == 0 or old.path == path:
                    raise row.error(f"repeats the row of line {old.line} with the same {' and '.join(key)}", key[0])
                else:
                    cells = {k: "" if v == "-" else v for k, v in row.cells.items() if v}
                    merged[identity] = Row(old.cells | cells, path, row.line)
        return list(merged.values())
