"""Income of a base against what was measured in real games."""

import math

import pytest

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.maps import MapData, load_map
from tests.sim.scenario import Scenario

LOOPS_PER_MINUTE = 1344


def base(map_data: MapData, workers: int, race: str = "SCV") -> tuple[Scenario, list[int], list[int]]:
    """Player 0's start base with so many workers spread over its fields, nearest fields first."""
    s = Scenario(map_data, empty=False)
    w, u = s.world, s.u
    hall = next(r for r in w.rows_of(0) if s.rules.units[int(u.type_id[r])].is_townhall)
    mine = [r for r in w.rows_of(0) if s.rules.units[int(u.type_id[r])].is_worker]
    spots = [s.place(r) for r in mine]
    for row in mine:
        w.remove(row)
    fields = [
        r
        for r in w.rows_of(st.NEUTRAL)
        if s.rules.units[int(u.type_id[r])].is_mineral_field and math.dist(s.place(r), s.place(hall)) < 10
    ]
    fields.sort(key=lambda r: math.dist(s.place(r), s.place(hall)))
    rows = [s.put(race, 0, *spots[k % len(spots)]) for k in range(workers)]
    for k, row in enumerate(rows):
        s.gather(row, fields[k % len(fields)])
    return s, rows, fields


@pytest.mark.parametrize(
    ("workers", "measured", "tolerance"),
    [(12, 671, 0.03), (16, 895, 0.03), (22, 1008, 0.065)],
)
def test_income_of_one_base_is_that_of_real_games(workers: int, measured: float, tolerance: float) -> None:
    """Medians of real 12-worker games without gas; 895 is what professionals reach with 16."""
    s, _, _ = base(load_map("CherryGroveLE"), workers)
    s.run(672)
    before = float(s.world.players.minerals[0])
    s.run(2 * LOOPS_PER_MINUTE)
    income = (float(s.world.players.minerals[0]) - before) / 2
    assert income == pytest.approx(measured, rel=tolerance)


def test_one_worker_at_a_time_harvests_a_field() -> None:
    s, rows, fields = base(load_map("CherryGroveLE"), 3)
    for row in rows:
        s.gather(row, fields[0])
    for other in fields[1:]:
        s.u.contents[other] = 0
    for _ in range(600):
        s.run(1)
        busy = [r for r in rows if s.u.gather_phase[r] in (st.G_HARVEST, st.G_DELAY)]
        assert len(busy) <= 1


def test_an_empty_field_is_announced_and_left() -> None:
    s, rows, fields = base(load_map("CherryGroveLE"), 1)
    s.u.contents[fields[0]] = 5
    s.run(400)
    assert any(kind == st.EV_DEPLETED and row == fields[0] for _, kind, row, _ in s.events)
    assert s.u.node[rows[0]] != fields[0]
    assert s.world.players.minerals[0] > 50


def test_workers_carry_five_minerals() -> None:
    s, rows, _ = base(load_map("CherryGroveLE"), 1)
    s.run_until(lambda: s.u.carry[rows[0]] == st.CARRY_MINERALS)
    assert s.u.carry_amount[rows[0]] == 5


def test_three_workers_on_gas_bring_what_was_measured() -> None:
    """162.3 a minute in real games with a saturated geyser."""
    s, rows, _ = base(load_map("CherryGroveLE"), 3)
    hall = next(r for r in s.world.rows_of(0) if s.rules.units[int(s.u.type_id[r])].is_townhall)
    geysers = [r for r in s.world.rows_of(st.NEUTRAL) if s.rules.units[int(s.u.type_id[r])].is_geyser]
    geyser = min(geysers, key=lambda r: math.dist(s.place(r), s.place(hall)))
    refinery = s.put("Refinery", 0, *s.place(geyser))
    s.u.contents[refinery] = 2250
    s.u.geyser[refinery], s.u.geyser[geyser] = geyser, refinery
    for row in rows:
        s.gather(row, refinery)
    s.run(672)
    before = float(s.world.players.gas[0])
    s.run(2 * LOOPS_PER_MINUTE)
    assert (float(s.world.players.gas[0]) - before) / 2 == pytest.approx(162.3, rel=0.02)
