"""Weapons as derived from a match's data and corrected where the API is silent."""

from __future__ import annotations

import lzma
from types import SimpleNamespace

import numpy as np
import pytest
from s2clientprotocol import sc2api_pb2 as sc
from sc2.data import Attribute
from sc2.game_data import GameData
from sc2.ids.unit_typeid import UnitTypeId as U

from modules.combat import AIR, GROUND, WeaponTable
from modules.combat.weapon_facts import RADII, WEAPON_FACTS
from tests.modules.combat.armies import weapons
from tests.reference import REFERENCE, needs_reference


@pytest.mark.parametrize(
    ("kind", "plane", "damage", "reach"),
    [
        (U.MARINE, GROUND, 6, 5),
        (U.MARINE, AIR, 6, 5),
        (U.ROACH, GROUND, 16, 4),
        (U.STALKER, AIR, 13, 6),
        (U.VOIDRAY, GROUND, 6, 6),
        (U.BATTLECRUISER, AIR, 5, 6),
        (U.ZEALOT, GROUND, 8, 0.1),
    ],
)
def test_weapons_as_players_know_them(kind: U, plane: int, damage: float, reach: float) -> None:
    table = weapons()
    assert table.damage[kind.value, plane] == pytest.approx(damage, rel=0.03)
    assert table.reach[kind.value, plane] == pytest.approx(reach, abs=0.01)


def test_roaches_cannot_shoot_up_and_overlords_not_at_all() -> None:
    table = weapons()
    assert table.reach[U.ROACH.value, AIR] < 0
    assert table.armed(np.array([U.OVERLORD.value, U.MARINE.value, 10**6])).tolist() == [False, True, False]


def test_an_attack_counts_bonus_armour_hits_and_upgrades() -> None:
    table = weapons()

    def attack(a: U, b: U, levels: tuple[float, float] = (0.0, 0.0), flying: bool = False) -> tuple[float, float]:
        through, shields = table.attack(np.array(a.value), np.array(b.value), np.array(flying), *levels)
        return float(through), float(shields)

    assert attack(U.MARAUDER, U.ROACH) == (pytest.approx(19), pytest.approx(20))
    assert attack(U.ZEALOT, U.MARINE) == (pytest.approx(16), pytest.approx(16))
    assert attack(U.ZEALOT, U.ULTRALISK) == (pytest.approx(12), pytest.approx(16))
    assert attack(U.MARINE, U.MARINE, (1.0, 2.0))[0] == pytest.approx(5)
    assert attack(U.ZERGLING, U.VOIDRAY, flying=True) == (0.0, 0.0)
    assert attack(U.MARINE, U.ULTRALISK, (0.0, 20.0))[0] == 0.5


def test_types_have_attributes_worth_speed_and_size() -> None:
    table = weapons()
    assert table.attributes[U.QUEEN.value, Attribute.Biological.value]
    assert table.value[U.STALKER.value] == 125 + 1.5 * 50
    assert table.speed[U.MARINE.value] == pytest.approx(2.25 / 16)
    assert table.radius[U.MARINE.value] == RADII[U.MARINE] == 0.375


@needs_reference
def test_the_facts_agree_with_the_real_game() -> None:
    """Where the game lists a weapon, damage per loop and range differ from the facts by rounding only."""
    assert REFERENCE is not None
    packed = (REFERENCE / "game_data.pb.xz").read_bytes()
    data = GameData(sc.ResponseData.FromString(lzma.decompress(packed)))
    table = WeaponTable.from_bot(SimpleNamespace(game_data=data, state=SimpleNamespace(game_loop=0, upgrades=set())))
    wrong = []
    for row in WEAPON_FACTS:
        for plane, letter in ((GROUND, "G"), (AIR, "A")):
            if letter in row.targets:
                damage, reach = table.damage[row.unit.value, plane], table.reach[row.unit.value, plane]
                if abs(damage / row.damage - 1.0) > 0.03 or abs(reach - row.range) > 0.01:
                    wrong.append((row.unit.name, letter, row.damage, round(float(damage), 2), row.range, float(reach)))
    print(wrong)
    assert wrong == []
