"""Build orders as numbers: each its own, from its data alone."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U

from cherrypy_bot.learn.descriptors import DESCRIPTOR_COUNT, describe, descriptor_names
from modules.build_order.builds import builds_of

RACES = (Race.Terran, Race.Protoss, Race.Zerg)


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.name)
def test_every_build_has_a_descriptor_of_its_own(race: Race) -> None:
    found = np.stack([describe(build) for build in builds_of(race).values()])
    assert found.shape[1] == DESCRIPTOR_COUNT == len(set(descriptor_names()))
    assert np.isfinite(found).all()
    assert found.min() >= 0.0
    assert found.max() <= 4.0
    gaps = np.abs(found[:, None] - found[None]).max(axis=2) + np.eye(len(found))
    assert gaps.min() > 0.1


def test_the_name_does_not_matter_and_the_plan_does() -> None:
    build = builds_of(Race.Zerg)["roach_timing"]
    assert np.array_equal(describe(build), describe(dataclasses.replace(build, name="renamed", about="other")))
    names = descriptor_names()
    flying = describe(dataclasses.replace(build, army={U.MUTALISK: 1.0}, conditionals=()))
    assert flying[names.index("army flying share")] == 1.0
    assert flying[names.index("army share MUTALISK")] == 1.0
    early = describe(dataclasses.replace(build, attack_supply=3))
    assert early[names.index("attack supply")] < describe(build)[names.index("attack supply")]


def test_an_early_pool_is_told_from_a_late_one() -> None:
    zerg = builds_of(Race.Zerg)
    first = descriptor_names().index("first tech")
    assert describe(zerg["twelve_pool"])[first] < describe(zerg["roach_timing"])[first]
