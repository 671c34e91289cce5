"""The plans of scripted opponents, as data: sound, complete, and never twice the same."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId

from cherrypy_bot.config import load_config
from cherrypy_bot.opponents.planned import PlannedBot
from cherrypy_bot.opponents.plans import PLANS, plan_called
from cherrypy_bot.opponents.plans.plan import Plan, Workers, have

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.name)
def test_a_plan_is_sound(plan: Plan) -> None:
    assert list(plan.problems()) == []
    assert plan.name.startswith(plan.race.name.lower())


def test_what_is_wrong_with_a_plan_is_said() -> None:
    plan = plan_called("zerg_roach_timing")
    foreign = replace(plan, goals=(*plan.goals, have(UnitTypeId.BARRACKS)))
    unmade = replace(plan, army={**plan.army, UnitTypeId.MUTALISK: 1.0, UnitTypeId.IMMORTAL: 1.0})
    idle = replace(plan, goals=(Workers(20),))
    assert any("BARRACKS is not of its race" in problem for problem in foreign.problems())
    assert any("nothing in the goals makes IMMORTAL" in problem for problem in unmade.problems())
    assert any("no goal trains the army" in problem for problem in idle.problems())


@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.name)
def test_seeds_vary_a_plan_a_little(plan: Plan) -> None:
    varied = [plan.varied(random.Random(seed)) for seed in range(20)]
    assert len({v.attack.supply for v in varied} | {v.attack.by_seconds for v in varied}) > 5
    for v in varied:
        assert list(v.problems()) == []
        assert 0.85 * plan.attack.supply - 1 <= v.attack.supply <= 1.15 * plan.attack.supply + 1
        assert [type(goal) for goal in v.goals] == [type(goal) for goal in plan.goals]


def test_the_same_seed_gives_the_same_plan() -> None:
    assert PlannedBot("zerg_mutalisks", seed=4).plan == PlannedBot("zerg_mutalisks", seed=4).plan
    assert PlannedBot("zerg_mutalisks", seed=4).plan != PlannedBot("zerg_mutalisks", seed=5).plan


def test_an_unknown_plan_names_the_closest() -> None:
    with pytest.raises(ValueError, match="did you mean 'zerg_mutalisks'"):
        PlannedBot("zerg_mutalisk")


def test_every_plan_is_a_bot_of_its_race() -> None:
    config = load_config(ROOT / "bots.yaml")
    config.check_all()
    by_race: Counter[Race] = Counter()
    for spec in config.bots.values():
        if spec.class_name is not None:
            by_race[spec.race] += 1
            if "plan" in spec.options:
                assert spec.name == spec.options["plan"]
                assert plan_called(spec.options["plan"]).race is spec.race
    assert set(PLANS) <= set(config.bots)
    assert sum(by_race.values()) >= 18
    assert min(by_race.values()) >= 5
