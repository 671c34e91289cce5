"""Line charts as SVG: time to the right, both players, a scale with its unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from math import ceil, floor, log10
from typing import Final

from replays.model import LOOPS_PER_MINUTE, Span, clock

WIDTH: Final = 620
HEIGHT: Final = 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 12, 14, 36
_MOST_TIME_TICKS: Final = 12
_LABEL_WIDTH: Final = 11.0
_VALUE_TICKS: Final = 4


@dataclass(frozen=True, slots=True)
class Series:
    """Points (loop, value) as a line; `kind` is its CSS class, `steps` draws stairs, `dots` no line but the points."""

    kind: str
    label: str
    loops: Sequence[int]
    values: Sequence[float]
    steps: bool = False
    dots: bool = False


@dataclass(frozen=True, slots=True)
class Shade:
    """A stretch of time drawn as a band in the lower or upper half of the chart, with a text on hovering."""

    kind: str
    span: Span
    text: str
    lane: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment: a thin line through the chart, with its number on top."""

    loop: int
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What one chart shows."""

    title: str
    unit: str
    series: tuple[Series, ...]
    length: int
    shades: tuple[Shade, ...] = ()
    marks: tuple[Mark, ...] = ()
    least_top: float = 10.0
    note: str = field(default="")


def draw(chart: Chart) -> str:
    """The chart as a figure with its title, legend and axes."""
    top = _nice_ceiling(max([chart.least_top, *(max(one.values, default=0.0) for one in chart.series)]))
    parts = [_shade(chart, shade) for shade in chart.shades]
    parts += _grid(chart, top)
    parts += _marks(chart)
    parts += [_line(chart, one, top) for one in chart.series]
    label = escape(f"{chart.title}, {chart.unit}, over time")
    note = f'<p class="note">{escape(chart.note)}</p>' if chart.note else ""
    return (
        f'<figure class="chart"><figcaption>{escape(chart.title)} <span class="unit">{escape(chart.unit)}</span>'
        f"</figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>{note}</figure>'
    )


def _x(chart: Chart, loop: float) -> float:
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * min(1.0, max(0.0, loop / chart.length))


def _y(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * min(1.0, max(0.0, value / top))


def _grid(chart: Chart, top: float) -> list[str]:
    floor_y = HEIGHT - _BOTTOM
    parts = []
    for step in range(_VALUE_TICKS + 1):
        value = top * step / _VALUE_TICKS
        y = _y(value, top)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,.0f}</text>')
    minutes = chart.length / LOOPS_PER_MINUTE
    step_minutes = max(1, ceil(minutes / _MOST_TIME_TICKS))
    for minute in range(0, floor(minutes) + 1, step_minutes):
        x = _x(chart, minute * LOOPS_PER_MINUTE)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{floor_y}" y2="{floor_y + 4}"/>')
        parts.append(f'<text class="tick" x="{x:.1f}" y="{floor_y + 17}" text-anchor="middle">{minute}:00</text>')
    parts.append(
        f'<text class="axis" x="{(_LEFT + WIDTH - _RIGHT) / 2:.0f}" y="{HEIGHT - 3}" text-anchor="middle">'
        "game time, minutes</text>"
    )
    middle = (_TOP + floor_y) / 2
    parts.append(
        f'<text class="axis" x="12" y="{middle:.0f}" text-anchor="middle" transform="rotate(-90 12 {middle:.0f})">'
        f"{escape(chart.unit)}</text>"
    )
    return parts


def _line(chart: Chart, series: Series, top: float) -> str:
    if series.dots:
        return "".join(
            f'<circle class="dot {series.kind}" cx="{_x(chart, loop):.1f}" cy="{_y(value, top):.1f}" r="3.5">'
            f"<title>{escape(f'{clock(loop)}: {value:.0f}')}</title></circle>"
            for loop, value in zip(series.loops, series.values, strict=True)
        )
    points: list[str] = []
    last_y: float | None = None
    for loop, value in zip(series.loops, series.values, strict=True):
        x, y = _x(chart, loop), _y(value, top)
        if series.steps and last_y is not None:
            points.append(f"{x:.1f},{last_y:.1f}")
        points.append(f"{x:.1f},{y:.1f}")
        last_y = y
    title = f"<title>{escape(series.label)}</title>"
    return f'<polyline class="line {series.kind}" points="{" ".join(points)}">{title}</polyline>'


def _shade(chart: Chart, shade: Shade) -> str:
    x, end = _x(chart, shade.span.start), _x(chart, shade.span.end)
    half = (HEIGHT - _TOP - _BOTTOM) / 2
    y = _TOP + half * shade.lane
    text = escape(f"{clock(shade.span.start)} to {clock(shade.span.end)}: {shade.text}")
    return (
        f'<rect class="shade {shade.kind}" x="{x:.1f}" y="{y:.1f}" width="{max(1.0, end - x):.1f}" '
        f'height="{half:.1f}"><title>{text}</title></rect>'
    )


def _marks(chart: Chart) -> list[str]:
    """Lines with their numbers; numbers of moments that lie close together are pushed apart."""
    parts = []
    free_from = 0.0
    for mark in sorted(chart.marks, key=lambda one: one.loop):
        x = _x(chart, mark.loop)
        text_x = max(x, free_from)
        free_from = text_x + _LABEL_WIDTH
        parts.append(
            f'<g class="mark"><line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{HEIGHT - _BOTTOM}"/>'
            f'<text x="{text_x:.1f}" y="{_TOP - 3}" text-anchor="middle">{escape(mark.label)}</text>'
            f"<title>{escape(mark.text)}</title></g>"
        )
    return parts


def _nice_ceiling(value: float) -> float:
    """The next of 1, 2, 3, 4, 5, 6, 8 times a power of ten at or above a value, so that quarters are round."""
    power = 10.0 ** floor(log10(max(value, 1.0)))
    for factor in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0):
        if value <= factor * power:
            return factor * power
    return 10.0 * power
