"""`cherrypy-bot why`, as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import Command
from tests.viewer.synthetic import FIRST_TAG, MARINES, write_bot_trace

UNIT = str(FIRST_TAG + 1)


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("why") / "t.cbtrace"
    write_bot_trace(path)
    return path


def test_a_unit_is_explained(command: Command, trace: Path) -> None:
    outcome = command("why", str(trace), "--unit", UNIT, "--at", "0:10")
    assert outcome.code == 0, outcome.err
    first, *rest = outcome.out.splitlines()
    assert first == f"Marine {UNIT} at 0:10 (loop 224)"
    assert "squad" in rest[0]
    assert any("squads, attack: stutter step" in line for line in rest)
    assert any("brain, attack: wave 2" in line for line in rest)


def test_json_holds_task_order_and_chain(command: Command, trace: Path) -> None:
    assert json.loads(command("why", str(trace), "--unit", UNIT, "--at", "0:00", "--json").out)["order"] is None
    facts = json.loads(command("why", str(trace), "--unit", UNIT, "--at", "0:10", "--json").out)
    assert facts["decided_by"] == "squads: stutter step"
    assert [post["by"] for post in facts["chain"]] == ["squads", "brain"]
    assert facts["order"]["target"] == [50.0, 50.0]
    assert facts["task"]["status"] == "ongoing"


def test_without_a_tag_the_units_there_are_listed(command: Command, trace: Path) -> None:
    early = json.loads(command("why", str(trace), "--at", "0:05", "--json").out)
    assert sum(found["type"] == "Marine" for found in early) == MARINES
    late = json.loads(command("why", str(trace), "--unit", "marine", "--json").out)
    assert [found["unit"] for found in late] == [FIRST_TAG + index for index in range(1, MARINES)]
    assert "decided by" in command("why", str(trace)).out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--unit", "77"), "knows no unit 77"),
        (("--unit", "thor"), "no thor of ours"),
        (("--at", "soon"), "minutes and seconds"),
    ],
)
def test_mistakes_are_one_line(command: Command, trace: Path, arguments: tuple[str, ...], sentence: str) -> None:
    assert sentence in command.refused("why", str(trace), *arguments)


def test_what_is_no_trace_is_refused(command: Command, tmp_path: Path) -> None:
    (tmp_path / "x.cbtrace").write_text("hello")
    assert "x.cbtrace" in command.refused("why", str(tmp_path / "x.cbtrace"))
