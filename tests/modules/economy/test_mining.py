"""Who mines what: full use of the patches, short ways, and nobody runs about."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from modules.economy.mining import PER_GAS, Assignment, Source, assign, overflow, safe_sources

NEAR, FAR = 6.0, 7.5


def base(index: int, x: float, patches: int = 8, geysers: int = 0) -> list[Source]:
    """A base at (x, 0): four patches near the townhall, four farther off, then geysers."""
    found = [Source(100 * index + i, x + i, 6.0, index, False, NEAR if i < 4 else FAR) for i in range(patches)]
    return found + [Source(100 * index + 50 + i, x - 7.0, float(i), index, True, 7.0) for i in range(geysers)]


def workers(number: int, x: float = 0.0, first: int = 1) -> dict[int, tuple[float, float]]:
    return {first + i: (x, 0.1 * i) for i in range(number)}


def test_the_first_eight_workers_take_a_patch_each() -> None:
    assignment = Assignment()
    assign(assignment, workers(8), base(0, 0.0), 0)
    assert set(assignment.counts().values()) == {1}


def test_twelve_workers_double_up_on_the_near_patches() -> None:
    assignment = Assignment()
    assign(assignment, workers(12), base(0, 0.0), 0)
    counts = assignment.counts()
    assert [counts[i] for i in range(4)] == [2, 2, 2, 2]
    assert [counts[i] for i in range(4, 8)] == [1, 1, 1, 1]


def test_nobody_changes_the_patch_when_a_worker_is_added() -> None:
    assignment = Assignment()
    crew = workers(12)
    assign(assignment, crew, base(0, 0.0), 0)
    before = dict(assignment.of_worker)
    changed = assign(assignment, {**crew, 99: (0.0, 0.0)}, base(0, 0.0), 0)
    assert changed == [99]
    assert {w: assignment.of_worker[w] for w in before} == before


def test_gas_gets_exactly_the_workers_that_are_wanted() -> None:
    assignment = Assignment()
    sources = base(0, 0.0, geysers=2)
    assign(assignment, workers(16), sources, 6)
    counts = assignment.counts()
    assert [counts[50], counts[51]] == [PER_GAS, PER_GAS]
    assign(assignment, workers(16), sources, 2)
    gas = {s.tag for s in sources if s.gas}
    assert sum(tag in gas for tag in assignment.of_worker.values()) == 2
    assert len(assignment.of_worker) == 16


def test_third_workers_move_to_a_new_base() -> None:
    assignment = Assignment()
    crew = workers(22)
    assign(assignment, crew, base(0, 0.0), 0)
    assert max(assignment.counts().values()) == 3
    changed = assign(assignment, crew, [*base(0, 0.0), *base(1, 40.0)], 0)
    assert len(changed) == 6
    assert max(assignment.counts().values()) == 2


def test_workers_of_a_lost_base_go_elsewhere() -> None:
    assignment = Assignment()
    crew = workers(24)
    assign(assignment, crew, [*base(0, 0.0), *base(1, 40.0)], 0)
    assign(assignment, crew, base(0, 0.0), 0)
    assert all(tag < 100 for tag in assignment.of_worker.values())


def test_the_dead_are_forgotten() -> None:
    assignment = Assignment()
    assign(assignment, workers(4), base(0, 0.0), 0)
    assign(assignment, workers(2), base(0, 0.0), 0)
    assert set(assignment.of_worker) == {1, 2}


def test_without_any_base_nobody_is_assigned() -> None:
    assignment = Assignment()
    assert assign(assignment, workers(5), [], 6) == []


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.integers(0, 70), st.integers(0, 3), st.integers(0, 2), st.integers(0, 18))
def test_no_patch_is_overcrowded_and_no_place_stays_empty(number: int, bases: int, geysers: int, wanted: int) -> None:
    sources = [s for i in range(bases) for s in base(i, 40.0 * i, geysers=geysers)]
    assignment = Assignment()
    assign(assignment, workers(number), sources, wanted)
    counts: Counter[int] = assignment.counts()
    gas = {s.tag for s in sources if s.gas}
    patches = [s.tag for s in sources if not s.gas]
    assert all(counts[tag] <= 3 for tag in counts)
    on_gas = sum(counts[tag] for tag in gas)
    assert on_gas <= wanted
    if any(counts[tag] == 3 for tag in patches):
        assert all(counts[tag] >= 2 for tag in patches)
    assert len(assignment.of_worker) == min(number, on_gas + 3 * len(patches))


def test_workers_of_an_overrun_base_crowd_at_the_others() -> None:
    sources = base(0, 0.0) + base(1, 40.0)
    assignment = Assignment()
    crew = {**workers(16), **workers(16, 40.0, 100)}
    assign(assignment, crew, sources, 0)
    fled = assign(assignment, crew, safe_sources(sources, {1}), 0, 6)
    assert len(fled) == 16
    assert {tag // 100 for tag in assignment.of_worker.values()} == {0}
    assert len(assignment.of_worker) == 32


def test_with_every_base_overrun_everybody_mines_on() -> None:
    sources = base(0, 0.0)
    assert safe_sources(sources, {0}) == sources


def test_those_come_back_when_it_is_safe_again() -> None:
    sources = base(0, 0.0) + base(1, 40.0)
    assignment = Assignment()
    crew = workers(32)
    assign(assignment, crew, safe_sources(sources, {1}), 0, 6)
    assign(assignment, crew, sources, 0)
    assert Counter(tag // 100 for tag in assignment.of_worker.values()) == {0: 16, 1: 16}


def test_only_workers_without_any_place_go_a_long_way() -> None:
    sources = base(0, 0.0, geysers=1)
    assert overflow(24 + 3, sources, 3) == 0
    assert overflow(30, sources, 3) == 3
    far = [Source(900 + i, 35.0, float(i), 0, False, 30.0) for i in range(8)]
    assignment = Assignment()
    assign(assignment, workers(30), [*sources, *far], 3)
    assert len(assignment.of_worker) == 30
    assert assignment.of_worker[1] < 900
