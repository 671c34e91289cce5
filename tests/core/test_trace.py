"""Decision traces: readable after truncation at any byte, appendable, cheap when off."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sc2.ids.unit_typeid import UnitTypeId
from sc2.position import Point2

from cherrypy_bot.core import trace_format as tf
from cherrypy_bot.core.errors import TraceError
from cherrypy_bot.core.trace import TraceWriter, read_trace, upc_record
from cherrypy_bot.core.upc import Command, PositionArea, Upc

STEPS = 40


def write(path: Path, steps: int = STEPS, first: int = 0, *, append: bool = False, close: bool = True) -> None:
    """A trace whose every step has one post and one note; flushed every tenth step."""
    writer = TraceWriter(path, {"bot": "cherry"}, append=append)
    for step in range(first, first + steps):
        writer.begin_step(4 * step)
        writer.post(Upc.scout(position=Point2((1.0, 2.0)), note=f"step {step}").with_(id=step + 1, source="test"))
        writer.note("test", value=step, text="é" * (step % 7))
        writer.end_step()
        if step % 10 == 9:
            writer.flush()
    if close:
        writer.close(result="Victory")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("trace") / "whole.cbtrace"
    write(path)
    return path.read_bytes()


def packed(*records: dict[str, Any]) -> bytes:
    """A trace of these JSON records in one frame."""
    bodies = [json.dumps(record).encode() for record in records]
    return tf.MAGIC + tf.frame(b"".join(struct.pack("<BI", tf.JSON, len(body)) + body for body in bodies))


def loops(records: list[dict[str, Any]]) -> list[int]:
    return [record["loop"] for record in records]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "t.cbtrace"
    write(path)
    trace = read_trace(path)
    assert trace.complete
    assert trace.problem == ""
    assert trace.header == {"format": "cherrypy_bot.trace", "version": 2, "bot": "cherry"}
    assert trace.end == {"loop": 156, "result": "Victory"}
    assert loops(trace.records) == [4 * step for step in range(STEPS)]
    assert trace.records[3]["posts"] == [{"id": 4, "by": "test", "cmd": "scout", "pos": [1.0, 2.0], "note": "step 3"}]
    assert trace.records[3]["notes"] == [["test", {"value": 3, "text": "ééé"}]]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_cut_at_any_byte_the_whole_records_before_it_are_read(
    tmp_path: Path, whole: bytes, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(whole) - 1))
    path = tmp_path / "cut.cbtrace"
    path.write_bytes(whole[:cut])
    trace = read_trace(path)
    assert not trace.complete
    assert trace.problem
    assert str(path) in trace.problem
    assert loops(trace.records) == [4 * step for step in range(len(trace.records))]
    # The first frame holds the header, each further one ten steps.
    frames_before = sum(frame.end <= cut for frame in tf.frames(whole))
    assert len(trace.records) == 10 * max(frames_before - 1, 0), "a frame that was flushed before the cut is whole"


def test_every_single_cut_is_survived(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "cut.cbtrace"
    found = []
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        found.append(len(read_trace(path).records))
    assert found == sorted(found), "more bytes never give fewer records"
    assert found[-1] == STEPS


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_bytes_never_crash_the_reader(tmp_path: Path, whole: bytes, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(whole) - 1))
    path = tmp_path / "bad.cbtrace"
    path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x5A]) + whole[position + 1 :])
    with contextlib.suppress(TraceError):
        assert len(read_trace(path).records) <= STEPS


def test_an_unclosed_trace_says_so(tmp_path: Path) -> None:
    path = tmp_path / "t.cbtrace"
    write(path, close=False)
    trace = read_trace(path)
    assert len(trace.records) == STEPS
    assert "without an end record" in trace.problem


def test_appending_goes_on_after_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "t.cbtrace"
    write(path, 20)
    path.write_bytes(path.read_bytes()[:-5])
    write(path, 10, first=20, append=True)
    trace = read_trace(path)
    assert trace.complete
    assert loops(trace.records) == [4 * step for step in range(30)]


def test_without_append_an_old_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "t.cbtrace"
    write(path, 20)
    write(path, 3)
    assert len(read_trace(path).records) == 3


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (packed({"loop": 3}), "first record is no trace header"),
        (packed({"format": "cherrypy_bot.trace", "version": 99}), "version 99, this reader"),
        (packed({"format": "other", "version": 2}), "format 'other'"),
        (gzip.compress(b"{}"), "version 1"),
        (b"PK" + bytes(40), "does not begin as a trace does"),
    ],
)
def test_what_is_no_trace_of_ours_is_an_error(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "t.cbtrace"
    path.write_bytes(data)
    with pytest.raises(TraceError, match=problem):
        read_trace(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="cannot be read"):
        read_trace(tmp_path / "none.cbtrace")


def test_steps_in_which_nothing_happened_leave_no_line(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path / "t.cbtrace")
    for loop in range(0, 400, 4):
        writer.begin_step(loop)
        if loop == 200:
            writer.consume(3, "tactics")
        writer.end_step()
    writer.close()
    assert read_trace(tmp_path / "t.cbtrace").records == [{"loop": 200, "consumes": [[3, "tactics"]]}]


def test_notes_take_numpy_values_and_survive_nonsense(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path / "t.cbtrace")
    writer.begin_step(4)
    writer.note("combat", loss=np.float32(0.5), tags=np.array([1, 2]), kind=UnitTypeId.MARINE, both={2, 1})
    writer.end_step()
    writer.begin_step(8)
    loop: list[Any] = []
    loop.append(loop)
    writer.note("combat", nonsense=loop)
    writer.consume(1, "x")
    writer.end_step()
    writer.close()
    first, second = read_trace(tmp_path / "t.cbtrace").records
    assert first["notes"] == [["combat", {"loss": 0.5, "tags": [1, 2], "kind": "MARINE", "both": [1, 2]}]]
    assert (second["loop"], second["consumes"]) == (8, [[1, "x"]])


def test_numbers_that_json_does_not_know_become_text(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path / "t.cbtrace")
    writer.begin_step(4)
    writer.note("combat", odds=float("nan"), time=float("inf"))
    writer.end_step()
    writer.close()
    [record] = read_trace(tmp_path / "t.cbtrace").records
    assert record["notes"] == [["combat", {"odds": "nan", "time": "inf"}]]


def test_predictions_selector_values_and_logs_are_kept(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path / "t.cbtrace")
    writer.begin_step(4)
    writer.predict("tactics", 10.04, 20.0, win=0.75, own=500.4, enemy=300)
    writer.selector({"three_rax": 0.41234, "reaper_expand": 0.6})
    writer.log("INFO", "strategy", "<script>alert(1)</script>")
    writer.end_step()
    writer.close()
    [record] = read_trace(tmp_path / "t.cbtrace").records
    assert record["predicted"] == [["tactics", {"x": 10.0, "y": 20.0, "win": 0.75, "own": 500, "enemy": 300}]]
    assert record["selector"] == {"three_rax": 0.4123, "reaper_expand": 0.6}
    assert record["logs"] == [["INFO", "strategy", "<script>alert(1)</script>"]]


def test_a_frame_that_would_inflate_without_end_is_damage(tmp_path: Path, whole: bytes) -> None:
    bomb = zlib.compress(bytes(1 << 20))
    lengths = struct.pack("<II", len(bomb), 1000)
    crc = struct.pack("<I", zlib.crc32(bomb, zlib.crc32(lengths)))
    path = tmp_path / "t.cbtrace"
    path.write_bytes(whole + lengths + crc + bomb)
    trace = read_trace(path)
    assert len(trace.records) == STEPS
    assert f"damaged at byte {len(whole)}" in trace.problem


def test_a_running_match_can_be_watched(tmp_path: Path) -> None:
    path = tmp_path / "t.cbtrace"
    writer = TraceWriter(path, {"bot": "cherry"}, flush_seconds=0.0)
    assert read_trace(path).header["bot"] == "cherry", "the header is there before the first step"
    for loop in (4, 8):
        writer.begin_step(loop)
        writer.consume(loop, "x")
        writer.end_step()
        assert loops(read_trace(path).records)[-1] == loop
    writer.close()


def test_a_full_disk_stops_the_trace_not_the_match(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = TraceWriter(tmp_path / "t.cbtrace")

    class FullDisk(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError("no space left")

    monkeypatch.setattr(writer._frames, "_file", FullDisk())
    writer.begin_step(4)
    writer.consume(1, "x")
    writer.end_step()
    writer.flush()
    writer.end_step()
    assert not writer.enabled
    writer.consume(2, "x")
    writer.close()


def test_a_writer_without_a_path_does_nothing() -> None:
    writer = TraceWriter(None)
    writer.begin_step(4)
    writer.post(Upc.scout())
    writer.note("x", a=object())
    writer.end_step()
    writer.close(result="Victory")
    assert not writer.enabled


def test_upc_records_are_sparse() -> None:
    assert upc_record(Upc.stop().with_(id=1)) == {"id": 1, "cmd": "stop"}
    area = Upc(
        {Command.ATTACK: 0.25, Command.FLEE: 0.75},
        units={7: 0.5},
        position=PositionArea(Point2((1.0, 2.0)), 3.0),
        priority=2.0,
        parent=4,
    ).with_(id=5)
    assert upc_record(area) == {
        "id": 5,
        "parent": 4,
        "cmd": {"attack": 0.25, "flee": 0.75},
        "units": {"7": 0.5},
        "pos": [1.0, 2.0, 3.0],
        "pr": 2.0,
    }
    create = Upc.create(UnitTypeId.EXTRACTOR, target=12).with_(id=6)
    assert upc_record(create) == {"id": 6, "cmd": "create", "what": "EXTRACTOR", "target": 12}
