"""What a newcomer's first `make` relies on: pinned dependencies, and targets that exist."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([A-Za-z0-9.+!]+)$")


def pins(name: str) -> dict[str, str]:
    """Package -> version of a constraints file; every line must be a pin or a comment."""
    found = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            match = PIN.match(line)
            assert match, f"{name}: {line!r} pins nothing"
            found[canonical(match[1])] = match[2]
    return found


def canonical(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def test_every_direct_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {canonical(re.split(r"[<>=!~\[; ]", requirement, maxsplit=1)[0]) for requirement in wanted}
    assert names - set(pins("constraints.txt")) == set()


def test_the_versions_that_the_project_promises() -> None:
    assert pins("constraints.txt")["torch"] == "2.13.0"
    assert pins("constraints.txt")["burnysc2"] == "7.3.0"
    ladder = pins("constraints-ladder.txt")
    assert ladder["burnysc2"] == "7.2.1"
    assert {"numba", "typer", "pillow"} & set(ladder) == set()


@pytest.mark.parametrize("name", ["Makefile", "constraints.txt", "constraints-ladder.txt", "pyproject.toml", ".ci/run"])
def test_no_registry_is_named(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"https?://|--index-url|--find-links|--extra-index", text)


def test_continuous_integration_is_executable_and_runs_suite_and_checks() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & stat.S_IXUSR
    assert [line for line in script.read_text(encoding="utf-8").splitlines() if line.startswith("make")] == [
        "make test",
        "make check",
    ]


@pytest.mark.parametrize("target", ["play", "test", "check", "bench", "golden", "test-ladder-compat", "clean"])
def test_the_target_exists(target: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    answer = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False, env=environment
    )
    assert answer.returncode == 0, answer.stderr
