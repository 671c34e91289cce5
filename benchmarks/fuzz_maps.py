"""Damages map files in thousands of ways and reads each: nothing may crash, hang or eat memory.

    python -m benchmarks.fuzz_maps --count 5000 --seed 1 [FOLDER]

FOLDER may hold real .SC2Map files to damage besides the small one made here. Each damaged file either is refused with
one line, or still reads; then it is described, drawn and played on for a few loops. Exit code 1 where anything else
happens; what did it is kept under out/fuzz.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from benchmarks.common import ROOT
from benchmarks.map_archives import map_members
from benchmarks.map_mutations import mutations, survives
from cherrypy_bot.sim.maps.mpq import Archive

KEPT = ROOT / "out" / "fuzz"
LONGEST_SECONDS = 10


class HangError(Exception):
    """Reading took longer than it may."""


def main() -> int:
    """Runs the fuzzing; the number of failures decides the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="folder with sound .SC2Map files to damage as well")
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    samples: list[Mapping[str, bytes]] = [map_members()]
    if options.folder is not None:
        samples += [members_of(path) for path in sorted(options.folder.glob("*.SC2Map"))]
    outcomes: Counter[str] = Counter()
    slowest, failures = 0.0, 0
    signal.signal(signal.SIGALRM, on_alarm)
    before, started = memory_mb(), time.perf_counter()
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
            outcomes["still played on" if line is None else kind_of(line)] += 1
            if line is not None and not line.isprintable():
                failures += 1
                outcomes[f"FAILED: not one line: {line!r}"] += 1
        finally:
            signal.alarm(0)
        if number:  # the first one may compile the engine
            slowest = max(slowest, time.perf_counter() - begun)
    took = time.perf_counter() - started
    for text, count in outcomes.most_common():
        print(f"{count:7,}  {text}")
    print(
        f"{options.count:,} damaged maps from {len(samples)} sound ones, seed {options.seed}, in {took:.0f} s: "
        f"{failures} failures, slowest {slowest:.2f} s, memory {before:.0f} -> {memory_mb():.0f} MB at most"
    )
    return 1 if failures else 0


def members_of(path: Path) -> Mapping[str, bytes]:
    """The members of a real map file that the reader reads."""
    archive = Archive(path.read_bytes(), path.name)
    found = {name: archive.read(name, 1 << 24) for name in map_members()}
    return {name: content for name, content in found.items() if content is not None}


def kind_of(line: str) -> str:
    """A line with its numbers taken out, so that alike ones are counted together."""
    words = ["#" if any(char.isdigit() for char in word) else word for word in line.split()]
    return " ".join(words)[:110]


def keep(data: bytes, seed: int, number: int) -> None:
    """Keeps what made something fail."""
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"seed{seed}-{number}.SC2Map").write_bytes(data)


def memory_mb() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def on_alarm(signum: int, frame: FrameType | None) -> None:
    raise HangError(f"reading took longer than {LONGEST_SECONDS} s")


if __name__ == "__main__":
    sys.exit(main())
