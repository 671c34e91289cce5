"""The plans that `cherrypy_bot.opponents.planned.PlannedBot` plays, one file per race, as data."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from cherrypy_bot.opponents.plans import protoss, terran, zerg
from cherrypy_bot.opponents.plans.plan import Plan

__all__ = ["PLANS", "plan_called"]

PLANS: Mapping[str, Plan] = MappingProxyType({plan.name: plan for plan in (*terran.PLANS, *protoss.PLANS, *zerg.PLANS)})


def plan_called(name: str) -> Plan:
    """The plan of that name. ValueError with the closest name where there is none."""
    if name not in PLANS:
        close = get_close_matches(name, PLANS, n=1)
        hint = f"; did you mean '{close[0]}'?" if close else f"; there are {', '.join(PLANS)}"
        raise ValueError(f"no plan is called '{name}'{hint}")
    return PLANS[name]
