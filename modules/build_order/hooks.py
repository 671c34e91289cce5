"""What a build does where data is not enough: functions that have the last word on its wishes.

A file names one with `hook: NAME`. A hook gets the build, the situation and the wishes, most important first, and
returns the wishes that hold; it must be pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from modules.build_order.planner import Fill, Wish
from modules.items import TOWNHALLS, Catalogue

if TYPE_CHECKING:
    from modules.build_order.builds import Build
    from modules.build_order.wishes import Situation

Hook: TypeAlias = "Callable[[Build, Situation, list[Wish | Fill], Catalogue], list[Wish | Fill]]"

BASES_AHEAD: Final = 1
MOST_BASES: Final = 6


def one_base_ahead(build: Build, now: Situation, found: list[Wish | Fill], catalogue: Catalogue) -> list[Wish | Fill]:
    """Keep one base more than the enemy is known to have, as soon as the opening is over and nobody attacks."""
    enemy = sum(count for kind, count in now.seen.items() if kind in TOWNHALLS)
    wanted = min(MOST_BASES, enemy + BASES_AHEAD)
    if not now.opening_over or now.threatened or now.alarm or now.bases >= wanted or now.bases > now.ready_bases:
        return found
    return [Wish(catalogue.townhall, wanted, "one base ahead"), *found]


HOOKS: Final[Mapping[str, Hook]] = {"one_base_ahead": one_base_ahead}
