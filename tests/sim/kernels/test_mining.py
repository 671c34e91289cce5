"""Income of a base against what was measured in real games."""

import math
import statistics

import pytest

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.maps import MapData, Neutral, load_map, shipped_maps
from cherrypy_bot.sim.rules import load_ruleset
from tests.sim.scenario import Scenario, flat_map

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


def income(map_data: MapData, workers: int) -> float:
    """Minerals a minute, the mean of three minutes."""
    s, _, _ = base(map_data, workers)
    s.run(672)
    before = float(s.world.players.minerals[0])
    s.run(3 * LOOPS_PER_MINUTE)
    return (float(s.world.players.minerals[0]) - before) / 3


@pytest.mark.parametrize(("workers", "measured"), [(12, 671), (16, 895), (22, 1008)])
def test_income_of_one_base_is_that_of_real_games(workers: int, measured: float) -> None:
    """Medians of real 12-worker games without gas; 895 is what professionals reach with 16."""
    assert income(load_map("CherryGroveLE"), workers) == pytest.approx(measured, rel=0.03)


def test_income_grows_with_the_workers_as_in_real_games() -> None:
    """Medians over all players and over professionals (who lose fewer workers to scouting) bound each number.

    The rates that replays hold move in steps of 28, so a median is known to half a step. 825 for 15 workers is the
    median of the games that start with 8; 21 and 22 were measured in 35 and 24 windows only, 21 higher than 22.
    """
    measured = {
        12: (671, 699),
        13: (727, 727),
        14: (756, 783),
        15: (784, 825),
        16: (839, 895),
        17: (868, 923),
        18: (923, 951),
        19: (951, 951),
        20: (951, 951),
        21: (1008, 1035),
        22: (1008, 1035),
    }
    maps = [load_map(name) for name in shipped_maps()]
    for workers, (low, high) in measured.items():
        ours = statistics.median(income(m, workers) for m in maps)
        print(f"{workers} workers: {ours:.0f}, measured {low} to {high}")
        assert 0.97 * low <= ours <= 1.03 * high


def test_one_worker_at_a_time_harvests_a_field() -> None:
    s, rows, fields = base(load_map("CherryGroveLE"), 3)
    for row in rows:
        s.gather(row, fields[0])
    for other in fields[1:]:
        s.u.contents[other] = 0
    both = 0
    for _ in range(600):
        s.run(1)
        assert sum(s.u.gather_phase[r] == st.G_HARVEST for r in rows) <= 1
        both += sum(s.u.gather_phase[r] in (st.G_HARVEST, st.G_DELAY) for r in rows) == 2
    assert both > 0, "the next one begins while the first still pauses"


def test_two_workers_keep_to_their_field_and_a_third_goes_where_it_is_free() -> None:
    s, rows, fields = base(load_map("CherryGroveLE"), 16)
    s.run(600)
    homes = [int(s.u.node[r]) for r in rows]
    s.run(1000)
    assert [int(s.u.node[r]) for r in rows] == homes
    assert sorted(homes) == sorted(fields * 2)
    third = s.put("SCV", 0, *s.place(rows[0]))
    s.gather(third, fields[0])
    visited = set()
    for _ in range(60):
        s.run(20)
        visited |= {int(s.u.node[third])}
    assert len(visited) > 1


def test_the_way_to_a_field_that_lies_behind_another_leads_round_it() -> None:
    """The nearest point of the far field is inside the near one; workers came to stand before it for ever."""
    hall, crowded = (30.5, 30.5), load_ruleset().unit("MineralField").id
    near, far = (Neutral(crowded, hall[0] + x, hall[1] + y, 1800) for x, y in ((-0.5, 6.0), (-1.5, 7.0)))
    for offset in (-1.6, -1.5, -1.4999999999999147, -1.4, -0.5, 0.5):
        s = Scenario(flat_map(neutrals=(near, far)))
        s.put("CommandCenter", 0, *hall)
        worker = s.put("SCV", 0, hall[0] + offset, hall[1] + 5.0)
        s.gather(worker, next(r for r in s.world.rows_of(st.NEUTRAL) if s.u.y[r] == far.y))
        assert s.run_until(lambda s=s, worker=worker: s.u.carry[worker] == st.CARRY_MINERALS, 200) < 150


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
