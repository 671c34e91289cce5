"""Features out of replays are those of the match, as far as a replay tells."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cherrypy_bot.config import load_config
from cherrypy_bot.ladder.match import MatchSetup, play_match
from cherrypy_bot.ladder.players import contenders, quiet_python_sc2
from cherrypy_bot.learn import vocabulary
from cherrypy_bot.learn.features import FEATURE_COUNT, FEATURES_VERSION, feature_names, groups
from cherrypy_bot.learn.from_replays import (
    MISSING,
    Rows,
    rows_of,
    type_id,
    upgrade_id,
    views_of,
    write_rows,
)
from cherrypy_bot.learn.league.play import Truth
from cherrypy_bot.learn.view import EVALUATE_LOOPS
from modules.keys import SELECTOR_RECORD
from replays.costs import costs_of
from replays.errors import ReplayError
from replays.reader import parse_replay, read_replay
from replays.serial import dump, load
from tests.cli.command import Command
from tests.reference import needs_reference
from tests.replays.real import GOOD, read
from tests.replays.synthetic import Game

ROOT = Path(__file__).resolve().parents[2]
LOOPS = 4480
BOTS = ("cherry_zerg", "cherry_terran")
WORKERS = vocabulary.KINDS[vocabulary.WORKER]
LARVA = vocabulary.NAMES.index("LARVA")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """`cherrypy-bot` run in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Command(monkeypatch, capsys)


@lru_cache(maxsize=1)
def match(folder: Path) -> tuple[list[Any], Truth, Rows]:
    """A match of two bots: what each noted while it played, what was true, and the rows of its replay."""
    quiet_python_sc2()
    sides = contenders(load_config(ROOT / "bots.yaml"), *BOTS, seed=3, game_step=16)
    seen, file = Truth(), folder / "match.SC2Replay"
    setup = MatchSetup(sides, "OrchardLE", seed=3, game_step=16, loop_limit=LOOPS)
    play_match(setup, replay=file, on_look=seen.look)
    records = [side.player.ai.board.get(SELECTOR_RECORD) for side in sides]
    return records, seen, rows_of(read_replay(file))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], Truth, Rows]:
    return match(tmp_path_factory.mktemp("match"))


@pytest.mark.parametrize("side", [0, 1], ids=BOTS)
def test_a_replay_gives_the_numbers_that_the_bot_had(played: tuple[list[Any], Truth, Rows], side: int) -> None:
    records, _, rows = played
    record, mine = records[side], rows.player_id == side + 1
    assert record.loops == rows.loop[mine][: len(record.loops)].tolist()
    had, found = np.stack(record.inputs), rows.inputs[mine][: len(record.loops)]
    assert len(had) > LOOPS // EVALUATE_LOOPS - 2

    def same(group: str) -> Any:
        return np.isclose(had[:, groups()[group]], found[:, groups()[group]], atol=1e-3)

    for group in ("time", "races", "upgrades"):
        assert same(group).all(), group
    ordinary = ~WORKERS
    ordinary[LARVA] = False
    assert same("own")[:, ordinary].mean() > 0.995
    # Workers inside gas buildings are not in sight: at most two of three per building.
    assert np.abs(had[:, groups()["own"]] - found[:, groups()["own"]])[:, WORKERS].max() < 0.25
    assert same("pending").mean() > 0.99
    assert np.abs(had[:, groups()["supply"]] - found[:, groups()["supply"]])[:, 4].max() < 1e-3, "workers"


@pytest.mark.parametrize("side", [0, 1], ids=BOTS)
def test_the_truth_is_what_the_other_had(played: tuple[list[Any], Truth, Rows], side: int) -> None:
    records, seen, rows = played
    loops = records[side].loops
    true = np.array([seen.of(1 - side, loop) for loop in loops])
    found = rows.truth[rows.player_id == side + 1][: len(loops)]
    others = np.arange(vocabulary.TYPE_COUNT) != LARVA
    assert (true == found)[:, others].mean() > 0.998
    assert true[:, others].sum() > 800


def test_what_a_replay_cannot_know_is_masked_not_invented(played: tuple[list[Any], Truth, Rows]) -> None:
    _, _, rows = played
    at = groups()
    known = dict(
        zip(
            (name for name in feature_names() if name.startswith("known: ")), rows.inputs[:, at["known"]].T, strict=True
        )
    )
    unknown = {name.removeprefix("known: ") for name, column in known.items() if not column.any()}
    assert unknown == {*MISSING, "rush distance"}
    for group in ("enemy", "enemy fresh", "enemy sums", "balance", "build", "forecast", "places", "map"):
        assert not rows.inputs[:, at[group]].any(), group


def test_views_tell_what_was_begun_finished_and_lost() -> None:
    game = Game("Zerg", "Terran")
    pool = game.place(1, "SpawningPool", 403, done=1443)
    game.kill(pool, 4000, by=2)
    replay = parse_replay(game.replay())
    views = {view.loop: view for view in views_of(replay, 1)}
    number = type_id("SpawningPool")
    assert number is not None
    assert number not in (views[336].pending or {})
    assert (views[448].pending or {})[number] == 1
    assert views[1456].own[number] == 1
    assert number not in (views[1456].pending or {})
    assert number not in views[4032].own
    assert views[0].race == "zerg"
    assert views[0].enemy_race == "terran"
    assert views[0].bases == 1


def test_every_name_of_the_cost_tables_that_the_features_count_has_its_number() -> None:
    costs = costs_of(93333)
    numbers = {type_id(name) for name in costs.units}
    assert {row.id for row in vocabulary.TYPES} - numbers <= {type_id("Larva"), type_id("CreepTumor")}
    numbers = {upgrade_id(name) for name in costs.upgrades}
    assert set(vocabulary.UPGRADE_COLUMN) - numbers == set()
    assert type_id("NoSuchUnit") is None


@needs_reference
@pytest.mark.parametrize("entry", GOOD, ids=lambda entry: entry["file"])
def test_real_replays_have_features(entry: dict[str, str]) -> None:
    rows = rows_of(read(entry["file"]))
    assert rows.unknown == {}
    assert rows.inputs.shape == (len(rows.loop), FEATURE_COUNT)
    assert np.isfinite(rows.inputs).all()
    assert set(rows.result.tolist()) == {0.0, 1.0}
    at = groups()["own sums"].start + 3
    assert rows.inputs[rows.loop == 0][:, at].min() > 0.9, "workers at the start"
    # Each player's own counts are the other's truth, eggs and things under construction apart.
    assert rows.truth[(rows.player_id == 1) & (rows.loop == 0)][:, WORKERS].sum() in (8, 12)


def test_a_replay_from_the_cache_is_refused() -> None:
    with pytest.raises(ReplayError, match="read the file itself"):
        rows_of(load(dump(parse_replay(Game().replay()))))


def test_the_command_writes_npz_and_says_what_is_missing(command: Command, folder_of_replays: Path) -> None:
    answer = command("replay", "features", str(folder_of_replays), "-o", "out.npz", "--jobs", "1")
    assert answer.code == 0, answer
    assert "enemy bases: which of the enemy's bases were known" in answer.out
    assert "1 of" in answer.err
    with np.load("out.npz", allow_pickle=False) as found:
        assert found["inputs"].shape == (len(found["loop"]), FEATURE_COUNT)
        assert found["input_names"].tolist() == list(feature_names())
        assert int(found["features_version"]) == FEATURES_VERSION
        assert len(set(found["replay"].tolist())) == 2
        assert len(found["missing"]) == len(MISSING)
    answer = command("replay", "features", str(folder_of_replays), "-o", "again.npz", "--json", "--jobs", "1")
    plain = json.loads(answer.out)
    assert (plain["features_version"], set(plain["missing"]), len(plain["failed"])) == (
        FEATURES_VERSION,
        set(MISSING),
        1,
    )


def test_parquet_holds_the_same_as_npz(command: Command, folder_of_replays: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    for name in ("out.npz", "out.parquet"):
        assert command("replay", "features", str(folder_of_replays), "-o", name, "--jobs", "1").code == 0
    table = parquet.read_table("out.parquet")
    with np.load("out.npz", allow_pickle=False) as found:
        names = [f"truth: {name}" for name in vocabulary.NAMES]
        for columns, key in ((feature_names(), "inputs"), (names, "truth")):
            together = np.stack([table.column(name).to_numpy() for name in columns], axis=1)
            assert np.array_equal(together, found[key])
        assert table.column("replay").to_pylist() == found["replay"].tolist()
    assert table.schema.metadata[b"features_version"] == str(FEATURES_VERSION).encode()
    assert b"missing: map" in table.schema.metadata


@pytest.mark.parametrize(
    ("name", "says"), [("out.csv", "neither .npz nor .parquet"), ("file/out.npz", "cannot be written")]
)
def test_a_file_that_cannot_be_written_is_said(command: Command, folder_of_replays: Path, name: str, says: str) -> None:
    Path("file").write_text("")
    answer = command("replay", "features", str(folder_of_replays), "-o", name, "--jobs", "1")
    assert answer.code == 2
    assert says in " ".join(answer.err.split())


def test_nothing_is_written_without_a_replay(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="no replay could be read"):
        write_rows(tmp_path / "out.npz", [])


@pytest.fixture
def folder_of_replays(tmp_path: Path) -> Path:
    """Two sound replays and one that is cut off."""
    folder = tmp_path / "games"
    folder.mkdir()
    (folder / "a.SC2Replay").write_bytes(Game().replay())
    (folder / "b.SC2Replay").write_bytes(Game("Zerg", "Terran").replay())
    (folder / "cut.SC2Replay").write_bytes(Game().replay()[:1500])
    return folder
