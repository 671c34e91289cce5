"""What is written here is opened by the readers that others use, and what is read agrees with them."""

from __future__ import annotations

import io
from typing import Any

import pytest

from cherrypy_bot.formats.mpq import MpqArchive
from cherrypy_bot.formats.mpq_writer import write_archive
from tests.reference import needs_reference
from tests.replays.real import GOOD, path_of, read

SMALL = [entry for entry in GOOD if entry["bytes"] < 80_000]


def sc2reader() -> Any:
    """The peer, without maps: it would fetch them."""
    return pytest.importorskip("sc2reader", reason="a peer to compare with; pip install sc2reader")


@needs_reference
@pytest.mark.parametrize("entry", SMALL, ids=lambda entry: entry["file"])
def test_the_same_units_are_seen(entry: dict[str, Any]) -> None:
    theirs = sc2reader().load_replay(str(path_of(entry["file"])), load_level=3)
    ours = read(entry["file"])
    assert ours.timelines is not None
    born = {
        (event.unit_id_index, event.unit_id_recycle): event.frame
        for event in theirs.tracker_events
        if type(event).__name__ in ("UnitBornEvent", "UnitInitEvent")
    }
    for unit in ours.timelines.units:
        key = (unit.tag >> 18, unit.tag & 0x3FFFF)
        assert born[key] == unit.names[0][0]
    upgrades = {
        (event.pid, event.frame, event.upgrade_type_name)
        for event in theirs.tracker_events
        if type(event).__name__ == "UpgradeCompleteEvent"
    }
    assert {(player.player_id, loop, name) for player in ours.players for loop, name in player.upgrades} <= upgrades


@needs_reference
@pytest.mark.parametrize("entry", SMALL, ids=lambda entry: entry["file"])
def test_the_same_statistics_are_seen(entry: dict[str, Any]) -> None:
    theirs = sc2reader().load_replay(str(path_of(entry["file"])), load_level=3)
    ours = {player.player_id: player.stats for player in read(entry["file"]).players}
    for event in theirs.tracker_events:
        if type(event).__name__ == "PlayerStatsEvent":
            stats = ours[event.pid]
            assert stats.at("minerals", event.frame) == event.minerals_current
            assert stats.at("vespene_rate", event.frame) == event.vespene_collection_rate
            assert stats.at("workers", event.frame) == event.workers_active_count


@needs_reference
@pytest.mark.parametrize("entry", SMALL[:2], ids=lambda entry: entry["file"])
def test_an_archive_written_here_is_opened(entry: dict[str, Any]) -> None:
    data = path_of(entry["file"]).read_bytes()
    archive = MpqArchive(data)
    names = (archive.read("(listfile)") or b"").decode().split()
    written = write_archive(archive.user_data, {name: archive.read(name) or b"" for name in names})
    theirs = sc2reader().load_replay(io.BytesIO(written), load_level=4)
    assert theirs.map_name == entry["map"]
    assert theirs.frames == entry["game_loops"]
    assert len(theirs.tracker_events) == entry["tracker_events"]
