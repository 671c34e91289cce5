"""What a played build's record says: when each step was reached, what never was, what was wasted. Pure functions.

`cherrypy-bot builds lint` plays a build against an opponent that does nothing, with a `Recorder` among the bot's
modules, and prints what `report` makes of the record.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sc2.data import Race
from sc2.dicts.unit_train_build_abilities import TRAIN_INFO
from sc2.dicts.unit_trained_from import UNIT_TRAINED_FROM
from sc2.ids.unit_typeid import UnitTypeId as U

from modules.build_order.builds import Build, OpeningStep
from modules.build_order.conditions import LOOPS_PER_SECOND
from modules.build_order.names import names, plain
from modules.build_order.recorder import Begun, Sample
from modules.items import WORKERS, Item

MOMENTS: Final = (120, 240, 330, 420)
"""Seconds at which the economy is reported: 2:00, 4:00, 5:30, 7:00."""
LATE_SECONDS: Final = 8.0
"""An item may be begun so much later than in a real game of the same kind."""
COMPARED_ITEMS: Final = 25
SKIPPED: Final = frozenset({U.OVERLORD, U.ZERGLING})
"""Zerg's overlords and zerglings follow larvae and threats, not a plan: only how many there are is compared."""


@dataclass(frozen=True, slots=True)
class StepReport:
    """One item of the opening.

    Attributes:
        step: as "14 supplydepot" or "1:10 refinery"; number: which of several.
        seconds: when it was begun, None when never.
        supply, minerals, gas: in use and in the bank just after that.
    """

    step: str
    number: int
    seconds: float | None
    supply: float = 0
    minerals: int = 0
    gas: int = 0


@dataclass(frozen=True, slots=True)
class Late:
    """An item that was begun later than in the real game; seconds None when never. `reason`: of the build's file."""

    item: str
    number: int
    seconds: float | None
    real_seconds: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a record says.

    Attributes:
        build, race: which. seconds: how long was played.
        steps: of the opening, in its order.
        never: things that the composition names and that were never begun in that time.
        economy: samples at MOMENTS, by seconds.
        blocked_seconds: with money for a worker, but no supply.
        idle_share: of production slots times time, while the opening lasted and after it; larvae: unused on average.
        floating: minerals in the bank on average.
        late: items later than in the real game, by `like`; () where there was nothing to compare with.
    """

    build: str
    race: str
    seconds: float
    steps: tuple[StepReport, ...]
    never: tuple[str, ...]
    economy: Mapping[int, Sample]
    blocked_seconds: float
    idle_share: float
    larvae: float
    floating: float
    late: tuple[Late, ...] = ()

    @property
    def missed(self) -> tuple[str, ...]:
        """Steps that were never reached."""
        return tuple(step.step for step in self.steps if step.seconds is None)

    @property
    def unexcused(self) -> tuple[Late, ...]:
        """Late items for which the file gives no reason."""
        return tuple(late for late in self.late if not late.reason)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        plain_data = asdict(self)
        plain_data["missed"] = list(self.missed)
        plain_data["economy"] = {seconds: sample.as_dict() for seconds, sample in self.economy.items()}
        return plain_data


def report(
    build: Build,
    begun: Sequence[Begun],
    samples: Sequence[Sample],
    blocked: Iterable[tuple[int, int]],
    loops: int,
    real: Mapping[Item, Sequence[float]] | None = None,
) -> Report:
    """Sum up a record.

    Args:
        build: that was played. begun, samples, blocked: as `Recorder` has them. loops: length of the game.
        real: seconds at which each item was begun in the real game of `build.like`, None without one.
    """
    times = _times(begun)
    steps = _steps(build, begun)
    samples = list(samples)
    economy = {
        seconds: min(samples, key=lambda s: abs(s.loop - seconds * LOOPS_PER_SECOND))
        for seconds in MOMENTS
        if samples and seconds * LOOPS_PER_SECOND <= loops + 200
    }
    slots = sum(sample.slots for sample in samples)
    return Report(
        build=build.name,
        race=build.race.name.lower(),
        seconds=round(loops / LOOPS_PER_SECOND, 1),
        steps=steps,
        never=_never(build, times),
        economy=economy,
        blocked_seconds=round(sum(length for _, length in blocked) / LOOPS_PER_SECOND, 1),
        idle_share=round(sum(sample.idle for sample in samples) / slots, 3) if slots else 0.0,
        larvae=round(sum(s.larvae for s in samples) / len(samples), 2) if samples else 0.0,
        floating=round(sum(s.minerals for s in samples) / len(samples), 1) if samples else 0.0,
        late=compare(build, times, real) if real is not None else (),
    )


def _times(begun: Sequence[Begun]) -> dict[Item, list[float]]:
    found: defaultdict[Item, list[float]] = defaultdict(list)
    for entry in begun:
        found[entry.item].append(entry.loop / LOOPS_PER_SECOND)
    return {item: sorted(times) for item, times in found.items()}


def _steps(build: Build, begun: Sequence[Begun]) -> tuple[StepReport, ...]:
    by_item: defaultdict[Item, list[Begun]] = defaultdict(list)
    for entry in sorted(begun, key=lambda b: b.loop):
        by_item[entry.item].append(entry)
    used: Counter[Item] = Counter()
    found = []
    for step in build.opening:
        for _ in range(step.count):
            number = used[step.item]
            used[step.item] += 1
            text = f"{_when(step)} {step.item.name.lower()}"
            made = by_item[step.item]
            if number < len(made):
                one = made[number]
                seconds = round(one.loop / LOOPS_PER_SECOND, 1)
                found.append(StepReport(text, number + 1, seconds, one.supply, one.minerals, one.gas))
            else:
                found.append(StepReport(text, number + 1, None))
    return tuple(found)


def _when(step: OpeningStep) -> str:
    """The moment of a step as its file says it: a supply, or minutes and seconds."""
    seconds = round(step.at_loops / LOOPS_PER_SECOND)
    return f"{seconds // 60}:{seconds % 60:02d}" if step.at_loops else str(step.supply)


def _never(build: Build, times: Mapping[Item, Sequence[float]]) -> tuple[str, ...]:
    """Army units and structures of the plan without its phases that were not begun once."""
    named: list[Item] = [*build.army, *build.structures, *build.addons, *build.guard]
    return tuple(sorted({item.name.lower() for item in named if item not in times and item is not U.ARCHON}))


# -- real openings ---------------------------------------------------------------------------------


def real_times(facts: Mapping[str, Any], like: str, race: Race) -> dict[Item, list[float]] | None:
    """When each item was begun in a real game.

    Args:
        facts: the content of `facts/openings.json` of the reference data.
        like: part of a replay's name, and the number of the player where both are of the race ("TvT_Hardwire 2").
        race: of the player.

    Returns:
        Seconds by item, ascending, of its first 25 items; None when there is no such game.
    """
    name, _, number = like.partition(" ")
    for replay, entry in facts.get("replays", {}).items():
        if not name or name not in replay:
            continue
        players = [player for player in entry["players"] if player["race"].lower() == race.name.lower()]
        index = int(number) - 1 if number.isdigit() else 0
        if index >= len(players):
            return None
        known = names(race)
        found: defaultdict[Item, list[float]] = defaultdict(list)
        entries = players[index]["build"][:COMPARED_ITEMS]
        starts = _possible_starts(entries, known) if race == Race.Protoss else [made["start"] for made in entries]
        for made, start in zip(entries, starts, strict=True):
            item = known.get(plain(made["name"]))
            if item is not None and item not in WORKERS:
                found[item].append(start / LOOPS_PER_SECOND)
        return {item: sorted(times) for item, times in found.items()}
    return None


def _possible_starts(entries: Sequence[Mapping[str, Any]], known: Mapping[str, Item]) -> list[int]:
    """Starts of a Protoss player's items, estimated ones not before they were possible.

    An estimate is the end less the build time, which is too early where Chrono Boost helped. The unit cannot have
    begun before what it requires was finished, nor before its maker, one of those that stood, was free.
    """
    ends: defaultdict[Item, list[int]] = defaultdict(list)
    for made in entries:
        item = known.get(plain(made["name"]))
        if item is not None and made["kind"] == "structure" and made.get("done") is not None:
            ends[item].append(made["done"])
    free = {maker: sorted(done) for maker, done in ends.items()}
    found = []
    for made in entries:
        item, start = known.get(plain(made["name"])), int(made["start"])
        makers = UNIT_TRAINED_FROM.get(item, set()) - {U.WARPGATE} if isinstance(item, U) else set()
        maker = next((kind for kind in makers if kind in free), None)
        if made.get("start_source") == "est" and maker is not None and isinstance(item, U):
            needed = TRAIN_INFO[maker][item].get("required_building")
            start = max([start, free[maker][0], *(min(ends[kind]) for kind in (needed,) if kind in ends)])
            free[maker] = sorted([*free[maker][1:], max(start, int(made["done"]))])
        found.append(start)
    return found


def compare(
    build: Build, times: Mapping[Item, Sequence[float]], real: Mapping[Item, Sequence[float]]
) -> tuple[Late, ...]:
    """Items that were begun more than LATE_SECONDS later than in the real game, the worst first."""
    found = []
    for item, expected in real.items():
        made = times.get(item, ())
        for number, real_seconds in enumerate(expected):
            seconds = made[number] if number < len(made) else None
            if item in SKIPPED or (seconds is not None and seconds <= real_seconds + LATE_SECONDS):
                continue
            found.append(
                Late(
                    item.name.lower(),
                    number + 1,
                    round(seconds, 1) if seconds is not None else None,
                    round(real_seconds, 1),
                    _reason(build, item, number + 1),
                )
            )
    return tuple(sorted(found, key=lambda late: -((late.seconds or 1e6) - late.real_seconds)))


def _reason(build: Build, item: Item, number: int) -> str:
    """The file's reason for an item: the one given from the highest number on that is not above its own."""
    given = {since: text for (kind, since), text in (build.reasons or {}).items() if kind is item and since <= number}
    return given[max(given)] if given else ""
