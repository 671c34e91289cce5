"""Which files may be served, and what the list says about them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cherrypy_bot.core.trace import TraceWriter
from cherrypy_bot.viewer.errors import ViewError
from cherrypy_bot.viewer.folder import TraceFolder, match_name


def write(path: Path, *, close: bool = True, **header: object) -> None:
    writer = TraceWriter(path, header)
    writer.begin_step(4)
    writer.consume(1, "x")
    writer.end_step()
    if close:
        writer.close(result="Victory")
    else:
        writer.flush()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with two matches, and traces outside of it that nobody may have."""
    inside = tmp_path / "inside"
    write(inside / "a.cbtrace", bot="cherry", opponent="rush", map="OrchardLE", match_seed=7)
    write(inside / "a.world.cbtrace", bot="world", opponent="rush", map="OrchardLE")
    write(inside / "a.opponent.cbtrace", bot="other")
    write(inside / "deep" / "b.cbtrace", bot="cherry")
    write(tmp_path / "outside" / "secret.cbtrace", bot="secret")
    (inside / "notes.txt").write_text("no trace")
    return inside


@pytest.mark.parametrize(
    "name",
    [
        "../outside/secret.cbtrace",
        "deep/../../outside/secret.cbtrace",
        "./../outside/secret.cbtrace",
        "..\\outside\\secret.cbtrace",
        "deep/../a.cbtrace\0.cbtrace",
        "a.cbtrace/",
        "notes.txt",
        "deep",
        "",
        ".",
        "..",
        "none.cbtrace",
        "\0.cbtrace",
        "x" * 5000 + ".cbtrace",
        "a.cbtrace\n",
    ],
)
def test_a_name_that_is_no_trace_below_the_folder_is_refused(root: Path, name: str) -> None:
    with pytest.raises(ViewError, match="there is no trace"):
        TraceFolder(root).path(name)


def test_an_absolute_name_is_refused(root: Path) -> None:
    folder = TraceFolder(root)
    with pytest.raises(ViewError):
        folder.path(str(root.parent / "outside" / "secret.cbtrace"))
    with pytest.raises(ViewError):
        folder.path("/etc/passwd")


def test_links_that_lead_out_are_refused_and_links_inside_are_followed(root: Path) -> None:
    outside = root.parent / "outside"
    (root / "file.cbtrace").symlink_to(outside / "secret.cbtrace")
    (root / "folder").symlink_to(outside, target_is_directory=True)
    (root / "again.cbtrace").symlink_to(root / "a.cbtrace")
    (root / "gone.cbtrace").symlink_to(root / "nowhere.cbtrace")
    (root / "round.cbtrace").symlink_to(root / "round.cbtrace")
    folder = TraceFolder(root)
    for name in ("file.cbtrace", "folder/secret.cbtrace", "gone.cbtrace", "round.cbtrace"):
        with pytest.raises(ViewError):
            folder.path(name)
    assert folder.path("again.cbtrace") == (root / "a.cbtrace").resolve()
    listed = [name for match in folder.matches() for name in match.files]
    assert "again.cbtrace" in listed
    assert not {"file.cbtrace", "folder/secret.cbtrace", "gone.cbtrace", "round.cbtrace"} & set(listed)


def test_what_is_no_regular_file_is_refused(root: Path) -> None:
    os.mkfifo(root / "pipe.cbtrace")
    (root / "folder.cbtrace").mkdir()
    folder = TraceFolder(root)
    for name in ("pipe.cbtrace", "folder.cbtrace"):
        with pytest.raises(ViewError):
            folder.path(name)


@settings(max_examples=200, deadline=None)
@given(name=st.text(max_size=40))
def test_whatever_the_name_nothing_outside_is_opened(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("root")
    for candidate in (name, f"{name}.cbtrace", f"../{name}.cbtrace"):
        try:
            path = TraceFolder(root).path(candidate)
        except ViewError:
            continue
        assert path.is_relative_to(root.resolve())


def test_odd_names_are_served_as_they_are(root: Path) -> None:
    odd = "Ünï <b>&\"'%2e%2e #?;.cbtrace"
    write(root / odd, bot="odd")
    folder = TraceFolder(root)
    assert folder.path(odd).name == odd
    assert folder.match(odd.removesuffix(".cbtrace")).files == [odd]


def test_traces_of_one_match_are_one_entry_the_world_first(root: Path) -> None:
    found = {match.name: match.files for match in TraceFolder(root).matches()}
    assert found == {
        "a": ["a.world.cbtrace", "a.cbtrace", "a.opponent.cbtrace"],
        "deep/b": ["deep/b.cbtrace"],
    }
    assert match_name("x/y.opponent.cbtrace") == "x/y"


def test_an_entry_says_who_where_and_what_came_of_it(root: Path) -> None:
    folder = TraceFolder(root)
    row = folder.describe(folder.match("a"))
    assert (row["players"], row["map"], row["seed"]) == (["cherry", "rush"], "OrchardLE", 7)
    assert (row["winner"], row["ended"], row["live"], row["loop"]) == ("cherry", True, False, 4)


def test_a_match_that_was_cut_off_or_still_runs_has_no_end(root: Path) -> None:
    write(root / "c.cbtrace", close=False, bot="cherry")
    folder = TraceFolder(root)
    row = folder.describe(folder.match("c"))
    assert (row["ended"], row["live"], row["winner"]) == (False, True, None)
    os.utime(root / "c.cbtrace", (1.0, 1.0))
    assert folder.describe(folder.match("c"))["live"] is False
    whole = (root / "a.cbtrace").read_bytes()
    for cut in range(0, len(whole), 7):
        (root / "c.cbtrace").write_bytes(whole[:cut])
        assert folder.describe(folder.match("c"))["ended"] is False


def test_nonsense_that_looks_like_a_trace_does_not_break_the_list(root: Path) -> None:
    (root / "junk.cbtrace").write_bytes(b"CBTRACE\x02" + bytes(range(256)) * 9)
    (root / "empty.cbtrace").write_bytes(b"")
    folder = TraceFolder(root)
    rows = {row["name"]: row for row in map(folder.describe, folder.matches())}
    assert rows["junk"]["ended"] is False
    assert rows["empty"]["players"] == []


def test_one_match_alone_can_be_shown(root: Path) -> None:
    folder = TraceFolder(root, "a")
    assert folder.match("a").files
    with pytest.raises(ViewError):
        folder.match("deep/b")
    with pytest.raises(ViewError):
        folder.path("deep/b.cbtrace")


def test_a_folder_that_is_none_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(ViewError, match="is no folder"):
        TraceFolder(tmp_path / "none")
