"""The one error that a bad rules table raises."""

from pathlib import Path


class RulesError(Exception):
    """A rules table is wrong: a sentence that names file, line and column and says what to do.

    Attributes:
        path: the file, line: 1-based line in it (0 = the whole file), column: name of the column or key.
    """

    def __init__(self, message: str, path: Path | str = "", line: int = 0, column: str = "") -> None:
        self.path, self.line, self.column = str(path), line, column
        place = str(path)
        if line:
            place += f", line {line}"
        if column:
            place += f", column {column}"
        super().__init__(f"{place}: {message}" if place else message)
