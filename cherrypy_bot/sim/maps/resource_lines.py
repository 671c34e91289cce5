"""Standard resource lines: eight mineral fields and two geysers around a town hall.

A line is a list of offsets from the town hall's centre (x.5, y.5) to the centre of each resource. The positions are
those that ladder maps use: every footprint keeps the three cell gap that the game demands between town hall and
resources, far patches (the second row) hold 900 and near ones 1800 on most bases, and python-sc2's search for the
best town hall position gives back exactly the centre. Mineral fields are two cells wide and one high, so a line can
be mirrored in x and y but not turned by a quarter.
"""

from __future__ import annotations

from dataclasses import dataclass

from cherrypy_bot.sim.maps.neutrals import GEYSER, MINERAL_FIELD, MINERAL_FIELD_750


@dataclass(frozen=True)
class Resource:
    """One resource of a line: `dx`, `dy` from the town hall centre to the resource centre, in cells."""

    type_id: int
    dx: float
    dy: float


Line = tuple[Resource, ...]


def _line(near: str, far: str, gas: str) -> Line:
    rows = ((MINERAL_FIELD, near), (MINERAL_FIELD_750, far), (GEYSER, gas))
    return tuple(
        Resource(type_id, *(float(n) for n in pair.split(","))) for type_id, text in rows for pair in text.split()
    )


# Offsets counted on the twelve captured ladder maps; the number is how many bases there use each.
_LINES = (
    # corner: minerals on two sides, a geyser at both ends (30)
    _line("-6.5,0 -6.5,2 -2.5,6 0.5,6", "-7.5,1 -6.5,4 -5.5,5 -0.5,7", "-7,-3 4,7"),
    # corner, closed arc (18)
    _line("-6.5,0 -6.5,2 -5.5,5 -0.5,6", "-7.5,1 -6.5,4 -4.5,6 -1.5,7", "-7,-3 3,7"),
    # corner, both geysers at the same end (10)
    _line("-0.5,6 2.5,6 6.5,2 6.5,0", "0.5,7 5.5,5 6.5,4 7.5,1", "-7,3 -4,7"),
    # bow below the town hall, geysers left and right (10)
    _line("-6.5,-4 -2.5,-6 2.5,-6 6.5,-4", "-5.5,-5 -1.5,-7 1.5,-7 5.5,-5", "-7,-1 7,-1"),
    # bow left of the town hall, geysers above and below (7)
    _line("-6.5,-2 -6.5,2 -5.5,-5 -5.5,5", "-7.5,-1 -7.5,1 -6.5,-4 -6.5,4", "-2,-7 -2,7"),
)


def all_lines() -> list[Line]:
    """Every standard line in its four mirrorings, without repeats, in a fixed order."""
    found: dict[frozenset[tuple[int, float, float]], Line] = {}
    for line in _LINES:
        for sx in (1.0, -1.0):
            for sy in (1.0, -1.0):
                turned = tuple(Resource(r.type_id, sx * r.dx, sy * r.dy) for r in line)
                found.setdefault(frozenset((r.type_id, r.dx, r.dy) for r in turned), turned)
    return list(found.values())
