"""Decision traces: readable after truncation at any byte, appendable, cheap when off."""

from __future__ import annotations

import contextlib
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sc2.ids.unit_typeid import UnitTypeId
from sc2.position import Point2

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
    path = tmp_path_factory.mktemp("trace") / "whole.trace.gz"
    write(path)
    return path.read_bytes()


def loops(records: list[dict[str, Any]]) -> list[int]:
    return [record["loop"] for record in records]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "t.trace.gz"
    write(path)
    trace = read_trace(path)
    assert trace.complete
    assert trace.problem == ""
    assert trace.header == {"format": "cherrypy_bot.trace", "version": 1, "bot": "cherry"}
    assert trace.end == {"loop": 156, "result": "Victory"}
    assert loops(trace.records) == [4 * step for step in range(STEPS)]
    assert trace.records[3]["posts"] == [{"id": 4, "by": "test", "cmd": "scout", "pos": [1.0, 2.0], "note": "step 3"}]
    assert trace.records[3]["notes"] == [["test", {"value": 3, "text": "ééé"}]]


def test_gunzip_reads_it_too(tmp_path: Path) -> None:
    path = tmp_path / "t.trace.gz"
    write(path)
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    assert len(lines) == STEPS + 2
    assert all(isinstance(json.loads(line), dict) for line in lines)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_cut_at_any_byte_the_whole_records_before_it_are_read(
    tmp_path: Path, whole: bytes, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(whole) - 1))
    path = tmp_path / "cut.trace.gz"
    path.write_bytes(whole[:cut])
    trace = read_trace(path)
    assert not trace.complete
    assert trace.problem
    assert str(path) in trace.problem
    assert loops(trace.records) == [4 * step for step in range(len(trace.records))]
    starts = [at for at in range(cut + 1) if whole[at : at + 4] == b"\x1f\x8b\x08\x00"]
    blocks_before = max(len(starts) - 1, 0)
    assert len(trace.records) >= 10 * blocks_before, "a block that was flushed before the cut is whole"


def test_every_single_cut_is_survived(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "cut.trace.gz"
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
    path = tmp_path / "bad.trace.gz"
    path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x5A]) + whole[position + 1 :])
    with contextlib.suppress(TraceError):
        assert len(read_trace(path).records) <= STEPS


def test_an_unclosed_trace_says_so(tmp_path: Path) -> None:
    path = tmp_path / "t.trace.gz"
    write(path, close=False)
    trace = read_trace(path)
    assert len(trace.records) == STEPS
    assert "without an end record" in trace.problem


def test_appending_goes_on_after_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "t.trace.gz"
    write(path, 20)
    path.write_bytes(path.read_bytes()[:-5])
    write(path, 10, first=20, append=True)
    trace = read_trace(path)
    assert trace.complete
    assert loops(trace.records) == [4 * step for step in range(30)]


def test_without_append_an_old_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "t.trace.gz"
    write(path, 20)
    write(path, 3)
    assert len(read_trace(path).records) == 3


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"loop": 3}\n', "first line is no trace header"),
        ('{"format": "cherrypy_bot.trace", "version": 99}\n', "version 99, this reader"),
        ('{"format": "other", "version": 1}\n', "format 'other'"),
    ],
)
def test_what_is_no_trace_of_ours_is_an_error(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "t.trace.gz"
    path.write_bytes(gzip.compress(line.encode()))
    with pytest.raises(TraceError, match=problem):
        read_trace(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="cannot be read"):
        read_trace(tmp_path / "none.gz")


def test_steps_in_which_nothing_happened_leave_no_line(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path / "t.gz")
    for loop in range(0, 400, 4):
        writer.begin_step(loop)
        if loop == 200:
            writer.consume(3, "tactics")
        writer.end_step()
    writer.close()
    assert read_trace(tmp_path / "t.gz").records == [{"loop": 200, "consumes": [[3, "tactics"]]}]


def test_notes_take_numpy_values_and_survive_nonsense(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path / "t.gz")
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
    first, second = read_trace(tmp_path / "t.gz").records
    assert first["notes"] == [["combat", {"loss": 0.5, "tags": [1, 2], "kind": "MARINE", "both": [1, 2]}]]
    assert second == {"loop": 8, "consumes": [[1, "x"]]}


def test_a_full_disk_stops_the_trace_not_the_match(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = TraceWriter(tmp_path / "t.gz")

    def full(data: bytes, **_: Any) -> bytes:
        raise OSError("no space left")

    monkeypatch.setattr("cherrypy_bot.core.trace.gzip.compress", full)
    writer.begin_step(4)
    writer.consume(1, "x")
    writer.end_step()
    writer.flush()
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
