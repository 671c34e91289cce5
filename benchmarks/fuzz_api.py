"""Sends random and damaged requests to the engine's API: each must be answered, and nothing may crash, hang or grow.

    python -m benchmarks.fuzz_api --count 100000 --seed 1

The machine plays a computer, plays another client or watches a replay by turns. Exit code 1 where a request failed
inside the engine, was not answered or took too long; what did it is kept under out/fuzz.
"""

from __future__ import annotations

import argparse
import logging
import sys

from benchmarks.api_messages import Machine
from benchmarks.fuzzing import fuzz


def main() -> int:
    """Runs the fuzzing; the number of failures decides the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.disable(logging.ERROR)  # failures inside the engine are counted here, not logged
    machine = Machine(options.seed)
    return fuzz(
        machine.messages(options.count),
        lambda data: _one_line(machine.ask(data)),
        what="requests",
        suffix=".request",
        seed=options.seed,
        accepted="answered",
        warm_up=1,
    )


def _one_line(text: str | None) -> str | None:
    """Refusals quote what the client sent, which need not be printable."""
    return text if text is None else " ".join(text.split())[:200].encode("ascii", "replace").decode()


if __name__ == "__main__":
    sys.exit(main())
