"""Masks over type ids."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as hyp
from sc2.ids.unit_typeid import UnitTypeId

from cherrypy_bot.core.type_sets import is_any_of


@given(hyp.lists(hyp.integers(0, 5000)), hyp.lists(hyp.integers(0, 4000)))
def test_it_is_numpys_isin(ids: list[int], kinds: list[int]) -> None:
    array = np.array(ids, np.int64)
    assert is_any_of(array, kinds).tolist() == np.isin(array, kinds).tolist()


def test_enum_members_and_their_values_are_the_same_kind() -> None:
    ids = np.array([UnitTypeId.MARINE.value, UnitTypeId.SCV.value])
    assert is_any_of(ids, [UnitTypeId.SCV]).tolist() == [False, True]
    assert is_any_of(ids, {UnitTypeId.SCV.value}).tolist() == [False, True]
