"""Recognises openings: the distance of a player's first items to each opening of a small library."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

import yaml

from replays.model import BuildItem, seconds

UNKNOWN: Final = "unknown"
FARTHEST: Final = 0.35
"""An opening farther than this is not the one that was played."""
_EXACT_SECONDS: Final = 5.0
_DETAIL_BONUS: Final = 0.02
"""Of two openings about as near, the one that says more of what was seen and less of what was not is meant."""
_TWELVE_WORKERS: Final = 12
# With 8 workers (5.0.16) the first supply comes 10 s later and what follows up to 35 s: two professional replays.
_LATER_START: Final = ((17.0, 10.0), (100.0, 35.0))


@dataclass(frozen=True, slots=True)
class Opening:
    """An opening of the library; times in seconds by (name, which of its kind), `attack` 0 for none that is early."""

    name: str
    race: str
    about: str
    items: dict[tuple[str, int], float]
    without: dict[tuple[str, int], float]
    attack: float = 0.0


@dataclass(frozen=True, slots=True)
class Match:
    """The nearest opening: its name or `unknown`, the distance (0 exact, 1 nothing alike), and its name anyway."""

    name: str
    distance: float
    nearest: str


@lru_cache(maxsize=1)
def library() -> tuple[Opening, ...]:
    """The openings in `replays/data/openings.yaml`."""
    text = files("replays").joinpath("data", "openings.yaml").read_text(encoding="utf-8")
    return tuple(
        Opening(
            name=row["name"],
            race=row["race"],
            about=row["about"],
            items=_times(row["items"]),
            without=_times(row.get("without", {})),
            attack=_seconds(row["attack"]) if "attack" in row else 0.0,
        )
        for row in yaml.safe_load(text)
    )


def early_attack(name: str) -> float:
    """Seconds at which the early attack of an opening reaches the enemy; 0 where it is for none, or is unknown."""
    return next((opening.attack for opening in library() if opening.name == name), 0.0)


def recognise(race: str, build: Iterable[BuildItem], length: int, start_workers: int = _TWELVE_WORKERS) -> Match | None:
    """The opening of the library that is nearest to a build order; None where the race has none.

    Args:
        build: as a replay gives it, in order. length: of the game in loops; what lies behind the end is not missed.
    """
    starts: defaultdict[str, list[float]] = defaultdict(list)
    for item in build:
        if item.status != "cancelled":
            starts[item.name].append(seconds(item.start))
    end = seconds(length)
    found = []
    for opening in library():
        if opening.race == race:
            distance, seen = _distance(opening, starts, end, start_workers)
            guessed = len(opening.items) - seen
            found.append((distance - _DETAIL_BONUS * (seen - 2 * guessed), distance, opening.name))
    if not found:
        return None
    _, distance, name = min(found)
    return Match(name if distance <= FARTHEST else UNKNOWN, distance, name)


def _distance(opening: Opening, starts: dict[str, list[float]], end: float, start_workers: int) -> tuple[float, int]:
    """Mean over the opening's items of how far off each is, 0 (within 5 s) to 1 (missing, or hardly the same thing);
    and how many of them the game was long enough for."""
    penalties: list[float] = []
    seen = 0
    for (name, which), twelve in opening.items.items():
        wanted = twelve + _later(twelve, start_workers)
        slack = 10.0 + 0.2 * wanted
        times = starts.get(name, ())
        seen += 1
        if len(times) >= which:
            off = max(0.0, abs(times[which - 1] - wanted) - _EXACT_SECONDS)
            penalties.append(min(1.0, off / slack))
        elif end > wanted + slack:
            penalties.append(1.0)
        else:
            seen -= 1
    for (name, which), twelve in opening.without.items():
        times = starts.get(name, ())
        early = len(times) >= which and times[which - 1] < twelve + _later(twelve, start_workers)
        # What must not be there is no item of its own: it only ever makes the distance larger.
        if early:
            penalties.append(1.0)
    return (sum(penalties) / len(penalties) if penalties else 1.0), seen


def _later(wanted: float, start_workers: int) -> float:
    if start_workers >= _TWELVE_WORKERS:
        return 0.0
    (first, least), (last, most) = _LATER_START
    share = min(1.0, max(0.0, (wanted - first) / (last - first)))
    return least + share * (most - least)


def _times(rows: dict[str, str]) -> dict[tuple[str, int], float]:
    found: dict[tuple[str, int], float] = {}
    for key, value in rows.items():
        name, _, which = key.partition(" ")
        found[(name, int(which) if which else 1)] = _seconds(value)
    return found


def _seconds(clock: str) -> float:
    minutes, _, rest = clock.partition(":")
    return 60.0 * int(minutes) + int(rest)
