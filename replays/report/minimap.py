"""The map as SVG: where the players' units were, bases, mineral fields, engagements.

A replay has no terrain; mineral fields and geysers, which it does have, show where bases can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import log1p, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from replays.model import Base, Engagement, ReplayData, clock
from replays.names import display_name
from replays.words import place_of

SIZE: Final = 560
_MARGIN_CELLS: Final = 14
_HEAT_CELLS: Final = 4
_MOST_FIGHTS: Final = 24
_LARGEST_RADIUS: Final = 26.0


@dataclass(frozen=True, slots=True)
class _Frame:
    """The part of the map that is drawn; cells -> pixels, with y downwards."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def scale(self) -> float:
        return SIZE / max(self.width, self.height)

    def x(self, cell: float) -> float:
        return (cell - self.left) * self.scale

    def y(self, cell: float) -> float:
        return (self.bottom + self.height - cell) * self.scale


def draw(replay: ReplayData, numbers: dict[int, int]) -> str:
    """The map of a game.

    Args:
        numbers: engagement (its place in the replay's list) -> the number it has in the page's text.
    """
    frame = _frame(replay)
    width, height = f"{frame.width * frame.scale:.0f}", f"{frame.height * frame.scale:.0f}"
    parts = [f'<rect class="ground" width="{width}" height="{height}"/>']
    for number, player in enumerate(replay.players):
        parts.append(_heat(replay, player.player_id, f"p{number}", frame))
    for resource in replay.resources:
        x, y = frame.x(resource.x - 1), frame.y(resource.y + 0.5)
        parts.append(
            f'<rect class="{escape(resource.kind)}" x="{x:.1f}" y="{y:.1f}" '
            f'width="{2 * frame.scale:.1f}" height="{frame.scale:.1f}"/>'
        )
    largest = sorted(range(len(replay.engagements)), key=lambda index: -replay.engagements[index].value)[:_MOST_FIGHTS]
    most = max((replay.engagements[index].value for index in largest), default=1)
    parts += [_fight(replay, index, numbers.get(index), most, frame) for index in largest]
    for number, player in enumerate(replay.players):
        for index, base in enumerate(player.bases, start=1):
            parts.append(_base(base, index, f"p{number}", player.name, frame))
    return (
        f'<svg class="map" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="map with bases, engagements and where units were">{"".join(parts)}</svg>'
    )


def _frame(replay: ReplayData) -> _Frame:
    xs = [resource.x for resource in replay.resources]
    ys = [resource.y for resource in replay.resources]
    for player in replay.players:
        xs += [base.x for base in player.bases]
        ys += [base.y for base in player.bases]
    left, bottom = min(xs) - _MARGIN_CELLS, min(ys) - _MARGIN_CELLS
    return _Frame(left, bottom, max(xs) + _MARGIN_CELLS - left, max(ys) + _MARGIN_CELLS - bottom)


def _heat(replay: ReplayData, player: int, kind: str, frame: _Frame) -> str:
    """Squares that are darker where more of a player's units were reported."""
    if replay.timelines is None or player not in replay.timelines.positions:
        return ""
    seen: NDArray[np.int32] = replay.timelines.positions[player]
    cells, counts = np.unique(seen[:, 1:3] // _HEAT_CELLS, axis=0, return_counts=True)
    most = log1p(int(counts.max())) if len(counts) else 1.0
    side = _HEAT_CELLS * frame.scale
    parts = []
    for (column, row), count in zip(cells.tolist(), counts.tolist(), strict=True):
        x, y = frame.x(column * _HEAT_CELLS), frame.y((row + 1) * _HEAT_CELLS)
        opacity = 0.08 + 0.42 * log1p(count) / most
        parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{side:.1f}" height="{side:.1f}" opacity="{opacity:.2f}"/>')
    return f'<g class="heat {kind}">{"".join(parts)}</g>'


def _fight(replay: ReplayData, index: int, number: int | None, most: int, frame: _Frame) -> str:
    fight: Engagement = replay.engagements[index]
    first, second = replay.players
    swing = fight.losses[first.player_id].value - fight.losses[second.player_id].value
    kind = "p1" if swing > 0 else "p0"
    radius = max(4.0, _LARGEST_RADIUS * sqrt(fight.value / most))
    x, y = frame.x(fight.x), frame.y(fight.y)
    lost = ", ".join(f"{player.name} loses {fight.losses[player.player_id].value:,}" for player in replay.players)
    text = escape(f"{clock(fight.start)}, {place_of(fight, replay)}: {lost}")
    label = f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{number}</text>' if number is not None else ""
    return (
        f'<g class="fight {kind}"><circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>{label}<title>{text}</title></g>'
    )


def _base(base: Base, number: int, kind: str, owner: str, frame: _Frame) -> str:
    side = 5 * frame.scale
    x, y = frame.x(base.x), frame.y(base.y)
    lost = f", lost at {clock(base.lost)}" if base.lost is not None else ""
    text = escape(f"{owner}'s {display_name(base.name)}, base {number}, begun at {clock(base.started)}{lost}")
    state = " gone" if base.lost is not None else ""
    return (
        f'<g class="base {kind}{state}"><rect x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side:.1f}" '
        f'height="{side:.1f}" rx="3"/><text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{number}</text>'
        f"<title>{text}</title></g>"
    )
