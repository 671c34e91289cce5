"""Folders of replays: the cache, all cores, failures that stop nothing, Parquet, statistics, comparison."""

from __future__ import annotations

import re
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from replays.bulk import find_replays, run_over
from replays.cache import ReplayCache, read_cached
from replays.compare import choose_players, differences
from replays.dataset import BUILD_COLUMNS, TIMELINE_COLUMNS, DatasetWriter, tables_of
from replays.errors import ReplayError
from replays.model import ReplayData
from replays.reader import parse_replay
from replays.serial import dump, load
from replays.statistics import Side, openings_by_match_up
from tests.reference import needs_reference
from tests.replays.real import GOOD, read
from tests.replays.synthetic import Game


def map_of(replay: ReplayData) -> str:
    """Work for other processes: a function of a module."""
    return replay.map_name


def die(replay: ReplayData) -> str:
    """Work that ends its process as the system's memory guard does."""
    import os
    import signal

    if replay.map_name == "Deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    return replay.map_name


def busy_game(map_name: str = "Test LE") -> Game:
    game = Game("Zerg", "Protoss", map_name=map_name)
    game.place(1, "SpawningPool", 403, done=1443)
    game.kill(game.place(1, "Hatchery", 1100, done=2700, at=(50, 40)), 6000, by=2)
    game.kill(game.place(2, "Zealot", 1500, done=1580), 2000, by=1)
    game.upgrade(2, "WarpGateResearch", 5000)
    for loop in range(160, 8000, 160):
        game.stats(1, loop, minerals=loop, supply_used_4096=loop * 30, supply_made_4096=60 * 4096)
    return game


def test_what_is_kept_is_what_was_read() -> None:
    replay = parse_replay(busy_game().replay())
    kept = load(dump(replay))
    assert kept.timelines is None
    assert dump(kept) == dump(replay)
    for one, other in zip(kept.players, replay.players, strict=True):
        assert one.build == other.build
        assert one.economy == other.economy
        assert one.bases == other.bases
        assert np.array_equal(one.stats.values, other.stats.values)
    assert kept.engagements == replay.engagements


@needs_reference
def test_a_real_replay_survives_the_cache() -> None:
    replay = read(GOOD[0]["file"])
    assert dump(load(dump(replay))) == dump(replay)


def test_a_second_reading_comes_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "game.SC2Replay"
    path.write_bytes(busy_game().replay())
    cache = ReplayCache(tmp_path / "cache")
    assert read_cached(path, cache).timelines is not None
    monkeypatch.setattr("replays.cache.parse_replay", lambda data: pytest.fail("it was read again"))
    assert read_cached(path, cache).timelines is None


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "game.SC2Replay"
    path.write_bytes(busy_game().replay())
    cache = ReplayCache(tmp_path / "cache")
    read_cached(path, cache)
    (kept,) = (tmp_path / "cache").rglob("*.v*")
    kept.write_bytes(b"nonsense")
    assert read_cached(path, cache).map_name == "Test LE"
    assert kept.read_bytes() != b"nonsense"


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    path = tmp_path / "game.SC2Replay"
    path.write_bytes(busy_game().replay())
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert read_cached(path, ReplayCache(tmp_path / "cache")).map_name == "Test LE"


def test_one_bad_file_never_stops_the_rest(folder: Path) -> None:
    paths = find_replays([folder])
    assert [path.name for path in paths] == [
        "a.SC2Replay", "b.SC2Replay", "cut.SC2Replay", "empty.SC2Replay", "c.SC2Replay", "wrong.sc2replay",
    ]  # fmt: skip
    outcomes = list(run_over(paths, map_of, jobs=1))
    assert [outcome.path for outcome in outcomes] == paths
    assert sum(outcome.result == "Test LE" for outcome in outcomes) == 3
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    assert len(errors) == 3
    assert all("\n" not in error for error in errors)


def test_processes_give_the_same_in_the_same_order(folder: Path, tmp_path: Path) -> None:
    paths = find_replays([folder]) * 3
    alone = list(run_over(paths, map_of, jobs=1))
    together = list(run_over(paths, map_of, jobs=2, cache_folder=tmp_path / "cache"))
    assert together == alone


def test_a_process_that_dies_costs_only_its_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("replays.bulk._FEWEST_FOR_A_POOL", 2)
    for number in range(4):
        game = Game(map_name="Deadly" if number == 1 else f"Map {number}")
        (tmp_path / f"{number}.SC2Replay").write_bytes(game.replay())
    outcomes = list(run_over(find_replays([tmp_path]), die, jobs=2))
    assert len(outcomes) == 4
    (failed,) = [outcome for outcome in outcomes if outcome.error is not None]
    assert failed.path.name == "1.SC2Replay"
    assert "died" in str(failed.error)


def test_a_folder_without_replays_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="holds no"):
        find_replays([tmp_path])
    with pytest.raises(ReplayError, match="no such file"):
        find_replays([tmp_path / "nowhere"])


def test_the_tables_have_the_documented_columns() -> None:
    replay = parse_replay(busy_game().replay())
    tables = tables_of(replay)
    assert list(tables.timeline) == list(TIMELINE_COLUMNS)
    assert list(tables.builds) == list(BUILD_COLUMNS)
    rows = 8000 // 112 + 1
    assert {len(column) for column in tables.timeline.values()} == {2 * rows}
    assert {len(column) for column in tables.builds.values()} == {4}


def test_a_row_holds_the_last_sample_before_it() -> None:
    tables = tables_of(parse_replay(busy_game().replay()))
    loops = tables.timeline["loop"][:72]
    minerals = tables.timeline["minerals"][:72]
    assert list(minerals[2:]) == [loop // 160 * 160 for loop in loops[2:]]
    bases = tables.timeline["bases"][:72]
    assert [int(bases[loop // 112]) for loop in (2600, 2800, 5900, 6050)] == [1, 2, 2, 1]


def test_parquet_is_read_back(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="Parquet needs the extra `replays`")
    output = tmp_path / "out.parquet"
    with DatasetWriter(output) as writer:
        for _ in range(3):
            writer.add(tables_of(parse_replay(busy_game().replay())))
    timeline = parquet.read_table(output)
    assert timeline.num_rows == 3 * 2 * 72
    assert timeline.column_names == list(TIMELINE_COLUMNS)
    builds = parquet.read_table(tmp_path / "out.builds.parquet").to_pylist()
    assert builds[0]["name"] == "SpawningPool"
    assert builds[0]["start"] == 403
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.builds.parquet", "out.parquet"]


@pytest.fixture
def dataset(tmp_path: Path) -> tuple[Path, Path]:
    """Both files of one game."""
    pytest.importorskip("pyarrow.parquet", reason="Parquet needs the extra `replays`")
    output = tmp_path / "out.parquet"
    with DatasetWriter(output) as writer:
        writer.add(tables_of(parse_replay(busy_game().replay())))
    return output, tmp_path / "out.builds.parquet"


def test_pandas_opens_the_dataset(dataset: tuple[Path, Path]) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed: a peer that shall open the dataset")
    timeline, builds = (pandas.read_parquet(path) for path in dataset)
    assert list(timeline.columns) == list(TIMELINE_COLUMNS)
    first = timeline[timeline["loop"] == 224].set_index("result")["workers"]
    assert set(first.index) == {"Win", "Loss"}
    pool = builds[builds["name"] == "SpawningPool"].iloc[0]
    assert (pool["start"], pool["kind"], pool["status"]) == (403, "structure", "done")


def test_polars_opens_the_dataset(dataset: tuple[Path, Path]) -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed: a peer that shall open the dataset")
    timeline, builds = (polars.read_parquet(path) for path in dataset)
    assert timeline.columns == list(TIMELINE_COLUMNS)
    assert timeline.filter(polars.col("loop") == 224).height == 2
    pool = builds.filter(polars.col("name") == "SpawningPool").row(0, named=True)
    assert (pool["start"], pool["kind"], pool["status"]) == (403, "structure", "done")


def test_duckdb_answers_the_question_of_the_docs(dataset: tuple[Path, Path]) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed: a peer that shall open the dataset")
    timeline, builds = dataset
    rows = duckdb.sql(
        f"select race, result, avg(workers) from '{timeline}' where loop = 6720 group by all order by race"
    ).fetchall()
    assert [row[1] for row in rows] in (["Win", "Loss"], ["Loss", "Win"])
    found = duckdb.sql(f"select start, kind, status from '{builds}' where name = 'SpawningPool'").fetchall()
    assert found == [(403, "structure", "done")]


def test_an_interrupted_dataset_leaves_nothing(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow.parquet", reason="Parquet needs the extra `replays`")
    with pytest.raises(KeyboardInterrupt), DatasetWriter(tmp_path / "out.parquet"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_missing_pyarrow_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ReplayError, match=r"cherrypy_bot\[replays\]"):
        DatasetWriter(tmp_path / "out.parquet")


def side(name: str, opening: str, result: str) -> Side:
    return Side(name, "Terran", "Ben", "Zerg", result, opening, "Test LE", 600.0)


def test_openings_are_counted_by_match_up() -> None:
    sides = [side("Ann", "three_rax", "Win"), side("Ann", "three_rax", "Loss"), side("ann", "rax_expand", "Win")]
    sides += [side("Cid", "three_rax", "Win"), side("Cid", "three_rax", "Unknown")]
    everyone = openings_by_match_up(sides)
    assert [(row.match_up, row.opening, row.games, row.wins) for row in everyone] == [
        ("TvZ", "three_rax", 3, 2),
        ("TvZ", "rax_expand", 1, 1),
    ]
    assert [row.games for row in openings_by_match_up(sides, player="ANN")] == [2, 1]
    low, high = everyone[0].interval
    assert 0 < low < 2 / 3 < high < 1


def test_two_builds_differ_by_when_and_by_what() -> None:
    games = [Game("Terran"), Game("Terran")]
    for game, start in zip(games, (400, 500), strict=True):
        game.place(1, "SupplyDepot", start, done=start + 480)
    games[0].place(1, "Barracks", 900, done=1940)
    games[1].place(1, "Refinery", 950, done=1430)
    a, b = (parse_replay(game.replay()) for game in games)
    first, second = choose_players(a, b, None)
    assert (first.name, second.name) == ("Ann", "Ann")
    rows = differences(first, second, 8000)
    assert [(row.name, row.later_loops) for row in rows] == [
        ("SupplyDepot", 100),
        ("Barracks", None),
        ("Refinery", None),
    ]
    with pytest.raises(ReplayError, match="Ann and Ben"):
        choose_players(a, b, "Nobody")


def test_memory_does_not_grow_with_the_number_of_files(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.SC2Replay" for number in range(60)]
    for number, path in enumerate(paths):
        path.write_bytes(busy_game(str(number)).replay())
    list(run_over(paths[:5], map_of, jobs=1))
    tracemalloc.start()
    for _ in run_over(paths[:10], map_of, jobs=1):
        pass
    _, few = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    for _ in run_over(paths, map_of, jobs=1):
        pass
    _, many = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert many < 1.3 * few


def test_the_documentation_names_every_column() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "replays.md").read_text(encoding="utf-8")
    patterns = r"(minerals|vespene)_((in_progress|lost|killed|friendly_fire)_)?(army|economy|technology|active_forces)"
    undocumented = [
        name
        for name in {**TIMELINE_COLUMNS, **BUILD_COLUMNS}
        if f"`{name}`" not in text and not re.fullmatch(patterns, name)
    ]
    assert undocumented == []
