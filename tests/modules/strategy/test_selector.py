"""Policies in a match: the plan stays what it was unless one is asked for, and decisions and reactions get along."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sc2.data import Difficulty, Race
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.player import Bot, Computer

from cherrypy_bot.config import build_bot, load_config
from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.trace import read_trace
from cherrypy_bot.ladder.match import Contender, MatchSetup, play_match
from cherrypy_bot.ladder.players import quiet_python_sc2
from cherrypy_bot.learn.descriptors import DESCRIPTOR_COUNT, DESCRIPTORS_VERSION
from cherrypy_bot.learn.features import FEATURE_COUNT, FEATURES_VERSION, features
from cherrypy_bot.learn.policies import Choice, Fixed, Question
from cherrypy_bot.learn.view import StateView
from cherrypy_bot.learn.weights import Card, save, shapes
from modules.build_order.changes import Active, Changes, Conditional
from modules.build_order.conditions import Condition, Term
from modules.keys import BUILD, SELECTOR_RECORD
from modules.strategy import selector as selector_module
from modules.strategy.module import Strategy, StrategyOptions

quiet_python_sc2()
CONFIG = load_config(Path(__file__).parents[3] / "bots.yaml")


def play(
    options: dict[str, Any],
    *,
    bot_name: str = "cherry_zerg",
    seed: int = 1,
    loops: int = 800,
    strategy: type[Strategy] = Strategy,
    trace: Path | None = None,
) -> CherryBot:
    """A short match of a bot whose strategy has these options."""
    spec = CONFIG.bot(bot_name)
    made = build_bot(spec, seed)
    assert isinstance(made, CherryBot)
    modules = [m for m in made.modules if type(m).__name__ != "UpcToCommand"]
    mine = strategy(StrategyOptions(**options))
    bot = CherryBot(
        [mine if m.name == "strategy" else m for m in modules],
        seed=seed,
        build_orders=spec.build_orders,
        trace=trace,
    )
    computer = Contender("computer", Computer(Race.Zerg, Difficulty.VeryEasy))
    player = Contender("bot", Bot(spec.race, bot, name="bot"))
    play_match(MatchSetup((player, computer), "CherryGroveLE", seed=seed, game_step=16, loop_limit=loops))
    assert bot.faults == []
    return bot


class Scripted(Fixed):
    """Decides what a test says, at the loops it says."""

    name = "scripted"

    def __init__(self, plan: dict[int, str]) -> None:
        self.plan = plan
        self.asked: list[Question] = []

    def opening(self, question: Question) -> Choice:
        self.asked.append(question)
        return Choice(question.preferred)

    def evaluate(self, question: Question) -> Choice:
        self.asked.append(question)
        wanted = {loop: name for loop, name in self.plan.items() if loop <= question.view.loop}
        return Choice(wanted.get(max(wanted, default=-1)), values={"roach_timing": 0.5})


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[int, str]], Scripted]:
    def make(plan: dict[int, str]) -> Scripted:
        policy = Scripted(plan)
        monkeypatch.setattr(selector_module, "make_policy", lambda name, options, race: policy)
        return policy

    return make


def test_without_a_policy_the_configured_build_is_played_and_recorded() -> None:
    bot = play({})
    assert bot.board.get(BUILD) == "roach_timing"
    record = bot.board.get(SELECTOR_RECORD)
    assert record is not None
    assert record.loops == [0, 112, 224, 336, 448, 560, 672, 784]
    opening = record.builds.index("roach_timing")
    assert record.build == [-1] + [opening] * 7
    assert record.switch == [opening] + [-1] * 7
    assert not any(record.random)
    assert np.stack(record.inputs).shape == (8, FEATURE_COUNT)


def test_random_openings_are_openings_for_this_enemy_and_follow_the_seed() -> None:
    found = {seed: play({"policy": "random_opening"}, seed=seed, loops=16).board.get(BUILD) for seed in (1, 2, 3, 1)}
    again = play({"policy": "random_opening"}, seed=2, loops=16).board.get(BUILD)
    assert found[2] == again
    assert len(set(found.values())) > 1


def test_a_build_that_is_set_is_played_whatever_the_policy_draws() -> None:
    for seed in (1, 2):
        bot = play({"policy": "random_opening", "build": "twelve_pool"}, seed=seed, loops=16)
        assert bot.board.get(BUILD) == "twelve_pool"
        record = bot.board.get(SELECTOR_RECORD)
        assert record is not None
        assert record.random == [False]


def test_candidates_limit_the_choice() -> None:
    options = {"policy": "random_opening", "candidates": ("mutalisk", "twelve_pool")}
    found = {play(options, seed=seed, loops=16).board.get(BUILD) for seed in range(1, 7)}
    assert found == {"mutalisk", "twelve_pool"}


def test_a_decision_stands_for_its_time_and_only_then_the_next_one(
    scripted: Callable[[dict[int, str]], Scripted], tmp_path: Path
) -> None:
    policy = scripted({200: "mutalisk", 300: "roach_hydra"})
    trace = tmp_path / "match.cbtrace"
    bot = play({"commit_loops": 200}, loops=800, trace=trace)
    record = bot.board.get(SELECTOR_RECORD)
    assert record is not None
    names = [record.builds[index] if index >= 0 else "" for index in record.switch]
    assert dict(zip(record.loops, names, strict=True)) == {
        0: "roach_timing", 112: "", 224: "mutalisk", 336: "", 448: "roach_hydra", 560: "", 672: "roach_hydra", 784: "",
    }  # fmt: skip
    assert [question.may_switch for question in policy.asked][:5] == [True, False, True, False, True]
    assert bot.board.get(BUILD) == "roach_hydra"
    records = read_trace(trace).records
    notes = [facts["selector"] for step in records for _, facts in step.get("notes", ()) if "selector" in facts]
    assert [note["decided"] for note in notes if note["decided"]][:3] == ["roach_timing", "mutalisk", "roach_hydra"]
    assert any("selector" in step for step in records)


class Eager(Strategy):
    """Its builds want to switch to the roach timing at once."""

    name = "strategy"

    def _switch(self, ctx: Any, name: str) -> None:
        super()._switch(ctx, name)
        assert self._planned is not None
        if name != "roach_timing":
            reaction = Conditional(
                "reactions[0]", Condition(((Term("from", number=0),),)), Changes(switch_to="roach_timing")
            )
            self._planned = dataclasses.replace(self._planned, conditionals=(reaction,))
            self._active = Active(self._planned)


def test_a_reaction_does_not_undo_a_decision_at_once_but_counts_later(
    scripted: Callable[[dict[int, str]], Scripted],
) -> None:
    scripted({200: "mutalisk", 440: "nothing"})
    assert play({"commit_loops": 300}, loops=600, strategy=Eager).board.get(BUILD) == "mutalisk"
    bot = play({"commit_loops": 300}, loops=800, strategy=Eager)
    assert bot.board.get(BUILD) == "roach_timing"
    record = bot.board.get(SELECTOR_RECORD)
    assert record is not None
    # The reaction's switch is no decision of the policy; the next evaluation sees the other build.
    assert record.builds[record.build[-1]] == "roach_timing"
    assert sum(index >= 0 for index in record.switch) == 2


def test_targets_that_are_not_allowed_are_not_played(scripted: Callable[[dict[int, str]], Scripted]) -> None:
    policy = scripted({0: "twelve_pool"})
    bot = play({"commit_loops": 0}, loops=400)
    assert bot.board.get(BUILD) == "roach_timing"
    assert "twelve_pool" not in policy.asked[-1].candidates
    assert "roach_timing" not in policy.asked[-1].candidates
    assert "mutalisk" in policy.asked[-1].candidates


def test_a_policy_that_fails_costs_the_policy_not_the_match(
    scripted: Callable[[dict[int, str]], Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = scripted({})

    def fail(question: Question) -> Choice:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(policy, "evaluate", fail)
    bot = play({}, loops=400)
    assert bot.board.get(BUILD) == "roach_timing"
    assert bot.modules_off == ()


def weights(path: Path, *, builds: dict[str, float], race: str = "zerg") -> Path:
    """A model that gives builds these logits whatever it sees."""
    card = Card(
        format_version=1,
        features_version=FEATURES_VERSION,
        descriptors_version=DESCRIPTORS_VERSION,
        kind="gru",
        race=race,
        features=FEATURE_COUNT,
        descriptors=DESCRIPTOR_COUNT,
        hidden=4,
        query=1,
        truth=0,
        builds=sorted(builds),
        members=2,
        temperature=1.0,
        spread_limit=0.1,
        distance_limit=1e6,
    )
    tensors = {name: np.zeros(shape, np.float32) for name, shape in shapes(card).items()}
    for name in ("input_scale", "descriptor_scale", "query"):
        tensors[name] += 1.0
    for row, name in enumerate(sorted(builds)):
        tensors["embedding"][:, row, 0] = builds[name]
    save(path, card, tensors)
    return path


def test_the_selector_opens_with_what_wins_and_switches_when_it_may(tmp_path: Path) -> None:
    path = weights(tmp_path / "w.safetensors", builds={"twelve_pool": 2.0, "mutalisk": 1.0, "roach_timing": 0.0})
    trace = tmp_path / "match.cbtrace"
    options = {"policy": "selector", "weights": str(path), "commit_loops": 300, "threshold": 0.1}
    bot = play(options, loops=500, trace=trace)
    record = bot.board.get(SELECTOR_RECORD)
    assert record is not None
    # The pool wins most often (0.88); as it is no target of switches, later nothing beats it.
    assert record.builds[record.switch[0]] == bot.board.get(BUILD) == "twelve_pool"
    assert record.values[0]["twelve_pool"] == pytest.approx(0.8808, abs=1e-3)
    assert record.values[0]["hydra_ling"] == pytest.approx(0.5, abs=1e-3)  # unknown: its descriptor decides
    pinned = play({**options, "build": "roach_timing"}, loops=500)
    again = pinned.board.get(SELECTOR_RECORD)
    assert again is not None
    decided = [again.builds[index] if index >= 0 else "" for index in again.switch]
    assert decided == ["roach_timing", "", "", "mutalisk", ""]
    steps = read_trace(trace).records
    assert sum("selector" in step for step in steps) == len(record)


@pytest.mark.parametrize("damage", ["missing", "cut", "race", "card"])
def test_weights_that_cannot_be_used_cost_a_line_and_the_bandit_plays(damage: str, tmp_path: Path) -> None:
    path = weights(tmp_path / "w.safetensors", builds={"mutalisk": 1.0}, race="terran" if damage == "race" else "zerg")
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-5])
    elif damage == "card":
        path.with_suffix(".json").write_text("{}")
    trace = tmp_path / "match.cbtrace"
    bot = play({"policy": "selector", "weights": str(path)}, loops=130, trace=trace)
    assert bot.board.get(BUILD) == "roach_timing"  # the bandit without a history: what is configured
    said = [text for step in read_trace(trace).records for level, _, text in step.get("logs", ()) if level == "ERROR"]
    assert len(said) == 1
    assert "w." in said[0]
    assert "the bandit decides instead" in said[0]


def test_views_hold_what_the_game_shows() -> None:
    seen: list[StateView] = []

    class Watched(Strategy):
        name = "strategy"

        def on_step(self, ctx: Any) -> None:
            super().on_step(ctx)
            if ctx.loop >= 1120 and not seen:
                begin = time.process_time()
                for _ in range(20):
                    view = self._selector._viewer.view(ctx, "roach_timing", 1120)  # type: ignore[union-attr]
                    features(view)
                self.spent = (time.process_time() - begin) / 20
                seen.append(view)

    bot = play({}, loops=1200, strategy=Watched)
    (view,) = seen
    assert view.race == view.enemy_race == "zerg"
    assert view.own[U.DRONE.value] + (view.pending or {}).get(U.DRONE.value, 0) >= 14
    assert view.supply_used is not None
    assert view.supply_used >= 14
    assert view.bases == 1 or view.bases == 2
    assert view.map is not None
    assert view.map.rush_cells is not None
    assert 60 < view.map.rush_cells < 200
    assert view.grids is not None
    # Our hatchery stands at our start: column 1, on the line between the starts.
    assert view.grids[2][3:5, 1].sum() >= 300
    drones = [counts.get(U.DRONE.value, 0) for counts in view.forecast]
    assert drones == sorted(drones)
    assert drones[-1] > view.own[U.DRONE.value]
    strategy = next(m for m in bot.modules if m.name == "strategy")
    assert strategy.spent < 2e-3  # type: ignore[attr-defined]
