"""UnitTable against python-sc2's own reading of observations recorded from the real game."""

from __future__ import annotations

import lzma
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from s2clientprotocol import sc2api_pb2 as sc_pb
from sc2.bot_ai import BotAI
from sc2.game_data import GameData
from sc2.game_info import GameInfo
from sc2.game_state import GameState

from cherrypy_bot.core.memory import EnemyMemory, Roster
from cherrypy_bot.core.type_facts import TypeFacts
from cherrypy_bot.core.units import UnitTable
from tests.reference import REFERENCE, needs_reference

MAPS = sorted(path.name.split(".")[0] for path in (REFERENCE or Path()).glob("maps/*.observation.pb.xz"))


def unpack(name: str) -> bytes:
    assert REFERENCE is not None
    return lzma.decompress((REFERENCE / name).read_bytes())


@cache
def data() -> GameData:
    return GameData(sc_pb.ResponseData.FromString(unpack("game_data.pb.xz")))


@cache
def world(name: str) -> tuple[BotAI, UnitTable]:
    """python-sc2's bot and our table on the same recorded observation."""
    info = sc_pb.ResponseGameInfo.FromString(unpack(f"maps/{name}.game_info.pb.xz"))
    seen = sc_pb.ResponseObservation.FromString(unpack(f"maps/{name}.observation.pb.xz"))
    bot = BotAI()  # type: ignore[abstract]
    bot._prepare_start(None, 1, GameInfo(info), data())
    bot._prepare_step(GameState(seen), sc_pb.Response(game_info=info))
    facts = TypeFacts.from_game_data(data())
    table = UnitTable(bot.state.observation_raw.units, facts)
    facts.learn(table.type_id, bot.all_units)
    return bot, table


def tags(units: Any) -> list[int]:
    return sorted(unit.tag for unit in units)


@needs_reference
@pytest.mark.parametrize("name", MAPS)
def test_masks_agree_with_python_sc2(name: str) -> None:
    bot, table = world(name)
    assert sorted(table.tags(table.own)) == tags(bot.all_own_units)
    assert sorted(table.tags(table.own & table.structure)) == tags(bot.structures)
    assert sorted(table.tags(table.enemy & table.structure)) == tags(bot.enemy_structures)
    assert sorted(table.tags(table.enemy & ~table.structure)) == tags(bot.enemy_units)
    resources = table.neutral & ((table.mineral_contents > 0) | (table.vespene_contents > 0))
    assert set(table.tags(resources)) <= set(tags(bot.resources))


@needs_reference
@pytest.mark.parametrize("name", MAPS)
def test_columns_agree_with_python_sc2(name: str) -> None:
    bot, table = world(name)
    for unit in bot.all_units:
        row = table.row(unit.tag)
        assert table.type_id[row] == unit.type_id.value
        assert (table.x[row], table.y[row]) == (unit.position.x, unit.position.y)
        for column in ("health", "health_max", "shield", "shield_max", "energy", "radius", "build_progress"):
            assert getattr(table, column)[row] == getattr(unit, column)
        assert bool(table.is_flying[row]) == unit.is_flying
        assert (table.order_ability[row] == 0) == (unit.is_idle or not unit.is_mine)
        if unit.can_attack_ground:
            assert table.ground_range[row] == pytest.approx(unit.ground_range)
        if unit.can_attack_air:
            assert table.air_range[row] == pytest.approx(unit.air_range)


@needs_reference
@pytest.mark.parametrize("name", MAPS)
def test_ranges_agree_with_python_sc2(name: str) -> None:
    bot, table = world(name)
    shooters = [unit for unit in bot.units if unit.can_attack][:12]
    targets = list(bot.all_enemy_units)[:12]
    reach = table.in_range(table.rows(u.tag for u in shooters), table.rows(u.tag for u in targets), extra=2.0)
    expected = [[shooter.target_in_range(target, bonus_distance=2.0) for target in targets] for shooter in shooters]
    assert reach.shape == (len(shooters), len(targets))
    assert reach.tolist() == expected


@needs_reference
def test_memory_and_roster_take_in_a_recorded_observation() -> None:
    bot, table = world("TorchesAIE_v4")
    memory, roster = EnemyMemory(), Roster()
    memory.update(table, (), bot.state.game_loop, bot.state.visibility.data_numpy)
    roster.update(table, (), bot.state.game_loop)
    assert sorted(memory.tag.tolist()) == tags(unit for unit in bot.all_enemy_units if unit.is_visible)
    assert all(roster.alive(tag) for tag in tags(bot.all_own_units))
    assert np.all(memory.seen_loop == bot.state.game_loop)
