"""ResponseData as the game sends it, and python-sc2 on top of it."""

import lzma
import math
from typing import Any

import pytest
from s2clientprotocol import sc2api_pb2
from sc2.dicts.unit_tech_alias import UNIT_TECH_ALIAS
from sc2.game_data import GameData
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.ids.upgrade_id import UpgradeId

from cherrypy_bot.sim.rules import load_ruleset
from tests.reference import REFERENCE, needs_reference


def flat(message: Any) -> dict[str, Any]:
    """Fields that are set, weapons numbered."""
    out: dict[str, Any] = {}
    for field, value in message.ListFields():
        if field.name == "weapons":
            for i, weapon in enumerate(value):
                for part, x in flat(weapon).items():
                    out[f"weapons[{i}].{part}"] = x
        elif field.name == "damage_bonus":
            out[field.name] = sorted((b.attribute, round(b.bonus, 3)) for b in value)
        else:
            out[field.name] = value if isinstance(value, int | float | str | bool) else list(value)
    return out


def same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-5, abs_tol=1e-5)
    return bool(a == b)


@needs_reference
@pytest.mark.parametrize("kind", ["abilities", "units", "upgrades", "buffs", "effects"])
def test_fields_equal_the_captured_game(kind: str) -> None:
    assert REFERENCE is not None
    with lzma.open(REFERENCE / "game_data.pb.xz") as file:
        real = sc2api_pb2.ResponseData.FromString(file.read())
    rules = load_ruleset()
    ours = rules.response_data()
    assert len(getattr(ours, kind)) == len(getattr(real, kind))
    melee = {"abilities": rules.abilities, "units": rules.units, "upgrades": rules.upgrades}.get(kind)
    counts = {True: [0, 0], False: [0, 0]}
    wrong = []
    for index, (theirs, mine) in enumerate(zip(getattr(real, kind), getattr(ours, kind), strict=True)):
        a, b = flat(theirs), flat(mine)
        for name in a.keys() | b.keys():
            inside = melee is None or index in melee
            equal = name in a and name in b and same(a[name], b[name])
            counts[inside][0] += equal
            counts[inside][1] += 1
            if inside and not equal:
                wrong.append(f"{kind}[{index}].{name}: game {a.get(name)}, ours {b.get(name)}")
    equal, total = counts[True]
    print(f"{kind}: {equal} of {total} melee fields equal, beyond melee {counts[False][0]} of {counts[False][1]}")
    print("\n".join(wrong))
    assert total > 50
    assert equal / total >= 0.99
    if counts[False][1]:
        assert counts[False][0] / counts[False][1] >= 0.98


def test_bytes_are_built_once_and_messages_are_fresh() -> None:
    rules = load_ruleset()
    assert rules.response_data_bytes() is rules.response_data_bytes()
    mine = rules.response_data()
    mine.units[48].mineral_cost = 1
    assert rules.response_data().units[48].mineral_cost == 50


def test_python_sc2_reads_costs_and_ids() -> None:
    data = GameData(load_ruleset().response_data())
    marine = data.units[UnitTypeId.MARINE.value]
    assert (marine.cost.minerals, marine.cost.time) == (50, 400)
    assert marine.creation_ability is not None
    assert marine.creation_ability.id == AbilityId.BARRACKSTRAIN_MARINE
    assert data.units[UnitTypeId.ZERGLING.value].cost.minerals == 25
    assert data.units[UnitTypeId.ORBITALCOMMAND.value].morph_cost is not None
    assert data.units[UnitTypeId.ORBITALCOMMAND.value].morph_cost.minerals == 150
    assert data.upgrades[UpgradeId.STIMPACK.value].cost.vespene == 100
    assert data.calculate_ability_cost(AbilityId.COMMANDCENTERTRAIN_SCV).minerals == 50
    assert data.abilities[AbilityId.ATTACK_ATTACK.value].id == AbilityId.ATTACK


def test_python_sc2_finds_every_melee_unit_and_its_aliases() -> None:
    rules = load_ruleset()
    data = GameData(rules.response_data())
    for unit in rules.units.values():
        assert data.units[unit.id].name == unit.name
        assert UnitTypeId(unit.id).value == unit.id
    for unit_type in UNIT_TECH_ALIAS:
        assert unit_type.value in data.units
