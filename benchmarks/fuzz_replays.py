"""Damages replays in ten thousand ways and reads each: nothing may crash, hang or eat memory.

    python -m benchmarks.fuzz_replays --count 10000 --seed 1 [FOLDER]

Each damaged replay either is refused with one line, or can still be read; then it also goes through the cache, the
dataset and the report. Exit code 1 where anything else happens; what did it is kept under out/fuzz.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.common import ROOT
from benchmarks.fuzzing import fuzz
from benchmarks.replay_mutations import mutations, survives
from replays.bulk import find_replays
from replays.errors import ReplayError
from replays.reader import parse_replay

REFERENCE = ROOT.parent / "shared" / "reference" / "replays"
LARGEST_SAMPLE_BYTES = 100_000


def main() -> int:
    """Runs the fuzzing; the number of failures decides the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=REFERENCE, help="sound replays to damage")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    samples = sound_samples(options.folder)
    return fuzz(
        mutations(samples, options.count, options.seed),
        survives,
        what=f"damaged replays from {len(samples)} sound ones",
        suffix=".SC2Replay",
        seed=options.seed,
        accepted="still read",
    )


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


if __name__ == "__main__":
    sys.exit(main())
