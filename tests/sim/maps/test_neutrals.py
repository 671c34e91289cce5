"""What neutrals block, against the rules tables that the engine uses."""

from __future__ import annotations

import pytest

from cherrypy_bot.sim.maps import footprint_cells, load_map, pathing_with_neutrals, shipped_maps
from cherrypy_bot.sim.maps.neutrals import FRESH_CONTENTS, PLATES
from cherrypy_bot.sim.rules import DEFAULT_RULESET, load_ruleset

RULES = load_ruleset(DEFAULT_RULESET)
KNOWN = sorted(t for t, unit in RULES.units.items() if len(footprint_cells(t, 20.5, 20.5)) and unit.footprint_path)


@pytest.mark.parametrize("type_id", KNOWN)
def test_engine_and_maps_agree_on_what_a_neutral_blocks(type_id: int) -> None:
    cells = {(int(x) - 20, int(y) - 20) for y, x in footprint_cells(type_id, 20.5, 20.5)}
    assert cells == {(int(x), int(y)) for x, y in RULES.units[type_id].footprint_path}


def test_the_engine_knows_every_resource() -> None:
    assert set(FRESH_CONTENTS) <= set(RULES.units)
    assert set(FRESH_CONTENTS) <= set(KNOWN)


@pytest.mark.parametrize("name", shipped_maps())
def test_the_engine_knows_everything_on_shipped_maps(name: str) -> None:
    assert {n.type_id for n in load_map(name).neutrals} <= set(RULES.units)


def test_a_mineral_field_blocks_two_cells_and_a_geyser_nine() -> None:
    assert footprint_cells(341, 30.0, 20.5).tolist() == [[20, 29], [20, 30]]
    assert len(footprint_cells(342, 30.5, 20.5)) == 9
    assert len(footprint_cells(PLATES, 30.0, 20.0)) == 0


def test_blocking_leaves_the_map_as_it_was() -> None:
    m = load_map("OrchardLE")
    before = m.pathing.sum()
    blocked = pathing_with_neutrals(m)
    cells = sum(len(footprint_cells(n.type_id, n.x, n.y)) for n in m.neutrals)
    assert m.pathing.sum() == before
    assert before - blocked.sum() <= cells
    assert before - blocked.sum() >= 14 * (8 * 2 + 2 * 9)
