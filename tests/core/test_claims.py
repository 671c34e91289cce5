"""Claims: a unit belongs to at most one task, and one table says who may take from whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cherrypy_bot.core.claims import MAY_TAKE, ClaimTable, Release, Work


def claim(table: ClaimTable, tag: int, task: int, work: Work, priority: float = 0.0, owner: str = "") -> bool:
    return table.claim(tag, task_id=task, owner=owner or f"owner{task}", work=work, priority=priority)


def holder(table: ClaimTable, tag: int) -> int:
    found = table.holder(tag)
    assert found is not None
    return found.task_id


def test_a_builder_may_take_a_mining_worker_but_not_the_other_way_round() -> None:
    table = ClaimTable()
    assert claim(table, 1, 1, Work.GATHER, priority=100.0)
    assert claim(table, 1, 2, Work.BUILD)
    assert not claim(table, 1, 3, Work.GATHER, priority=100.0)
    assert holder(table, 1) == 2


@pytest.mark.parametrize("work", [w for w in Work if w is not Work.ESCAPE])
def test_only_an_escape_takes_a_builder(work: Work) -> None:
    table = ClaimTable()
    claim(table, 1, 1, Work.BUILD)
    assert not claim(table, 1, 2, work) or work is Work.BUILD
    assert claim(table, 1, 3, Work.ESCAPE)


def test_nobody_takes_from_an_escape() -> None:
    assert not any(Work.ESCAPE in taken for taken in MAY_TAKE.values())


def test_no_kind_of_work_lists_itself_since_priority_decides_there() -> None:
    assert set(MAY_TAKE) == set(Work)
    assert not any(work in taken for work, taken in MAY_TAKE.items())


def test_two_kinds_never_take_from_each_other() -> None:
    """Otherwise a unit could go back and forth for ever."""
    for work, taken in MAY_TAKE.items():
        assert not any(work in MAY_TAKE[other] for other in taken)


@pytest.mark.parametrize("work", list(Work))
def test_within_a_kind_only_greater_priority_takes(work: Work) -> None:
    table = ClaimTable()
    assert claim(table, 1, 1, work, priority=2.0)
    assert not claim(table, 1, 2, work, priority=2.0)
    assert claim(table, 1, 2, work, priority=2.5)


def test_a_module_moves_units_between_its_own_tasks() -> None:
    table = ClaimTable()
    claim(table, 1, 1, Work.BUILD, priority=9.0, owner="macro")
    assert claim(table, 1, 2, Work.GATHER, priority=0.0, owner="macro")
    assert table.of_task(1) == ()
    assert table.of_task(2) == (1,)


def test_the_previous_holder_hears_why() -> None:
    heard: list[tuple[int, Release]] = []
    table = ClaimTable()
    for tag in (1, 2, 3):
        table.claim(tag, task_id=1, owner="a", work=Work.GATHER, on_release=lambda t, why: heard.append((t, why)))
    claim(table, 1, 2, Work.BUILD)
    table.release_dead(lambda tag: tag != 2)
    table.release_task(1)
    assert heard == [(1, Release.TAKEN), (2, Release.DIED), (3, Release.DONE)]
    assert table.of_task(1) == ()
    assert len(table) == 1


def test_claiming_again_keeps_the_start_and_changes_the_priority() -> None:
    table = ClaimTable()
    claim(table, 1, 1, Work.ARMY, priority=1.0)
    table.loop = 80
    claim(table, 1, 1, Work.ARMY, priority=3.0)
    found = table.holder(1)
    assert found is not None
    assert (found.since_loop, found.priority) == (0, 3.0)


def test_a_failing_callback_is_reported_and_does_not_stop_the_taker() -> None:
    faults: list[tuple[str, str]] = []
    table = ClaimTable(on_fault=lambda module, hook, error: faults.append((module, str(error))))

    def broken(tag: int, why: Release) -> None:
        raise ValueError("no")

    table.claim(1, task_id=1, owner="economy", work=Work.GATHER, on_release=broken)
    assert claim(table, 1, 2, Work.BUILD)
    assert faults == [("economy", "no")]


def test_available_foretells_claims() -> None:
    table = ClaimTable()
    claim(table, 1, 1, Work.GATHER)
    claim(table, 2, 2, Work.BUILD)
    assert table.available([1, 2, 3], owner="x", work=Work.BUILD, priority=0.0) == [1, 3]
    assert table.free([1, 2, 3]) == [3]


@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.integers(1, 4), st.sampled_from(list(Work)), st.integers(0, 3), st.booleans()),
        max_size=60,
    )
)
def test_a_unit_is_in_at_most_one_task_whatever_happens(
    actions: list[tuple[int, int, Work, int, bool]],
) -> None:
    table = ClaimTable()
    for tag, task, work, priority, give in actions:
        if give:
            table.claim(tag, task_id=task, owner=f"m{task % 2}", work=work, priority=float(priority))
        else:
            table.release(tag)
        held = [tag for task_id in range(1, 5) for tag in table.of_task(task_id)]
        assert len(held) == len(set(held)) == len(table)
        assert all(table.holder(tag) is not None for tag in held)
