"""The part of the page about the mind of a bot: its selector's values, what it switched to and why, its fights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

from cherrypy_bot.core.trace_read import Trace
from replays.details import clean_text
from replays.errors import ReplayError
from replays.model import LOOPS_PER_MINUTE, ReplayData, clock
from replays.names import opening_title
from replays.report import charts

MOST_CHANGES: Final = 60
MOST_BUILDS: Final = 6
MOST_APART_LOOPS: Final = LOOPS_PER_MINUTE // 4
BUILD_CHANGE: Final = "build order"
_TOLD: Final = ("strategy", "build_order", "selector")
"""Modules whose every note is told; of others only what changes their main decision."""
_LONGEST_TEXT: Final = 160
_ABOUT_BUILDS: Final = {"build", "switch", "opening"}


@dataclass(frozen=True, slots=True)
class Change:
    """A decision: when, by which module, what it is now, and the reason where the bot wrote one."""

    loop: int
    module: str
    what: str
    why: str


@dataclass(slots=True)
class Decisions:
    """What a trace says of the larger decisions of one match.

    Attributes:
        bot: its name in the trace.
        changes: in the order of time.
        selector: build -> (loop, probability of winning when switching to it then).
        policy: who chose the build orders, "" where the trace does not say.
        predicted: (loop, probability of winning the fight before it).
    """

    bot: str
    changes: list[Change] = field(default_factory=list)
    selector: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    policy: str = ""
    predicted: list[tuple[int, float]] = field(default_factory=list)


def decisions_of(trace: Trace, replay: ReplayData) -> Decisions:
    """The larger decisions in a trace.

    Raises:
        ReplayError: where the trace is of another match than the replay, or holds no decisions.
    """
    last = max((record.get("loop", 0) for record in trace.records), default=0)
    if trace.header.get("bot") == "world":
        raise ReplayError("the trace is the spectator's and holds no decisions; give the one of the bot")
    map_name = trace.header.get("map")
    if abs(last - replay.length) > MOST_APART_LOOPS or map_name not in (None, replay.map_name):
        raise ReplayError(
            f"the trace is of another match ({map_name}, {clock(last)}) than the replay "
            f"({replay.map_name}, {clock(replay.length)}); give the two of one match"
        )
    found = Decisions(clean_text(trace.header.get("bot")) or "the bot")
    main: dict[str, str] = {}
    # By loop: what is decided before the first step stands in a record of its own.
    notes: dict[int, list[dict[str, Any]]] = {}
    for record in trace.records:
        notes.setdefault(int(record.get("loop", 0)), []).extend(facts for _, facts in _facts(record))
    for record in trace.records:
        loop = int(record.get("loop", 0))
        found.changes += _build_change(loop, record, main, notes.get(loop, []))
        found.changes += _notes(loop, record, main)
        found.policy = found.policy or _policy(record)
        for build, value in _selector_values(record):
            found.selector.setdefault(build, []).append((loop, value))
        for entry in record.get("predicted", ()):
            for name, value in _numbers(entry[1] if isinstance(entry, list) and len(entry) == 2 else None):
                if name == "win":
                    found.predicted.append((loop, value))
    return found


def render(decisions: Decisions, replay: ReplayData) -> str:
    """The section as HTML."""
    bot = escape(decisions.bot)
    drawn = []
    if decisions.selector:
        ranked = sorted(decisions.selector, key=lambda build: -max(value for _, value in decisions.selector[build]))
        series = tuple(
            charts.Series(f"b{number}", opening_title(build), *_percent(decisions.selector[build]), steps=True)
            for number, build in enumerate(ranked[:MOST_BUILDS])
        )
        note = f"Of {len(ranked)} build orders the {len(series)} that were thought best at some time. " * (
            len(ranked) > len(series)
        )
        switches = [change for change in decisions.changes if change.module == BUILD_CHANGE and change.loop > 0]
        marks = tuple(
            charts.Mark(one.loop, str(number), f"{clock(one.loop)} {one.what}: {one.why}")
            for number, one in enumerate(switches, start=1)
        )
        if marks:
            note += "Dotted lines with numbers: the changes of build order, in the order of the table."
        chart = charts.Chart(
            *("Selector", "% chance to win when switching now", series, replay.length),
            marks=marks,
            least_top=100.0,
            note=note,
        )
        drawn.append(chart)
        legend = "".join(
            f'<span class="b{number}"><i></i> {escape(one.label)}</span>' for number, one in enumerate(series)
        )
    else:
        what = f"{decisions.policy} gave no probabilities" if decisions.policy else "This bot chose without a selector"
        legend = f"<span>{escape(what)}; there are no values in the trace.</span>"
    if decisions.predicted:
        fights = charts.Series("b0", "predicted", *_percent(decisions.predicted), dots=True)
        drawn.append(charts.Chart("Fights ahead", "% chance to win", (fights,), replay.length, least_top=100.0))
    shown = decisions.changes[:MOST_CHANGES]
    rows = "".join(
        f'<tr><td class="n">{clock(one.loop)}</td><td>{escape(one.module)}</td><td>{escape(one.what)}</td>'
        f"<td>{escape(one.why)}</td></tr>"
        for one in shown
    )
    more = len(decisions.changes) - len(shown)
    cut = f'<p class="note">{more} more are in the trace.</p>' if more > 0 else ""
    pictures = f'<div class="charts">{"".join(charts.draw(chart) for chart in drawn)}</div>' if drawn else ""
    return (
        f'<h2>What {bot} decided</h2><div class="legend">{legend}</div>{pictures}'
        '<div class="card scroll"><table><thead><tr><th class="n">time</th><th>module</th><th>decision</th>'
        f"<th>reason</th></tr></thead><tbody>{rows}</tbody></table>{cut}</div>"
    )


def _percent(points: list[tuple[int, float]]) -> tuple[list[int], list[float]]:
    return [loop for loop, _ in points], [100.0 * value for _, value in points]


def _build_change(
    loop: int, record: Mapping[str, Any], main: dict[str, str], notes: Sequence[Mapping[str, Any]]
) -> Iterator[Change]:
    """The build order on the blackboard is another than before."""
    board = record.get("board")
    build = board.get("build") if isinstance(board, dict) else None
    if isinstance(build, str) and build != main.get("build"):
        before = main.get("build")
        main["build"] = build
        reason = _reason(build, notes) or ("opening" if before is None else "")
        yield Change(loop, BUILD_CHANGE, clean_text(opening_title(build)), reason)


def _reason(build: str, notes: Sequence[Mapping[str, Any]]) -> str:
    """Why, as the notes of this loop say: the selector's, a reaction of the build's own, or one about build orders."""
    for facts in notes:
        choice = facts.get("selector")
        if isinstance(choice, dict) and choice.get("why"):
            decided = choice.get("decided")
            if decided == build or not (decided or choice.get("build")):
                return _text(f"{choice.get('policy', 'selector')}: {choice['why']}")
    for facts in notes:
        if facts.get("changes") and isinstance(facts["changes"], list):
            return _text(f"reaction of {facts.get('build')}: {', '.join(map(str, facts['changes']))}")
    return next((_text(facts["why"]) for facts in notes if facts.get("why") and _ABOUT_BUILDS & set(facts)), "")


def _facts(record: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The notes of a step that are as notes should be: (module, facts)."""
    for entry in record.get("notes", ()):
        if isinstance(entry, list) and len(entry) == 2 and isinstance(entry[1], dict):
            yield clean_text(entry[0]), entry[1]


def _policy(record: Mapping[str, Any]) -> str:
    """Who chooses the build orders, as a note of strategy's says."""
    choices = [facts["selector"] for _, facts in _facts(record) if isinstance(facts.get("selector"), dict)]
    return next((f"Policy {_text(choice['policy'])}" for choice in choices if choice.get("policy")), "")


def _selector_values(record: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """What the selector gave each build order in this step: a field of the step, or in a note of strategy's."""
    if record.get("selector"):
        yield from _numbers(record["selector"])
        return
    for _, facts in _facts(record):
        choice = facts.get("selector")
        if isinstance(choice, dict):
            yield from _numbers(choice.get("values", choice))


def _notes(loop: int, record: Mapping[str, Any], main: dict[str, str]) -> Iterator[Change]:
    for module, facts in _facts(record):
        why = _text(facts.get("why", ""))
        decided = {key: value for key, value in facts.items() if key not in ("why", "selector")}
        if not decided:
            continue
        if module in _TOLD:
            yield Change(loop, module, ", ".join(f"{_text(k)} {_text(v)}" for k, v in decided.items()), why)
        elif "main" in decided and main.get(module) != str(decided["main"]):
            main[module] = str(decided["main"])
            yield Change(loop, module, _text(decided["main"]), why)


def _numbers(value: object) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, number in value.items():
            if isinstance(number, int | float) and not isinstance(number, bool) and -1e9 < number < 1e9:
                yield clean_text(str(key)), float(number)


def _text(value: object) -> str:
    plain = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "".join(char if char.isprintable() else " " for char in plain)[:_LONGEST_TEXT]
