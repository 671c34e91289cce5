"""A game in words: where a fight was, what it cost, and the moments that decided."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import hypot
from typing import Final

from replays.model import LOOPS_PER_MINUTE, Engagement, Losses, PlayerData, ReplayData, clock, seconds
from replays.names import counted, display_name

BASE_REACH_CELLS: Final = 20.0
_MOST_MOMENTS: Final = 12
_SMALLEST_SWING: Final = 200
_SWING_SHARE: Final = 0.04
_MANY_WORKERS: Final = 5
_WORKER_WEIGHT: Final = 50
_LONG_BLOCK_SECONDS: Final = 15.0
_BLOCK_WEIGHT: Final = 12
_BASE_WEIGHT: Final = 700.0
_FALL_REACH_CELLS: Final = 26.0
_EARLY_BASES: Final = 3
_BASE_LEAD_LOOPS: Final = LOOPS_PER_MINUTE
_LISTED: Final = 3


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that mattered: when, to whom it was good (None: to no one), how much, in one sentence.

    Attributes:
        weight: value that changed hands, or what comes near it; only for choosing the largest.
        fight: number of the engagement in the replay's list, None where it is none.
    """

    loop: int
    good_for: int | None
    weight: float
    text: str
    fight: int | None = None


def place_of(fight: Engagement, replay: ReplayData) -> str:
    """Where a fight was: whose base, or a cell of the map."""
    nearest: tuple[float, str] | None = None
    for player in replay.players:
        for number, base in enumerate(player.bases, start=1):
            stood = base.started <= fight.end and (base.lost is None or base.lost >= fight.start)
            distance = hypot(base.x - fight.x, base.y - fight.y)
            if stood and distance <= BASE_REACH_CELLS and (nearest is None or distance < nearest[0]):
                nearest = (distance, f"{player.name}'s {'main' if base.starting else f'base {number}'}")
    return nearest[1] if nearest is not None else f"the field at ({fight.x:.0f}, {fight.y:.0f})"


def units_text(losses: Losses, most: int = 4) -> str:
    """12 Marines, 3 Medivacs and others; `nothing` where nothing was lost."""
    lost = Counter(losses.units).most_common()
    parts = [counted(count, name) for name, count in lost[:most]]
    return ", ".join(parts) + (" and others" if len(lost) > most else "") if parts else "nothing"


def moments(replay: ReplayData) -> list[Moment]:
    """The moments that mattered most, in order of time, the end last."""
    falls = sorted((fall for player in replay.players for fall in _falls(replay, player)), key=lambda fall: fall.loop)
    found: list[Moment] = []
    for number, fight in enumerate(replay.engagements):
        here = [fall for fall in falls if fall.is_part_of(fight)]
        falls = [fall for fall in falls if fall not in here]
        moment = _fight_moment(replay, fight, number, here)
        if moment is not None:
            found.append(moment)
        else:
            falls += here
    found.extend(Moment(fall.loop, fall.good_for, _BASE_WEIGHT, fall.text) for fall in falls)
    for player in replay.players:
        found.extend(_blocks(player))
    found.extend(_expansion_leads(replay))
    found.sort(key=lambda moment: -moment.weight)
    chosen = sorted(found[:_MOST_MOMENTS], key=lambda moment: moment.loop)
    return [*chosen, _ending(replay)]


@dataclass(frozen=True, slots=True)
class _Fall:
    """A base that the enemy destroyed."""

    loop: int
    x: int
    y: int
    good_for: int
    text: str

    def is_part_of(self, fight: Engagement) -> bool:
        near = hypot(self.x - fight.x, self.y - fight.y) <= _FALL_REACH_CELLS
        return near and fight.start <= self.loop <= fight.end


def _fight_moment(replay: ReplayData, fight: Engagement, number: int, falls: list[_Fall]) -> Moment | None:
    first, second = replay.players
    swing = fight.losses[first.player_id].value - fight.losses[second.player_id].value
    loser, winner = (first, second) if swing > 0 else (second, first)
    lost, won = fight.losses[loser.player_id], fight.losses[winner.player_id]
    if falls and sum(lost.units.values()) == len(falls) and not won.value:
        # Nothing but the base was lost: its fall says it all.
        return Moment(falls[0].loop, falls[0].good_for, _BASE_WEIGHT, " ".join(fall.text for fall in falls), number)
    largest_army = max(fight.army_before.values(), default=0)
    if abs(swing) < max(_SMALLEST_SWING, _SWING_SHARE * largest_army) and lost.workers < _MANY_WORKERS:
        return None
    weight = abs(swing) + _WORKER_WEIGHT * lost.workers + _BASE_WEIGHT * len(falls)
    where = place_of(fight, replay)
    where = f"in {where}" if where.startswith("the field") else f"at {where}"
    workers = f", {lost.workers} workers among the losses" if lost.workers >= _MANY_WORKERS else ""
    for_what = f"for {won.value:,}" if won.value else "for nothing"
    text = (
        f"{loser.name} loses {lost.value:,} {for_what} {where}{workers}: "
        f"{units_text(lost, _LISTED)} against {units_text(won, _LISTED)}."
    )
    return Moment(fight.start, winner.player_id, weight, " ".join([text, *(fall.text for fall in falls)]), number)


def _falls(replay: ReplayData, player: PlayerData) -> list[_Fall]:
    other = next(one for one in replay.players if one.player_id != player.player_id)
    found = []
    for number, base in enumerate(player.bases, start=1):
        if base.lost is None or base.lost_to != other.player_id:
            continue
        what = "main" if base.starting else f"base {number}"
        left = sum(
            one.finished is not None and one.finished <= base.lost and (one.lost is None or one.lost > base.lost)
            for one in player.bases
        )
        remaining = f"{left} left" if left else "no base left"
        text = f"{player.name}'s {what} ({display_name(base.name)}) falls; {remaining}."
        found.append(_Fall(base.lost, base.x, base.y, other.player_id, text))
    return found


def _blocks(player: PlayerData) -> list[Moment]:
    return [
        Moment(
            block.start,
            None,
            _BLOCK_WEIGHT * seconds(block.loops),
            f"{player.name} is supply blocked for {seconds(block.loops):.0f} s.",
        )
        for block in player.economy.supply_blocks
        if seconds(block.loops) >= _LONG_BLOCK_SECONDS
    ]


def _expansion_leads(replay: ReplayData) -> list[Moment]:
    """Who took the second and third base a minute or more before the other."""
    found = []
    for number in range(2, _EARLY_BASES + 1):
        starts = [_base_start(player, number) for player in replay.players]
        for mine, theirs, player, other in (
            (starts[0], starts[1], *replay.players),
            (starts[1], starts[0], *replay.players[::-1]),
        ):
            if mine is None or (theirs is not None and theirs - mine < _BASE_LEAD_LOOPS):
                continue
            if theirs is None and replay.length - mine < _BASE_LEAD_LOOPS:
                continue
            then = f"does at {clock(theirs)}" if theirs is not None else "never does"
            text = f"{player.name} begins base {number}; {other.name} {then}."
            gap = seconds((theirs if theirs is not None else replay.length) - mine)
            found.append(Moment(mine, player.player_id, min(600.0, 4.0 * gap), text))
    return found


def _base_start(player: PlayerData, number: int) -> int | None:
    starts = sorted(base.started for base in player.bases)
    return starts[number - 1] if len(starts) >= number else None


def _ending(replay: ReplayData) -> Moment:
    armies = {player.player_id: int(player.stats.army_value[-1]) for player in replay.players}
    winner = replay.winner
    if winner is None:
        return Moment(replay.length, None, 0.0, "The game ends without a winner in the file.")
    other = next(player for player in replay.players if player.player_id != winner.player_id)
    text = (
        f"{winner.name} wins, with {armies[winner.player_id]:,} of army against {armies[other.player_id]:,} "
        f"and {_workers(winner)} workers against {_workers(other)}."
    )
    return Moment(replay.length, winner.player_id, 0.0, text)


def _workers(player: PlayerData) -> int:
    return int(player.stats.column("workers")[-1])
