"""Files of weights are read without trusting them: whatever is wrong is one sentence that names the file."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from cherrypy_bot.learn.descriptors import DESCRIPTOR_COUNT
from cherrypy_bot.learn.features import FEATURE_COUNT
from cherrypy_bot.learn.weights import (
    MOST_BYTES,
    MOST_HEADER_BYTES,
    Card,
    WeightsError,
    card_path,
    load,
    parse,
    save,
    shapes,
)

CARD = Card(
    format_version=1,
    features_version=1,
    descriptors_version=1,
    kind="gru",
    race="zerg",
    features=FEATURE_COUNT,
    descriptors=DESCRIPTOR_COUNT,
    hidden=3,
    query=2,
    truth=0,
    builds=["mutalisk", "roach_timing"],
    members=2,
    temperature=1.5,
    spread_limit=0.2,
    distance_limit=9.0,
)
NAME = Path("bad.safetensors")


def tensors() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {name: (0.5 + rng.random(shape)).astype(np.float32) for name, shape in shapes(CARD).items()}


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "zerg.safetensors"
    save(path, CARD, tensors())
    return path


def sign(path: Path) -> None:
    """Make the card's checksum fit whatever the file holds."""
    plain = json.loads(card_path(path).read_text())
    plain["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    card_path(path).write_text(json.dumps(plain))


def packed(header: Any, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def test_what_was_written_is_read(good: Path) -> None:
    card, found = load(good)
    assert card.builds == CARD.builds
    assert card.sha256 == hashlib.sha256(good.read_bytes()).hexdigest()
    assert all(np.array_equal(found[name], array) for name, array in tensors().items())


def test_other_readers_of_the_format_read_it_too_and_we_read_theirs(good: Path) -> None:
    theirs = safetensors.numpy.load(good.read_bytes())
    assert all(np.array_equal(theirs[name], array) for name, array in tensors().items())
    ours = parse(NAME, safetensors.numpy.save(tensors(), metadata={"by": "another"}))
    assert all(np.array_equal(ours[name], array) for name, array in tensors().items())


ONE = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
EIGHT = np.ones(2, "<f4").tobytes()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cut off"),
        (b"\x01\x02", "cut off"),
        (struct.pack("<Q", 2**63), "its header is to have"),
        (struct.pack("<Q", MOST_HEADER_BYTES + 1) + b" " * (MOST_HEADER_BYTES + 1), "its header is to have"),
        (packed(b"{"), "header cannot be read"),
        (packed(b"\xff\xfe"), "header cannot be read"),
        (packed(b"[" * 50_000), "header cannot be read"),
        (packed(b'{"a": NaN}'), "header cannot be read"),
        (packed([1, 2]), "no table"),
        (packed({"a": 1}), "no float32 tensor"),
        (packed({"a": {**ONE, "dtype": "F64"}}, EIGHT), "no float32 tensor"),
        (packed({"a": {**ONE, "dtype": "pickle"}}, EIGHT), "no float32 tensor"),
        (packed({"a": {**ONE, "shape": [2.0]}}, EIGHT), "no float32 tensor"),
        (packed({"a": {**ONE, "shape": [True, 2]}}, EIGHT), "no float32 tensor"),
        (packed({"a": {**ONE, "shape": [-2]}}, EIGHT), "no float32 tensor"),
        (packed({"a": {**ONE, "shape": [0]}}, EIGHT), "no float32 tensor"),
        (packed({"a": {**ONE, "shape": [2**40]}}, EIGHT), "no float32 tensor"),
        (packed({"a": {**ONE, "shape": [1] * 9}}, EIGHT), "no float32 tensor"),
        (packed({"a": {**ONE, "shape": [4_000_000] * 8}}, EIGHT), "outside the file"),
        (packed({"a": {**ONE, "data_offsets": [8, 0]}}, EIGHT), "outside the file"),
        (packed({"a": {**ONE, "data_offsets": [8, 16]}}, EIGHT), "outside the file"),
        (packed({"a": ONE, "b": ONE}, EIGHT), "overlap"),
        (packed({"a": ONE}, EIGHT + b"more"), "gaps"),
        (packed({"a": {**ONE, "data_offsets": [4, 12]}}, b"gap!" + EIGHT), "gaps"),
        (packed({"a": ONE}, np.array([1, np.nan], "<f4").tobytes()), "not finite"),
        (packed({"a": ONE}, np.array([1, np.inf], "<f4").tobytes()), "not finite"),
    ],
    ids=range(26),
)
def test_what_is_wrong_with_a_file_is_said(content: bytes, said: str) -> None:
    with pytest.raises(WeightsError, match=said) as caught:
        parse(NAME, content)
    assert "bad.safetensors" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format_version": 2}, "format version is 2"),
        ({"features_version": 99}, "features version is 99"),
        ({"descriptors_version": 0}, "descriptors version is 0"),
        ({"features": 7}, "do not fit"),
        ({"kind": "exec"}, "no model 'exec'"),
        ({"builds": ["mutalisk", "mutalisk"]}, "listed twice"),
        ({"builds": ["mutalisk"]}, "has shape"),
        ({"hidden": 4}, "has shape"),
        ({"hidden": 10**9}, "hidden"),
        ({"members": 0}, "members"),
        ({"temperature": 0}, "temperature"),
        ({"temperature": "1"}, "temperature"),
        ({"surprise": 1}, "surprise"),
        ({"kind": "mlp"}, "missing or too much"),
        ({"sha256": "0" * 64}, "SHA-256 differs"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(good: Path, change: dict[str, Any], said: str) -> None:
    plain = json.loads(card_path(good).read_text())
    card_path(good).write_text(json.dumps({**plain, **change}))
    with pytest.raises(WeightsError, match=said) as caught:
        load(good)
    assert "zerg." in str(caught.value)


def test_a_card_or_file_that_is_missing_or_huge_is_refused(good: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        load(tmp_path / "nothing.safetensors")
    with pytest.raises(WeightsError, match="cannot be read"):
        load(tmp_path)
    with good.open("ab") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(WeightsError, match="larger than"):
        load(good)
    card_path(good).write_text('{"temperature": Infinity}')
    with pytest.raises(WeightsError, match="no card"):
        load(good)


def test_numbers_that_no_training_gives_are_refused(good: Path, tmp_path: Path) -> None:
    for name, value in (("value", 1e30), ("input_scale", 0.0), ("descriptor_scale", -1.0)):
        bad = {**tensors(), name: np.full_like(tensors()[name], value)}
        with pytest.raises(WeightsError, match=r"no weights|not positive"):
            save(tmp_path / "w.safetensors", CARD, bad)
        good.write_bytes(safetensors.numpy.save(bad))
        sign(good)
        with pytest.raises(WeightsError, match=r"no weights|not positive"):
            load(good)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_damage_does_no_more_than_raise_the_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Bytes changed, cut off or added: with the old checksum it never loads, with a new one it loads or says why."""
    path = tmp_path_factory.mktemp("mutated") / "zerg.safetensors"
    save(path, CARD, tensors())
    before = path.read_bytes()
    content = bytearray(before)
    (length,) = struct.unpack_from("<Q", content)
    for _ in range(data.draw(st.integers(1, 4))):
        # The header is where a reader can be fooled.
        last = data.draw(st.sampled_from([8 + length - 1, len(content) - 1]))
        place = data.draw(st.integers(0, max(0, min(last, len(content) - 1))))
        action = data.draw(st.sampled_from(["change", "cut", "insert", "remove"]))
        if action == "change" and content:
            content[place] = data.draw(st.integers(0, 255))
        elif action == "cut":
            del content[place:]
        elif action == "insert":
            content[place:place] = data.draw(st.binary(min_size=1, max_size=9))
        elif content:
            del content[place]
    path.write_bytes(bytes(content))
    if content != before:
        with pytest.raises(WeightsError, match=r"zerg\."):
            load(path)
    sign(path)
    problem = ""
    try:
        card, found = load(path)
    except WeightsError as error:
        problem = str(error)
    if problem:
        assert "zerg." in problem
        assert "\n" not in problem
    else:
        assert {name: array.shape for name, array in found.items()} == shapes(card)
