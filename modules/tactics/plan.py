"""When the main army gathers, attacks, waits for stragglers and gives up: a pure function of its situation."""

from __future__ import annotations

from dataclasses import dataclass

from modules.tactics.squads import Mode


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities of winning that decide, and how long things may take.

    Attributes:
        attack_at: attack when the predicted win against everything known is at least this.
        retreat_at: leave a fight that is predicted below this.
        trapped_at: the same when the enemy is at our throats and faster, so that leaving costs as much as staying.
        together: share of the army that must be with the main body before it goes.
        hopeless_at: below this not even a full supply is a reason to go, or to stay.
        patience_loops: how long it waits for the rest.
        stay_away_loops: how long it stays out after a retreat unless things have changed.
    """

    attack_at: float = 0.6
    retreat_at: float = 0.3
    trapped_at: float = 0.12
    hopeless_at: float = 0.05
    together: float = 0.7
    patience_loops: int = 450
    stay_away_loops: int = 340


@dataclass(frozen=True, slots=True)
class Situation:
    """What the main army's next mode depends on.

    Attributes:
        mode, loops: what it does, and for how long already.
        ordered: an attack is wanted.
        size: units in it.
        together: share of it that is with the main body.
        overall: predicted win of all of it against everything known.
        local: predicted win of the main body against the enemies around it; None where there are none.
        engaged: enemies are within a few cells. outrun: these are faster than the army.
        at_rally: the main body is at the rally point.
        supply_full: there is no room for more units, waiting gains nothing.
    """

    mode: Mode
    loops: int
    ordered: bool
    size: int
    together: float
    overall: float
    local: float | None
    engaged: bool = False
    outrun: bool = False
    at_rally: bool = False
    supply_full: bool = False


def next_mode(now: Situation, limits: Thresholds) -> tuple[Mode, str]:
    """The mode that follows, and why."""
    local, mode = now.local, now.mode
    if not now.size:
        return Mode.GATHER, "no army"
    leave_below = limits.trapped_at if now.engaged and now.outrun else limits.retreat_at
    go_at = limits.attack_at
    if now.supply_full:
        leave_below = go_at = limits.hopeless_at
    if mode in (Mode.ATTACK, Mode.REGROUP, Mode.HUNT):
        if local is not None and local < leave_below:
            return Mode.RETREAT, f"this fight is lost ({local:.0%})"
        if not now.ordered and (local is None or not now.engaged):
            return Mode.GATHER, "no attack is wanted"
        if local is None and mode is not Mode.REGROUP and now.together < 0.8 * limits.together:
            return Mode.REGROUP, f"only {now.together:.0%} are together"
        if mode is Mode.REGROUP and not (
            local is not None or now.together >= limits.together or now.loops > limits.patience_loops
        ):
            return Mode.REGROUP, f"waiting, {now.together:.0%} are together"
        return Mode.ATTACK, "on the way" if local is None else f"fighting ({local:.0%})"
    if mode is Mode.RETREAT:
        if local is not None and local > limits.attack_at and now.ordered:
            return Mode.ATTACK, f"turning on the pursuers ({local:.0%})"
        if now.at_rally or (local is None and now.loops > limits.stay_away_loops):
            return Mode.GATHER, "away"
        return Mode.RETREAT, "getting away"
    if not now.ordered:
        return Mode.GATHER, "no attack is wanted"
    if now.overall < go_at:
        return Mode.GATHER, f"too weak ({now.overall:.0%})"
    if now.together < limits.together and now.loops < limits.patience_loops:
        return Mode.GATHER, f"gathering, {now.together:.0%} are together"
    return Mode.ATTACK, "all in, supply is full" if now.supply_full else f"strong enough ({now.overall:.0%})"
