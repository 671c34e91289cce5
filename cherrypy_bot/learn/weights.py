"""Weights of the selector: a safetensors file and a JSON card beside it, read without trusting either.

    save(path, card, tensors)            # writes NAME.safetensors and NAME.json
    card, tensors = load(path)           # WeightsError names the file and what is wrong

The file is plain safetensors (8 bytes of header length, a JSON header, the numbers) and any reader of that format opens
it; ours takes only float32, checks every offset before it looks, and needs numpy alone, for the ladder has no package
for it. The card says what the numbers are for (races, builds, versions) and carries their SHA-256: the two files belong
together or the weights are refused. Nothing in either is ever run.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cherrypy_bot.learn.descriptors import DESCRIPTOR_COUNT, DESCRIPTORS_VERSION
from cherrypy_bot.learn.features import FEATURE_COUNT, FEATURES_VERSION
from cherrypy_bot.learn.view import FloatArray

FORMAT_VERSION: Final = 1
MOST_BYTES: Final = 5_000_000
"""Largest weights file; what is shipped per race stays below it."""
MOST_HEADER_BYTES: Final = 100_000
MOST_CARD_BYTES: Final = 1_000_000
MOST_BUILDS: Final = 256
MOST_MEMBERS: Final = 32
MOST_HIDDEN: Final = 1024
SUFFIX: Final = ".safetensors"
LARGEST: Final = 1e6
"""No weight is larger; products of larger ones could overflow."""
KINDS: Final = ("gru", "mlp", "linear")

Tensors = Mapping[str, FloatArray]


class WeightsError(Exception):
    """Weights that cannot be used; one sentence with the file's name."""


Finite = Annotated[float, Field(allow_inf_nan=False)]


class Card(BaseModel):
    """What is known of a file of weights.

    Attributes:
        format_version, features_version, descriptors_version: of this file, of the inputs and of the descriptors.
        kind: "gru", "mlp" or "linear". race: whose build orders.
        features, descriptors, hidden, query, truth: sizes: inputs, a build's descriptor, recurrent state, what a build
            is asked with, unit types that the auxiliary head predicts (0 without it).
        builds: names that have an embedding, in its order.
        members: of the ensemble.
        temperature: logits are divided by it.
        spread_limit, distance_limit: above them the selector abstains.
        sha256: of the weights file.
        data: how many games, of which opponents and maps, ... metrics: measured on validation games.
        training: options that it was trained with. commit: of the source.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format_version: int
    features_version: int
    descriptors_version: int
    kind: str
    race: str
    features: int = Field(ge=1, le=100_000)
    descriptors: int = Field(ge=1, le=100_000)
    hidden: int = Field(ge=1, le=MOST_HIDDEN)
    query: int = Field(ge=1, le=MOST_HIDDEN)
    truth: int = Field(ge=0, le=10_000)
    builds: list[str] = Field(max_length=MOST_BUILDS)
    members: int = Field(ge=1, le=MOST_MEMBERS)
    temperature: Finite = Field(gt=0.0, le=100.0)
    spread_limit: Finite = Field(ge=0.0)
    distance_limit: Finite = Field(ge=0.0)
    sha256: str = ""
    data: dict[str, Any] = Field(default_factory=dict)
    metrics: dict[str, Any] = Field(default_factory=dict)
    training: dict[str, Any] = Field(default_factory=dict)
    commit: str = ""


def shapes(card: Card) -> dict[str, tuple[int, ...]]:
    """Every tensor that a file of this card has, with its shape. E is the number of members.

    `input_*` standardise the inputs, `descriptor_*` the descriptors; the gates of the GRU stand in the order reset,
    update, new; `embedding` has one row per build and a last one for "none". docs/selector.md has the formulas.
    """
    e, h, q = card.members, card.hidden, card.query
    f, d, b = card.features, card.descriptors, len(card.builds) + 1
    found: dict[str, tuple[int, ...]] = {
        "input_mean": (f,),
        "input_scale": (f,),
        "descriptor_mean": (d,),
        "descriptor_scale": (d,),
        "embedding": (e, b, q),
        "describe": (e, q, d),
        "describe_bias": (e, q),
        "value": (e, h),
        "value_bias": (e,),
        "match": (e, q, h),
        "query": (e, q),
        "squeeze": (e, h, f + q),
        "squeeze_bias": (e, h),
    }
    if card.kind == "gru":
        found |= {
            "gru_in": (e, 3 * h, h),
            "gru_in_bias": (e, 3 * h),
            "gru_state": (e, 3 * h, h),
            "gru_state_bias": (e, 3 * h),
        }
    return found


def card_path(path: Path) -> Path:
    """Where the card of a weights file lies."""
    return path.with_suffix(".json")


def save(path: Path, card: Card, tensors: Tensors) -> Card:
    """Write weights and card, each replaced as a whole; the card as written, with its checksum.

    Raises WeightsError for tensors that the card does not describe, and for a file above MOST_BYTES.
    """
    _check(path, card, tensors)
    header: dict[str, Any] = {}
    offset = 0
    for name in sorted(tensors):
        size = tensors[name].size * 4
        header[name] = {"dtype": "F32", "shape": list(tensors[name].shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    body = b"".join(np.ascontiguousarray(tensors[name], "<f4").tobytes() for name in sorted(tensors))
    content = struct.pack("<Q", len(text)) + text + body
    if len(content) > MOST_BYTES:
        raise WeightsError(f"{path} would have {len(content):,} bytes; {MOST_BYTES:,} are the most: train it smaller")
    card = card.model_copy(update={"sha256": hashlib.sha256(content).hexdigest()})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)
        _replace(card_path(path), (json.dumps(card.model_dump(), indent=1) + "\n").encode())
    except OSError as error:
        raise WeightsError(f"{path} cannot be written: {error}") from error
    return card


def load(path: Path) -> tuple[Card, dict[str, FloatArray]]:
    """Read weights and their card. Raises WeightsError."""
    card = load_card(card_path(path))
    content = _read(path, MOST_BYTES)
    digest = hashlib.sha256(content).hexdigest()
    tensors = parse(path, content)
    if digest != card.sha256:
        raise WeightsError(f"{path} is not the file that {card_path(path).name} describes: its SHA-256 differs")
    _check(path, card, tensors)
    return card, tensors


def load_card(path: Path) -> Card:
    """Read a card. Raises WeightsError, also for versions that this program does not work with."""
    content = _read(path, MOST_CARD_BYTES)
    try:
        card = Card.model_validate(_json(content))
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{path} is no card of weights: {_first_line(error)}") from error
    for name, theirs, ours in (
        ("format", card.format_version, FORMAT_VERSION),
        ("features", card.features_version, FEATURES_VERSION),
        ("descriptors", card.descriptors_version, DESCRIPTORS_VERSION),
    ):
        if theirs != ours:
            raise WeightsError(
                f"{path}: its {name} version is {theirs}, this program has {ours}; train the weights anew"
            )
    if (card.features, card.descriptors) != (FEATURE_COUNT, DESCRIPTOR_COUNT):
        raise WeightsError(
            f"{path}: {card.features} features and {card.descriptors} descriptors do not fit this program"
        )
    if card.kind not in KINDS:
        raise WeightsError(f"{path}: there is no model '{card.kind:.40}'; there are {', '.join(KINDS)}")
    if len(set(card.builds)) != len(card.builds):
        raise WeightsError(f"{path}: a build is listed twice")
    return card


def parse(path: Path, content: bytes) -> dict[str, FloatArray]:
    """The tensors of a safetensors file's bytes; `path` is for messages. Raises WeightsError.

    Taken are float32 tensors that lie one behind the other, fill the file, and hold finite numbers.
    """
    if len(content) < 8:
        raise WeightsError(f"{path} is cut off: {len(content)} bytes")
    (length,) = struct.unpack_from("<Q", content)
    if length > MOST_HEADER_BYTES or 8 + length > len(content):
        raise WeightsError(f"{path} is cut off or no weights: its header is to have {length} bytes")
    try:
        header = _json(content[8 : 8 + length])
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{path}: its header cannot be read: {_first_line(error)}") from error
    if not isinstance(header, dict):
        raise WeightsError(f"{path}: its header is no table of tensors")
    header.pop("__metadata__", None)
    body = memoryview(content)[8 + length :]
    found: dict[str, FloatArray] = {}
    places: list[tuple[int, int]] = []
    for name, entry in header.items():
        shape, begin, end = _entry(path, name, entry)
        if not 0 <= begin <= end <= len(body) or end - begin != 4 * math.prod(shape):
            raise WeightsError(f"{path}: tensor '{name:.40}' lies outside the file or has another size than its shape")
        array = np.frombuffer(body[begin:end], "<f4").reshape(shape).astype(np.float32)
        if not np.isfinite(array).all():
            raise WeightsError(f"{path}: tensor '{name:.40}' holds numbers that are not finite")
        places.append((begin, end))
        found[name] = array
    places.sort()
    edges = [0, *(end for _, end in places)]
    if [begin for begin, _ in places] != edges[:-1] or edges[-1] != len(body):
        raise WeightsError(f"{path}: its tensors overlap or leave gaps")
    return found


def _entry(path: Path, name: str, entry: Any) -> tuple[tuple[int, ...], int, int]:
    """Shape, begin and end of a tensor as the header says, checked for type only."""
    problem = WeightsError(f"{path}: the header's entry '{name:.40}' is no float32 tensor")
    if not isinstance(entry, dict) or entry.get("dtype") != "F32":
        raise problem
    shape, place = entry.get("shape"), entry.get("data_offsets")
    if not isinstance(shape, list) or not isinstance(place, list) or len(place) != 2 or len(shape) > 8:
        raise problem
    if any(type(number) is not int or not 0 <= number <= MOST_BYTES for number in [*shape, *place]) or 0 in shape:
        raise problem
    return tuple(shape), place[0], place[1]


def _check(path: Path, card: Card, tensors: Tensors) -> None:
    expected = shapes(card)
    if set(tensors) != set(expected):
        odd = sorted(set(tensors) ^ set(expected))
        raise WeightsError(f"{path}: tensors do not fit its card: '{odd[0]:.40}' is missing or too much")
    for name, shape in expected.items():
        if tensors[name].shape != shape:
            raise WeightsError(f"{path}: tensor '{name}' has shape {tensors[name].shape}, its card says {shape}")
        if not (np.abs(tensors[name]) <= LARGEST).all():
            raise WeightsError(f"{path}: tensor '{name}' holds numbers that are no weights")
    if any((tensors[name] <= 0).any() for name in ("input_scale", "descriptor_scale")):
        raise WeightsError(f"{path}: a scale is not positive")


def _json(content: bytes) -> Any:
    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is no number")

    return json.loads(content.decode("utf-8"), parse_constant=refuse)


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(content) > most:
        raise WeightsError(f"{path} is larger than {most:,} bytes")
    return content


def _replace(path: Path, content: bytes) -> None:
    half_done = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with half_done.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(half_done, path)
    finally:
        half_done.unlink(missing_ok=True)


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"'{'.'.join(map(str, first['loc']))[:60]}': {first['msg']}"
    return f"{str(error) or type(error).__name__}".splitlines()[0][:200]
