"""Damages replays in ten thousand ways and reads each: nothing may crash, hang or eat memory.

    python -m benchmarks.fuzz_replays --count 10000 --seed 1 [FOLDER]

Each damaged replay either is refused with one line, or can still be read; then it also goes through the cache, the
dataset and the report. Exit code 1 where anything else happens; what did it is kept under out/fuzz.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from types import FrameType

from benchmarks.common import ROOT
from benchmarks.replay_mutations import mutations, survives
from replays.bulk import find_replays
from replays.errors import ReplayError
from replays.reader import parse_replay

KEPT = ROOT / "out" / "fuzz"
REFERENCE = ROOT.parent / "shared" / "reference" / "replays"
LONGEST_SECONDS = 10
LARGEST_SAMPLE_BYTES = 100_000


class HangError(Exception):
    """Reading took longer than it may."""


def main() -> int:
    """Runs the fuzzing; the number of failures decides the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=REFERENCE, help="sound replays to damage")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    samples = sound_samples(options.folder)
    before = memory_mb()
    outcomes: Counter[str] = Counter()
    slowest, failures = 0.0, 0
    signal.signal(signal.SIGALRM, on_alarm)
    started = time.perf_counter()
    for number, data in enumerate(mutations(samples, options.count, options.seed)):
        begun = time.perf_counter()
        signal.alarm(LONGEST_SECONDS)
        try:
            line = survives(data)
        except Exception:
            failures += 1
            keep(data, options.seed, number)
            outcomes["FAILED: " + traceback.format_exc().splitlines()[-1]] += 1
        else:
            outcomes["still read" if line is None else kind_of(line)] += 1
            if line is not None and not line.isprintable():
                failures += 1
                outcomes[f"FAILED: not one line: {line!r}"] += 1
        finally:
            signal.alarm(0)
        slowest = max(slowest, time.perf_counter() - begun)
    took = time.perf_counter() - started
    for text, count in outcomes.most_common():
        print(f"{count:7,}  {text}")
    print(
        f"{options.count:,} damaged replays from {len(samples)} sound ones, seed {options.seed}, in {took:.0f} s: "
        f"{failures} failures, slowest {slowest:.2f} s, memory {before:.0f} -> {memory_mb():.0f} MB at most"
    )
    return 1 if failures else 0


def sound_samples(folder: Path) -> list[bytes]:
    """The smaller replays of a folder that can be read."""
    found = []
    for path in find_replays([folder]):
        data = path.read_bytes()
        if len(data) > LARGEST_SAMPLE_BYTES:
            continue
        try:
            parse_replay(data)
        except ReplayError:
            continue
        found.append(data)
    if not found:
        sys.exit(f"{folder} holds no replay of up to {LARGEST_SAMPLE_BYTES:,} bytes that can be read")
    return found


def kind_of(line: str) -> str:
    """A line with its numbers and names taken out, so that alike ones are counted together."""
    words = ["#" if any(char.isdigit() for char in word) else word for word in line.split()]
    return " ".join(words)[:110]


def keep(data: bytes, seed: int, number: int) -> None:
    """Keeps what made something fail."""
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"seed{seed}-{number}.SC2Replay").write_bytes(data)


def memory_mb() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def on_alarm(signum: int, frame: FrameType | None) -> None:
    raise HangError(f"reading took longer than {LONGEST_SECONDS} s")


if __name__ == "__main__":
    sys.exit(main())
