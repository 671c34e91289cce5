"""What both fuzzers share: feed damaged files to a reader and count what comes of it.

The reader answers with the line in which it refused a file, or None where it still read it. Anything it raises, a
line that is not one line, or a reading that takes too long is a failure; what did it is kept under out/fuzz.
"""

from __future__ import annotations

import resource
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from types import FrameType

from benchmarks.common import ROOT

KEPT = ROOT / "out" / "fuzz"
LONGEST_SECONDS = 10


class HangError(Exception):
    """Reading took longer than it may."""


def fuzz(
    files: Iterable[bytes],
    survives: Callable[[bytes], str | None],
    *,
    what: str,
    suffix: str,
    seed: int,
    accepted: str,
    warm_up: int = 0,
) -> int:
    """Reads every file, prints what came of them, and returns the exit code.

    Args:
        files: the damaged files.
        survives: reads one; the line of its refusal, or None.
        what: how the summary calls the files, as in "damaged maps from 3 sound ones".
        suffix: of the files that are kept.
        seed: that made the files, for the summary and the kept files' names.
        accepted: how files that could still be read are counted.
        warm_up: so many first files do not count for the slowest reading (they may compile something).
    """
    outcomes: Counter[str] = Counter()
    slowest, failures, number = 0.0, 0, -1
    signal.signal(signal.SIGALRM, _on_alarm)
    before, started = _memory_mb(), time.perf_counter()
    for number, data in enumerate(files):
        begun = time.perf_counter()
        signal.alarm(LONGEST_SECONDS)
        try:
            line = survives(data)
        except Exception:
            failures += 1
            _keep(data, f"seed{seed}-{number}{suffix}")
            outcomes["FAILED: " + traceback.format_exc().splitlines()[-1]] += 1
        else:
            outcomes[accepted if line is None else kind_of(line)] += 1
            if line is not None and not line.isprintable():
                failures += 1
                outcomes[f"FAILED: not one line: {line!r}"] += 1
        finally:
            signal.alarm(0)
        if number >= warm_up:
            slowest = max(slowest, time.perf_counter() - begun)
    took = time.perf_counter() - started
    for text, count in outcomes.most_common():
        print(f"{count:7,}  {text}")
    print(
        f"{number + 1:,} {what}, seed {seed}, in {took:.0f} s: {failures} failures, slowest {slowest:.2f} s, "
        f"memory {before:.0f} -> {_memory_mb():.0f} MB at most"
    )
    return 1 if failures else 0


def kind_of(line: str) -> str:
    """A line with its numbers taken out, so that alike ones are counted together."""
    words = ["#" if any(char.isdigit() for char in word) else word for word in line.split()]
    return " ".join(words)[:110]


def _keep(data: bytes, name: str) -> None:
    """Keeps what made something fail."""
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / name).write_bytes(data)


def _memory_mb() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _on_alarm(signum: int, frame: FrameType | None) -> None:
    raise HangError(f"reading took longer than {LONGEST_SECONDS} s")
