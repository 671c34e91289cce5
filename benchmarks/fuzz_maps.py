"""Damages map files in thousands of ways and reads each: nothing may crash, hang or eat memory.

    python -m benchmarks.fuzz_maps --count 5000 --seed 1 [FOLDER]

FOLDER may hold real .SC2Map files to damage besides the small one made here. Each damaged file either is refused with
one line, or still reads; then it is described, drawn and played on for a few loops. Exit code 1 where anything else
happens; what did it is kept under out/fuzz.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.fuzzing import fuzz
from benchmarks.map_archives import map_members
from benchmarks.map_mutations import mutations, survives
from cherrypy_bot.sim.maps.mpq import Archive


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
    return fuzz(
        mutations(samples, options.count, options.seed),
        survives,
        what=f"damaged maps from {len(samples)} sound ones",
        suffix=".SC2Map",
        seed=options.seed,
        accepted="still played on",
        warm_up=1,
    )


def members_of(path: Path) -> Mapping[str, bytes]:
    """The members of a real map file that the reader reads."""
    archive = Archive(path.read_bytes(), path.name)
    found = {name: archive.read(name, 1 << 24) for name in map_members()}
    return {name: content for name, content in found.items() if content is not None}


if __name__ == "__main__":
    sys.exit(main())
