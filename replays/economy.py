"""How well a player kept its money at work, and the bases it came from."""

from __future__ import annotations

import math
from typing import Final

from replays.costs import TOWN_HALLS, WORKERS, Costs
from replays.model import LOOPS_PER_MINUTE, Base, Economy, Span, StatsTimeline, UnitLife

# The spending quotient was fitted on rates per 60 of the old clock's seconds, of 16 loops each.
_OLD_MINUTE_LOOPS: Final = 960
_SHORTEST_FOR_QUOTIENT_LOOPS: Final = 3 * LOOPS_PER_MINUTE
RATES_PER_MINUTE_SINCE_BUILD: Final = 41743
"""From 3.2.0 on the collection rates are per 1344 loops; before, per 960."""


def economy_of(stats: StatsTimeline, units: list[UnitLife], blocks: tuple[Span, ...], length: int) -> Economy:
    """Sums up one player's economy; `units` are the player's."""
    later = stats.loops >= LOOPS_PER_MINUTE
    rows = later if later.any() else stats.loops >= 0
    any_row = bool(rows.any())
    income = float(stats.income[rows].mean()) if any_row else 0.0
    unspent = float(stats.unspent[rows].mean()) if any_row else 0.0
    workers = [unit for unit in units if unit.names[0][1] in WORKERS]
    return Economy(
        spending_quotient=spending_quotient(income, unspent) if length >= _SHORTEST_FOR_QUOTIENT_LOOPS else None,
        mean_income=income,
        mean_unspent=unspent,
        workers_made=sum(not unit.starting for unit in workers),
        workers_lost=sum(unit.killer not in (None, unit.owner) for unit in workers if unit.died is not None),
        supply_blocks=blocks,
    )


def spending_quotient(income: float, unspent: float) -> float | None:
    """The community's measure of spending (whatthefat, 2011): about 60 in the lower leagues, 100 and more for pros.

    Args:
        income: value collected per 1344 loops, mean over the game. unspent: value in the bank, mean.

    Returns:
        None where nothing was collected or saved, for which the formula has no answer.
    """
    if income <= 0 or unspent <= 0:
        return None
    return 35 * (0.00137 * income * _OLD_MINUTE_LOOPS / LOOPS_PER_MINUTE - math.log(unspent)) + 240


def bases_of(units: list[UnitLife], costs: Costs) -> tuple[Base, ...]:
    """The player's town halls in the order they were begun; a cancelled one is left out."""
    found: list[Base] = []
    for unit in units:
        if unit.names[0][1] not in TOWN_HALLS:
            continue
        if unit.finished is None and unit.died is not None and unit.killer in (None, unit.owner):
            continue
        found.append(
            Base(
                name=costs.base(unit.name),
                x=unit.x,
                y=unit.y,
                started=0 if unit.starting else unit.started or 0,
                finished=unit.finished,
                lost=unit.died,
                lost_to=unit.killer if unit.died is not None else None,
                starting=unit.starting,
            )
        )
    return tuple(found)
