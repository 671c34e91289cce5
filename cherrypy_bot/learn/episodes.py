"""Episodes: what the selector saw and did in one match, and the files that keep them.

    with ShardWriter(folder, "worker0") as shard:
        shard.append(episode)                       # on disk when it returns
    for episode in read_episodes(folder):           # all shards of a folder, every (game, side) once
        ...

A shard is a file that only ever grows. Each episode is one frame: marker, length, checksum, compressed content. A
process that is killed at any byte costs the frame that it was writing; a damaged frame costs itself, since reading goes
on at the next marker whose checksum fits. docs/league.md describes the bytes. Needs numpy alone.
"""

from __future__ import annotations

import fcntl
import json
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cherrypy_bot.learn.vocabulary import NAMES, TYPE_COUNT

__all__ = ["Damage", "Episode", "EpisodeError", "ShardWriter", "decode", "encode", "read_episodes", "read_shard"]

MAGIC: Final = b"CBEPISv1"
MARKER: Final = b"\xc5EP\xa9"
SUFFIX: Final = ".episodes"
LARGEST_FRAME: Final = 1 << 26
"""Bytes of a frame, and of what it unpacks to, at most: a damaged length must not fill the memory."""
LARGEST_TEXT: Final = 1 << 20
_TYPES: Final = zlib.crc32(" ".join(NAMES).encode())
"""Tells apart lists of unit types: the columns of `truth` mean nothing under another one."""
_HEAD = struct.Struct("<4sII")
_ARRAYS: Final = {
    "times": "<i4",
    "inputs": "<f4",
    "build": "<i2",
    "switch": "<i2",
    "random": "|b1",
    "truth": "<u2",
    "values": "<f4",
}


class EpisodeError(Exception):
    """A shard or an episode that cannot be used; the text names the file and what is wrong."""


@dataclass(frozen=True, eq=False)
class Episode:
    """One player's match. T evaluations, F features, U = TYPE_COUNT of `vocabulary`, B = len(builds).

    Attributes:
        game_id: the same for both sides of a match; with `side` it names the episode.
        side: 0 or 1.
        race, enemy_race: lower case.
        opponent: name in the configuration, `computer:...`, or a league name.
        map_name, seed, game_step: of the match.
        policy: what chose the builds, as "explore".
        builds: names that `build`, `switch` and the columns of `values` count.
        result: 1.0 win, 0.0 loss, 0.5 tie.
        ended: "won", "lost", "tie" or "limit" (the loop limit came first).
        loops: length of the match in game loops.
        features_version: of `inputs`.
        times: int32[T], game loops, increasing.
        inputs: float32[T, F].
        build: int16[T], the build in force before the evaluation's decision, -1 for none.
        switch: int16[T], the build that was decided for (at loop 0: the opening; deciding to stay names the build that
            is played already); -1 where nothing was decided.
        random: bool[T], whether that decision was drawn at random.
        truth: uint16[T, U], the enemy's living units by type (finished or not), as the game knows them.
        values: float32[T, B], the policy's estimates; NaN, or B = 0 columns, where it made none.
        notes: further facts, plain JSON.
    """

    game_id: str
    side: int
    race: str
    enemy_race: str
    opponent: str
    map_name: str
    seed: int
    game_step: int
    policy: str
    builds: tuple[str, ...]
    result: float
    ended: str
    loops: int
    features_version: int
    times: npt.NDArray[np.int32]
    inputs: npt.NDArray[np.float32]
    build: npt.NDArray[np.int16]
    switch: npt.NDArray[np.int16]
    random: npt.NDArray[np.bool_]
    truth: npt.NDArray[np.uint16]
    values: npt.NDArray[np.float32]
    notes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        length = len(self.times)
        expected: dict[str, tuple[int, ...]] = {
            "times": (length,),
            "inputs": (length, self.inputs.shape[1] if self.inputs.ndim == 2 else -1),
            "build": (length,),
            "switch": (length,),
            "random": (length,),
            "truth": (length, TYPE_COUNT),
            "values": (length, self.values.shape[1] if self.values.ndim == 2 else -1),
        }
        for name, shape in expected.items():
            array = getattr(self, name)
            if array.shape != shape:
                raise EpisodeError(f"episode {self.key}: '{name}' has shape {array.shape}, not {shape}")
            if array.dtype != np.dtype(_ARRAYS[name]):
                raise EpisodeError(f"episode {self.key}: '{name}' holds {array.dtype}, not {np.dtype(_ARRAYS[name])}")
        if self.values.shape[1] not in (0, len(self.builds)):
            raise EpisodeError(f"episode {self.key}: 'values' has {self.values.shape[1]} columns for its builds")
        if self.result not in (0.0, 0.5, 1.0) or self.side not in (0, 1):
            raise EpisodeError(f"episode {self.key}: result {self.result} or side {self.side} means nothing")
        for name in ("build", "switch"):
            array = getattr(self, name)
            if length and (array.min() < -1 or array.max() >= len(self.builds)):
                raise EpisodeError(f"episode {self.key}: '{name}' counts builds that are not listed")
        if length > 1 and (np.diff(self.times) <= 0).any():
            raise EpisodeError(f"episode {self.key}: its times do not increase")

    @property
    def key(self) -> str:
        """Names the episode among all: game and side."""
        return f"{self.game_id}/{self.side}"


_FACTS: Final = tuple(entry.name for entry in fields(Episode) if entry.name not in _ARRAYS)
_KINDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    **dict.fromkeys(("game_id", "race", "enemy_race", "opponent", "map_name", "policy", "ended"), str),
    **dict.fromkeys(("side", "seed", "game_step", "loops", "features_version"), int),
    "builds": list,
    "result": (int, float),
    "notes": dict,
}


def encode(episode: Episode) -> bytes:
    """The content of a frame, compressed; `decode` is its inverse."""
    facts: dict[str, Any] = {name: getattr(episode, name) for name in _FACTS}
    arrays = {name: np.ascontiguousarray(getattr(episode, name), kind) for name, kind in _ARRAYS.items()}
    facts["builds"], facts["notes"] = list(episode.builds), dict(episode.notes)
    facts["types"] = _TYPES
    facts["shapes"] = {name: list(array.shape) for name, array in arrays.items()}
    text = json.dumps(facts, sort_keys=True, allow_nan=False).encode()
    body = b"".join(_shuffled(array) for array in arrays.values())
    return zlib.compress(struct.pack("<I", len(text)) + text + body, 6)


def decode(content: bytes) -> Episode:
    """The episode of a frame's content. EpisodeError where it is none, whatever the bytes are."""
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(content, LARGEST_FRAME)
    except zlib.error as error:
        raise EpisodeError(f"cannot be unpacked ({error})") from None
    if unpacker.unconsumed_tail or not unpacker.eof or len(plain) < 4:
        raise EpisodeError("is too large or ends early")
    (length,) = struct.unpack_from("<I", plain)
    if length > min(LARGEST_TEXT, len(plain) - 4):
        raise EpisodeError("says that its facts are longer than they are")
    try:
        facts = json.loads(plain[4 : 4 + length])
    except (ValueError, RecursionError) as error:
        raise EpisodeError(f"has facts that are no JSON ({error})") from None
    return _assembled(facts, plain, 4 + length)


def _assembled(facts: Any, plain: bytes, position: int) -> Episode:
    if not isinstance(facts, dict) or not isinstance(facts.get("shapes"), dict):
        raise EpisodeError("has facts that are no object")
    if facts.get("types") != _TYPES:
        raise EpisodeError("counts other unit types than this version of the program; collect it again")
    for name, kind in _KINDS.items():
        value = facts.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise EpisodeError(f"has no usable '{name}' ({value!r:.40})")
    if not all(isinstance(name, str) for name in facts["builds"]):
        raise EpisodeError("has builds that are no names")
    arrays: dict[str, Any] = {}
    for name, kind_text in _ARRAYS.items():
        shape = facts["shapes"].get(name)
        ranks = 2 if name in ("inputs", "truth", "values") else 1
        if not isinstance(shape, list) or len(shape) != ranks:
            raise EpisodeError(f"has no shape for '{name}'")
        if not all(isinstance(n, int) and 0 <= n <= LARGEST_FRAME for n in shape):
            raise EpisodeError(f"has an impossible shape for '{name}'")
        dtype = np.dtype(kind_text)
        size = dtype.itemsize * int(np.prod([int(n) for n in shape], dtype=object))
        if position + size > len(plain):
            raise EpisodeError(f"ends before '{name}' does")
        arrays[name] = _unshuffled(plain[position : position + size], dtype, tuple(shape))
        position += size
    if position != len(plain):
        raise EpisodeError("has bytes left over")
    known = {name: facts[name] for name in _FACTS}
    known["builds"], known["result"] = tuple(facts["builds"]), float(facts["result"])
    return Episode(**known, **arrays)


def _shuffled(array: npt.NDArray[Any]) -> bytes:
    """Columns one after the other, and of each the first bytes of all numbers first: packs to a fraction."""
    columns = np.ascontiguousarray(array.T)
    return columns.view(np.uint8).reshape(-1, array.dtype.itemsize).T.tobytes()


def _unshuffled(content: bytes, dtype: np.dtype[Any], shape: tuple[int, ...]) -> npt.NDArray[Any]:
    planes = np.frombuffer(content, np.uint8).reshape(dtype.itemsize, -1)
    if dtype == np.bool_ and planes.size and int(planes.max()) > 1:
        raise EpisodeError("has truth values that are neither true nor false")
    columns = np.ascontiguousarray(planes.T).reshape(-1).view(dtype).reshape(shape[::-1])
    return np.ascontiguousarray(columns.T)


@dataclass
class Damage:
    """What could not be read, filled while reading.

    Attributes:
        frames: damaged or unusable frames. repeated: episodes left out because they were there already.
        unfinished: shards that end inside a frame, as after a kill.
        lines: one sentence per frame and shard with its file and byte.
    """

    frames: int = 0
    repeated: int = 0
    unfinished: int = 0
    lines: list[str] = field(default_factory=list)


class ShardWriter:
    """Appends episodes to one shard; a shard has one writer at a time.

    Args:
        folder: made where it is missing.
        name: of the shard; the file is NAME.episodes.

    Raises EpisodeError where another process writes it or the file is no shard; OSError as writing files does.
    """

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{name}{SUFFIX}"
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._begin()
        except BlockingIOError:
            os.close(self._file)
            raise EpisodeError(f"{self.path}: another process writes it; use another name") from None
        except EpisodeError:
            os.close(self._file)
            raise

    def _begin(self) -> None:
        """Write the magic, or what a killed process left out of it."""
        there = os.pread(self._file, len(MAGIC), 0)
        if not MAGIC.startswith(there):
            raise EpisodeError(f"{self.path}: is no shard of episodes; move it away")
        if len(there) < len(MAGIC):
            self._write(MAGIC[len(there) :])

    def append(self, episode: Episode) -> None:
        """Write an episode; it is on disk when this returns."""
        content = encode(episode)
        if len(content) > LARGEST_FRAME:
            raise EpisodeError(f"episode {episode.key} is too large to keep ({len(content)} bytes)")
        self._write(_HEAD.pack(MARKER, len(content), _checksum(content)) + content)

    def _write(self, content: bytes) -> None:
        view = memoryview(content)
        while view:
            view = view[os.write(self._file, view) :]
        os.fsync(self._file)

    def close(self) -> None:
        """Let others write the shard."""
        os.close(self._file)

    def __enter__(self) -> ShardWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _checksum(content: bytes) -> int:
    return zlib.crc32(content, zlib.crc32(struct.pack("<I", len(content))))


def read_shard(path: Path, damage: Damage | None = None) -> Iterator[Episode]:
    """The episodes of one shard, in the order in which they were written; what is damaged is left out and counted.

    Raises EpisodeError where the file is no shard at all or cannot be read.
    """
    damage = damage if damage is not None else Damage()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EpisodeError(f"{path}: cannot be read ({error.strerror or error})") from None
    if not content.startswith(MAGIC):
        if MAGIC.startswith(content):  # killed at birth
            return
        raise EpisodeError(f"{path}: is no shard of episodes (it does not begin with {MAGIC.decode()})")
    position = len(MAGIC)
    while position < len(content):
        frame = _frame_at(content, position)
        if frame is None:
            following = _next_frame(content, position + 1)
            _note_gap(path, content, position, following, damage)
            position = following
            continue
        start, position = position, position + _HEAD.size + len(frame)
        try:
            episode = decode(frame)
        except EpisodeError as error:
            damage.frames += 1
            damage.lines.append(f"{path}: the episode at byte {start:,} {error}")
            continue
        yield episode


def _frame_at(content: bytes, position: int) -> bytes | None:
    """Content of the frame that begins here; None where none does or its checksum does not fit."""
    if len(content) - position < _HEAD.size:
        return None
    marker, length, checksum = _HEAD.unpack_from(content, position)
    start = position + _HEAD.size
    if marker != MARKER or length > LARGEST_FRAME or start + length > len(content):
        return None
    frame = content[start : start + length]
    return frame if _checksum(frame) == checksum else None


def _next_frame(content: bytes, position: int) -> int:
    """Where the next whole frame begins; the end where there is none."""
    while (position := content.find(MARKER, position)) >= 0:
        if _frame_at(content, position) is not None:
            return position
        position += 1
    return len(content)


def _note_gap(path: Path, content: bytes, start: int, end: int, damage: Damage) -> None:
    if end == len(content):
        damage.unfinished += 1
        damage.lines.append(f"{path}: nothing whole after byte {start:,} ({end - start:,} bytes)")
    else:
        damage.frames += 1
        damage.lines.append(f"{path}: {end - start:,} damaged bytes at {start:,}")


def read_episodes(where: Path, damage: Damage | None = None) -> Iterator[Episode]:
    """The episodes of a shard or of all shards below a folder, by file name; each (game, side) once.

    Raises EpisodeError where there is no shard, or a file is none.
    """
    damage = damage if damage is not None else Damage()
    shards = [where] if where.is_file() else sorted(where.rglob(f"*{SUFFIX}"))
    if not shards:
        raise EpisodeError(f"{where}: there are no episodes (no file ends with {SUFFIX}); collect some first")
    seen: set[str] = set()
    for shard in shards:
        for episode in read_shard(shard, damage):
            if episode.key in seen:
                damage.repeated += 1
                continue
            seen.add(episode.key)
            yield episode
