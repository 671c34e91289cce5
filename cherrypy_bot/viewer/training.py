"""Training runs below a folder: the last value of every curve in TensorBoard's event files.

TensorBoard draws the curves; this list says which runs there are and where they stand. The few bytes that are needed
of a file are read here (records with their length, messages as in tensorflow/core/util/event.proto), so the page needs
neither TensorBoard nor protobuf definitions of it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

EVENTS: Final = "events.out.tfevents*"
_MOST_RUNS: Final = 100
_MOST_TAGS: Final = 60
_LONGEST_TAG: Final = 120
_MOST_BYTES: Final = 64 << 20
_LARGEST_RECORD: Final = 8 << 20
_VARINT_BYTES: Final = 10
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_STEP, _SUMMARY, _VALUE, _TAG, _SIMPLE_VALUE = 2, 5, 1, 1, 2


@dataclass(slots=True)
class Run:
    """What is known of a run: the last step and value of each scalar, by tag."""

    scalars: dict[str, tuple[int, float]] = field(default_factory=dict)

    def take(self, step: int, tag: str, value: float) -> None:
        """Note a value; later steps replace earlier ones."""
        known = self.scalars.get(tag)
        if (known is None and len(self.scalars) < _MOST_TAGS) or (known is not None and step >= known[0]):
            self.scalars[tag] = (step, value)


def read_runs(root: Path) -> list[dict[str, Any]]:
    """The runs below a folder, the one written last first, as plain data.

    A run is a folder with event files; links that lead out of `root` are not followed. `scalars` are rows of tag, step
    and value. What cannot be read of a file is left out: a run that is going on may be cut off anywhere.
    """
    resolved = root.resolve()
    folders: dict[Path, list[Path]] = {}
    for path in root.rglob(EVENTS):
        if path.is_file() and path.resolve().is_relative_to(resolved):
            folders.setdefault(path.parent, []).append(path)
    newest = {folder: max(file.stat().st_mtime for file in files) for folder, files in folders.items()}
    found = []
    for folder in sorted(folders, key=lambda one: -newest[one])[:_MOST_RUNS]:
        run = Run()
        for file in sorted(folders[folder]):
            with file.open("rb") as opened:
                read_scalars(opened, run)
        scalars = [[tag, step, value] for tag, (step, value) in sorted(run.scalars.items())]
        name = folder.relative_to(root).as_posix()
        found.append({"name": name, "folder": str(folder), "written": newest[folder], "scalars": scalars})
    return found


def read_scalars(file: BinaryIO, run: Run) -> None:
    """Take the scalars of an event file into a run, up to its end or the first thing that is none."""
    read = 0
    while read < _MOST_BYTES:
        head = file.read(12)
        if len(head) < 12:
            return
        length = struct.unpack("<Q", head[:8])[0]
        if length > _LARGEST_RECORD:
            return
        body = file.read(length + 4)
        if len(body) < length + 4:
            return
        read += length + 16
        try:
            _take_event(memoryview(body)[:length], run)
        except (ValueError, struct.error):
            return


def _take_event(event: memoryview, run: Run) -> None:
    step, summary = 0, None
    for number, value in _fields(event):
        if number == _STEP and isinstance(value, int):
            step = value
        elif number == _SUMMARY and isinstance(value, memoryview):
            summary = value
    for number, entry in _fields(summary) if summary is not None else ():
        if number != _VALUE or not isinstance(entry, memoryview):
            continue
        tag, scalar = "", None
        for inner, value in _fields(entry):
            if inner == _TAG and isinstance(value, memoryview):
                tag = bytes(value).decode("utf-8", "replace")[:_LONGEST_TAG]
            elif inner == _SIMPLE_VALUE and isinstance(value, float):
                scalar = value
        # NaN and the infinities are no JSON.
        if tag and scalar is not None and abs(scalar) < float("inf"):
            run.take(step, tag, scalar)


def _fields(message: memoryview) -> Iterator[tuple[int, int | float | memoryview]]:
    """Number and value of a message's fields; fixed32 as float. ValueError where it is no message."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield number, value
        elif kind in (_FIXED64, _FIXED32):
            size = 8 if kind == _FIXED64 else 4
            yield number, struct.unpack_from("<d" if kind == _FIXED64 else "<f", message, at)[0]
            at += size
        elif kind == _BYTES:
            length, at = _varint(message, at)
            if at + length > len(message):
                raise ValueError("a field is longer than its message")
            yield number, message[at : at + length]
            at += length
        else:
            raise ValueError(f"a field of kind {kind}")


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for index in range(_VARINT_BYTES):
        if at + index >= len(message):
            raise ValueError("a number is cut off")
        byte = message[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    raise ValueError("a number is too long")
