"""How many replays a second one core reads and writes, warm and cold, next to the readers that others use.

    python -m benchmarks.replay_speed [--runs 3] [FOLDER]

Times are those of the processor, not of the clock, so that a busy machine does not change them. A peer that is not
installed (sc2reader, s2protocol, spawningtool) is left out. Nothing is fetched: sc2reader does not load maps here.
"""

from __future__ import annotations

import importlib
import logging
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.common import ROOT, Row, arguments, machine, measured, publish
from cherrypy_bot.formats.mpq import MpqArchive
from cherrypy_bot.formats.tracker import decode_tracker
from cherrypy_bot.sim.computer import Computer
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.maps import load_map
from cherrypy_bot.sim.recording import save
from replays.bulk import find_replays
from replays.cache import ReplayCache, read_cached
from replays.dataset import tables_of
from replays.errors import ReplayError
from replays.reader import read_replay
from replays.report import render

REFERENCE = ROOT.parent / "shared" / "reference" / "replays"
TARGET_PER_SECOND = 15
TARGET_WARM_PER_SECOND = 150


def main() -> None:
    """Runs the benchmark."""
    parser = arguments(__doc__ or "")
    parser.add_argument("folder", nargs="?", type=Path, default=REFERENCE)
    options = parser.parse_args()
    host = machine()
    paths = readable(find_replays([options.folder]))
    print(f"{len(paths)} replays, {sum(path.stat().st_size for path in paths) / len(paths) / 1024:.0f} KB each")
    rows: list[Row] = []

    def row(name: str, work: Callable[[Path], object], target: float | None = None) -> None:
        work(paths[0])
        rates = [rate(work, paths) for _ in range(options.runs)]
        rows.append(measured(name, rates, "replays/s", at_least=target))

    row("builds, economy, engagements", read_replay, TARGET_PER_SECOND)
    row("tracker events alone", tracker_events)
    replays = {path: read_replay(path) for path in paths}
    row("dataset rows of a read replay", lambda path: tables_of(replays[path]))
    row("report page of a read replay", lambda path: render(replays[path]))
    with tempfile.TemporaryDirectory() as folder:
        cache = ReplayCache(Path(folder))
        for path in paths:
            read_cached(path, cache)
        row("from the cache", lambda path: read_cached(path, cache), TARGET_WARM_PER_SECOND)
    for name, work in peers():
        row(name, work)
    game = played_game()
    rows.append(measured("saving a game of 12,000 loops", [saving(game) for _ in range(options.runs)], "replays/s"))
    publish("replay_speed", rows, host, options)


def rate(work: Callable[[Path], object], paths: list[Path]) -> float:
    """Replays a second of processor time."""
    started = time.process_time()
    for path in paths:
        work(path)
    return len(paths) / (time.process_time() - started)


def played_game() -> Game:
    """A long game of two computers."""
    game = Game.new(load_map("OrchardLE"), ("Terran", "Zerg"), seed=5)
    game.computers = [Computer(0, "Terran", 7, 4, 1), Computer(1, "Zerg", 7, 4, 2)]
    game.step(12_000)
    save(game, ("one", "two"))
    return game


def saving(game: Game) -> float:
    """Replays written a second of processor time; playing the commands again is most of it."""
    started = time.process_time()
    save(game, ("one", "two"))
    return 1.0 / (time.process_time() - started)


def readable(paths: list[Path]) -> list[Path]:
    """Those that can be read."""
    found = []
    for path in paths:
        try:
            read_replay(path)
        except ReplayError:
            continue
        found.append(path)
    return found


def tracker_events(path: Path) -> int:
    """Decodes the tracker events and nothing else."""
    return len(decode_tracker(MpqArchive(path.read_bytes()).read("replay.tracker.events") or b""))


def peers() -> list[tuple[str, Callable[[Path], object]]]:
    """The other readers that are installed."""
    logging.disable(logging.CRITICAL)
    found: list[tuple[str, Callable[[Path], object]]] = []
    sc2reader = installed("sc2reader")
    if sc2reader is not None:
        found.append(("peer: sc2reader, full load", lambda path: sc2reader.load_replay(str(path), load_level=4)))
    parser = installed("spawningtool.parser")
    if parser is not None:
        found.append(("peer: spawningtool", lambda path: parser.parse_replay(str(path), cache_dir=None)))
    versions = installed("s2protocol.versions")
    if versions is not None:
        found.append(("peer: s2protocol, tracker events alone", lambda path: s2protocol_events(versions, path)))
    return found


def installed(name: str) -> Any:
    """A module, or None where it is not installed or does not run on this Python."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def s2protocol_events(versions: Any, path: Path) -> int:
    """Tracker events by the game's makers' own decoder; a build that it does not know is read as its newest."""
    archive = MpqArchive(path.read_bytes())
    header = versions.latest().decode_replay_header(archive.user_data)
    try:
        protocol = versions.build(header["m_version"]["m_baseBuild"])
    except ImportError:
        protocol = versions.latest()
    return sum(1 for _ in protocol.decode_replay_tracker_events(archive.read("replay.tracker.events")))


if __name__ == "__main__":
    main()
