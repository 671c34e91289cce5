"""Training finds what is in the data, says how sure it is, and gives the same weights twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from sc2.data import Race

from cherrypy_bot.learn.descriptors import describe
from cherrypy_bot.learn.features import FEATURE_COUNT, feature_names
from cherrypy_bot.learn.inference import MOST_SIGMA, Model, Session, standardised
from cherrypy_bot.learn.policies import Learned, PolicyOptions, Question
from cherrypy_bot.learn.training import metrics
from cherrypy_bot.learn.training.dataset import TrainingError, prepare
from cherrypy_bot.learn.training.fit import FitOptions
from cherrypy_bot.learn.training.network import Member, Shape
from cherrypy_bot.learn.training.train import Progress, TrainOptions, choose_device, train
from cherrypy_bot.learn.view import StateView
from cherrypy_bot.learn.weights import Card, WeightsError, save, shapes
from modules.build_order.builds import builds_of
from tests.learn.synthetic import BUILDS, CHANCES, SEEN_FROM, SHOWN, STEPS, episode, reader

DESCRIPTORS = {name: describe(build) for name, build in builds_of(Race.Zerg).items()}
SMALL = FitOptions(epochs=14, games=32, patience=5)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def options(kind: str = "gru", **facts: object) -> TrainOptions:
    made = TrainOptions(race="zerg", kind=kind, members=3, hidden=24, query=8, fit=SMALL, validation=0.3, device="cpu")
    return dataclasses.replace(made, **facts)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Card]:
    path = tmp_path_factory.mktemp("weights") / "zerg.safetensors"
    return path, train(reader(1500), options(), path, DESCRIPTORS)


def test_counters_that_the_data_holds_are_found_and_chances_are_honest(trained: tuple[Path, Card]) -> None:
    _, card = trained
    model, constant = card.metrics["model"], card.metrics["constant"]
    # Half of the decisions are openings that settle nothing; the best possible is 0.57 nats and an AUC of 0.74.
    assert model["log_loss"] < 0.61 < 0.68 < constant["log_loss"]
    assert model["auc"] > 0.70
    assert model["ece"] <= 0.06
    assert model["brier"] < constant["brier"] - 0.03


def test_in_a_match_the_counter_is_the_best_choice_against_each_enemy(trained: tuple[Path, Card]) -> None:
    path, _ = trained
    model = Model.load(path)
    known = {name: DESCRIPTORS[name] for name in BUILDS}
    names = feature_names()
    for enemy, shown in enumerate(SHOWN):
        session = Session(model)
        inputs = np.zeros((STEPS, FEATURE_COUNT), np.float32)
        inputs[:, names.index("time: loops")] = np.arange(STEPS) * 112 / 13440
        inputs[:, names.index("bank: minerals")] = 0.5
        inputs[SEEN_FROM:, names.index(f"enemy: {shown}")] = 0.65
        first = session.evaluate(inputs[0], "", None, known)
        assert all(abs(value - 0.5) < 0.15 for value in first.values.values())
        for step in inputs[1:]:
            found = session.evaluate(step, BUILDS[0], DESCRIPTORS[BUILDS[0]], known)
        for offset, chance in enumerate(CHANCES):
            assert abs(found.values[BUILDS[(enemy + offset) % 3]] - chance) < 0.2, (shown, found.values)
        assert max(found.values, key=lambda name: found.values[name]) == BUILDS[enemy]


def test_the_same_seed_and_data_give_the_same_weights(tmp_path: Path) -> None:
    few = FitOptions(epochs=2, games=16)
    hashes = [
        train(reader(80), options(members=2, fit=few, seed=seed), tmp_path / f"{run}.safetensors", DESCRIPTORS).sha256
        for run, seed in enumerate((1, 1, 2))
    ]
    assert hashes[0] == hashes[1] != hashes[2]


def test_numpy_computes_what_torch_does(trained: tuple[Path, Card]) -> None:
    for kind in ("gru", "mlp", "linear"):
        _compare(kind)


def _compare(kind: str) -> None:
    """Random weights through both, as a whole game."""
    torch.manual_seed(5)
    rng = np.random.default_rng(5)
    active = np.sort(rng.permutation(FEATURE_COUNT)[:300])
    known = np.stack([DESCRIPTORS[name] for name in BUILDS])
    shape = Shape(kind=kind, inputs=300, descriptors=known.shape[1], builds=3, hidden=24, query=8)
    members = [Member(shape).eval() for _ in range(2)]
    for member in members:
        torch.nn.init.normal_(member.query)
    mean = rng.normal(size=FEATURE_COUNT).astype(np.float32)
    scale = (0.2 + rng.random(FEATURE_COUNT)).astype(np.float32)
    each = [member.tensors(active, FEATURE_COUNT) for member in members]
    zeros, ones = np.zeros(known.shape[1], np.float32), np.ones(known.shape[1], np.float32)
    tensors = {
        **{name: np.stack([one[name] for one in each]) for name in each[0]},
        "input_mean": mean,
        "input_scale": scale,
        "descriptor_mean": zeros,
        "descriptor_scale": ones,
    }
    card = _card(kind, 24, 8, 2, list(BUILDS))
    assert {name: array.shape for name, array in tensors.items()} == shapes(card)
    inputs = rng.normal(size=(20, FEATURE_COUNT)).astype(np.float32)
    build = np.array([-1] + [0] * 9 + [2] * 10)
    session = Session(Model(card, tensors))
    ours = []
    for row, index in zip(inputs, build.tolist(), strict=True):
        name = BUILDS[index] if index >= 0 else ""
        session.evaluate(row, name, DESCRIPTORS.get(name), {n: DESCRIPTORS[n] for n in BUILDS})
        ours.append(session.logits)
    z = np.clip(standardised(inputs, mean, scale), -MOST_SIGMA, MOST_SIGMA)[:, active]
    for number, member in enumerate(members):
        with torch.no_grad():
            queries = member.queries(torch.from_numpy(known))
            hidden = member(torch.from_numpy(z)[None], torch.from_numpy(build)[None], queries)[0]
            theirs = torch.stack([member.logits(hidden, queries[i].expand(20, -1)) for i in range(3)], dim=1).numpy()
        assert np.abs(np.stack(ours)[:, number] - theirs).max() < 1e-5


def _card(kind: str, hidden: int, query: int, members: int, builds: list[str]) -> Card:
    return Card(
        format_version=1,
        features_version=1,
        descriptors_version=1,
        kind=kind,
        race="zerg",
        features=FEATURE_COUNT,
        descriptors=len(next(iter(DESCRIPTORS.values()))),
        hidden=hidden,
        query=query,
        truth=0,
        builds=builds,
        members=members,
        temperature=1.0,
        spread_limit=1.0,
        distance_limit=100.0,
    )


def question(inputs: np.ndarray, **facts: object) -> Question:
    made = Question(
        view=StateView(loop=2000, race="zerg"),
        inputs=inputs.astype(np.float32),
        preferred=BUILDS[2],
        candidates=(BUILDS[0], BUILDS[1]),
        current=BUILDS[2],
        may_switch=True,
        descriptors=DESCRIPTORS,
        history=(),
        rng=np.random.default_rng(0),
    )
    return dataclasses.replace(made, **facts)  # type: ignore[arg-type]


def seen(shown: str) -> np.ndarray:
    inputs = np.zeros(FEATURE_COUNT, np.float32)
    names = feature_names()
    inputs[names.index("bank: minerals")] = 0.5
    inputs[names.index("time: loops")] = 7 * 112 / 13440
    inputs[names.index(f"enemy: {shown}")] = 0.65
    return inputs


def test_the_selector_switches_to_what_wins_and_stays_with_what_wins(trained: tuple[Path, Card]) -> None:
    model = Model.load(trained[0])
    policy = Learned(model, PolicyOptions(threshold=0.15))
    for _ in range(4):  # warm, as in a match
        choice = policy.evaluate(question(seen(SHOWN[0])))
    assert choice.build == BUILDS[0]
    assert choice.values[BUILDS[0]] > choice.values[BUILDS[2]] + 0.15
    assert set(choice.spread) == set(BUILDS)
    stay = Learned(model, PolicyOptions(threshold=0.15))
    for _ in range(4):
        choice = stay.evaluate(question(seen(SHOWN[2])))
    assert choice.build is None
    assert not choice.abstained


def test_while_a_decision_stands_the_selector_only_looks(trained: tuple[Path, Card]) -> None:
    policy = Learned(Model.load(trained[0]), PolicyOptions(threshold=0.0))
    for _ in range(4):
        choice = policy.evaluate(question(seen(SHOWN[0]), may_switch=False))
    assert choice.build is None
    assert choice.values[BUILDS[0]] > 0.6


def test_the_selector_abstains_on_what_it_has_never_seen(trained: tuple[Path, Card]) -> None:
    policy = Learned(Model.load(trained[0]), PolicyOptions(threshold=0.0))
    strange = seen(SHOWN[0])
    strange[feature_names().index("enemy: CARRIER")] = 1.0
    choice = policy.evaluate(question(strange))
    assert choice.abstained
    assert choice.build is None
    assert "unlike" in choice.why
    opening = policy.opening(question(strange, current="", candidates=BUILDS))
    assert opening.abstained
    assert opening.build == BUILDS[2]  # the bandit without a history plays what is configured


def test_a_build_that_joined_later_gets_a_value_from_its_descriptor(trained: tuple[Path, Card]) -> None:
    session = Session(Model.load(trained[0]))
    twin = {"mutalisk": DESCRIPTORS["mutalisk"], "mutalisk_again": DESCRIPTORS["mutalisk"]}
    for _ in range(5):
        found = session.evaluate(seen(SHOWN[1]), BUILDS[0], DESCRIPTORS[BUILDS[0]], twin)
    # The descriptor alone carries most of what is known of the original.
    assert found.values["mutalisk_again"] > 0.6
    assert abs(found.values["mutalisk_again"] - found.values["mutalisk"]) < 0.25


def test_one_evaluation_takes_little_of_the_two_milliseconds(tmp_path: Path) -> None:
    import time

    rng = np.random.default_rng(0)
    card = _card("gru", 96, 16, 5, sorted(DESCRIPTORS))
    tensors = {name: (0.1 + rng.random(shape)).astype(np.float32) for name, shape in shapes(card).items()}
    save(tmp_path / "w.safetensors", card, tensors)
    assert (tmp_path / "w.safetensors").stat().st_size < 5_000_000
    session = Session(Model.load(tmp_path / "w.safetensors"))
    inputs = rng.normal(size=FEATURE_COUNT).astype(np.float32)
    times = []
    for _ in range(40):
        begin = time.process_time()
        session.evaluate(inputs, "mutalisk", DESCRIPTORS["mutalisk"], DESCRIPTORS)
        times.append(time.process_time() - begin)
    assert np.median(times) < 1.5e-3


def test_curves_and_progress_tell_of_every_epoch(tmp_path: Path) -> None:
    told: list[Progress] = []
    made = options(members=2, fit=FitOptions(epochs=2), curves=tmp_path / "curves")
    train(reader(60), made, tmp_path / "w.safetensors", DESCRIPTORS, told.append)
    assert [(p.member, p.epoch.number) for p in told] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    (file,) = (tmp_path / "curves").iterdir()
    assert b"validation/member1" in file.read_bytes()


def test_without_the_auxiliary_head_nothing_is_predicted_of_the_enemy(tmp_path: Path) -> None:
    made = options(members=1, fit=FitOptions(epochs=1, auxiliary=0.0))
    assert train(reader(60), made, tmp_path / "w.safetensors", DESCRIPTORS).truth == 0
    with_it = options(members=1, fit=FitOptions(epochs=1))
    assert train(reader(60), with_it, tmp_path / "v.safetensors", DESCRIPTORS).truth == len(SHOWN)


def test_data_that_teaches_nothing_is_refused_with_the_reason(tmp_path: Path) -> None:
    target = tmp_path / "w.safetensors"
    with pytest.raises(TrainingError, match=r"no episode of zerg to learn from \(there is none"):
        train(lambda: iter(()), options(), target, DESCRIPTORS)
    other = [dataclasses.replace(episode(1), race="terran"), dataclasses.replace(episode(2), loops=100)]
    with pytest.raises(TrainingError, match="1 of another race, 1 too short"):
        train(lambda: iter(other), options(), target, DESCRIPTORS)
    won = [dataclasses.replace(episode(n), result=1.0, ended="won") for n in range(20)]
    with pytest.raises(TrainingError, match="different results"):
        train(lambda: iter(won), options(), target, DESCRIPTORS)
    with pytest.raises(TrainingError, match="'roach_timing', which is not there any more"):
        train(reader(60), options(), target, {name: DESCRIPTORS[name] for name in BUILDS[:2]})
    with pytest.raises(TrainingError, match="try --device cpu"):
        choose_device("nonsense")
    assert not target.exists()


def test_both_sides_of_a_match_are_in_the_same_split() -> None:
    both = [dataclasses.replace(episode(n // 2), side=n % 2) for n in range(200)]
    data = prepare(lambda: iter(both), "zerg", validation=0.3)
    names = [{game.name.rpartition("/")[0] for game in games} for games in (data.training, data.validation)]
    assert not names[0] & names[1]
    assert 0.15 < len(names[1]) / 100 < 0.45


def test_a_tie_is_not_won() -> None:
    """A build that draws everything must not look better than one that wins four games of ten."""
    made = [dataclasses.replace(episode(n), result=0.5 if n % 3 == 0 else float(n % 2)) for n in range(60)]
    data = prepare(lambda: made, "zerg")
    found = {game.name: game.result for game in (*data.training, *data.validation)}
    assert found == {one.key: float(one.result == 1.0) for one in made}


def test_decisions_that_were_not_random_count_only_when_asked_for() -> None:
    chosen = [dataclasses.replace(episode(n), random=np.arange(STEPS) == 0) for n in range(60)]
    few = prepare(lambda: iter(chosen), "zerg")
    all_of_them = prepare(lambda: iter(chosen), "zerg", all_decisions=True)
    assert few.summary()["decisions"] == 60
    assert all_of_them.summary()["decisions"] == 120


def test_metrics_agree_with_cases_worked_out_by_hand() -> None:
    results = np.array([1.0, 0.0, 1.0, 0.0])
    assert metrics.log_loss(np.full(4, 0.5), results) == pytest.approx(np.log(2))
    assert metrics.brier(np.array([1.0, 0.0, 0.5, 0.5]), results) == pytest.approx(0.125)
    assert metrics.auc(np.array([0.9, 0.1, 0.8, 0.3]), results) == 1.0
    assert metrics.auc(np.array([0.9, 0.9, 0.2, 0.3]), results) == pytest.approx(0.375)
    assert metrics.ece(np.array([0.95, 0.95, 0.05, 0.05]), np.array([1.0, 0.0, 0.0, 0.0])) == pytest.approx(0.25)


def test_temperature_undoes_overconfidence() -> None:
    rng = np.random.default_rng(3)
    true = rng.normal(size=4000)
    results = (rng.random(4000) < 1 / (1 + np.exp(-true))).astype(float)
    logits = np.stack([3.0 * true, 3.0 * true])
    assert metrics.fit_temperature(logits, results) == pytest.approx(3.0, rel=0.15)
    chances = metrics.cross_fitted(logits, results, np.arange(4000))
    assert metrics.ece(chances, results) < 0.03 < metrics.ece(metrics.ensemble(logits, 1.0), results)


def test_a_few_decisions_do_not_make_an_ensemble_sure() -> None:
    """Six of six right say nothing against a temperature of 1; a thousand of a thousand do."""
    few = np.array([[1.0, -1.0] * 3])
    assert 0.6 < metrics.fit_temperature(few, (few[0] > 0).astype(float)) < 1.0
    many = np.tile(few, 200)
    assert metrics.fit_temperature(many, (many[0] > 0).astype(float)) < 0.3


def test_weights_larger_than_allowed_are_not_written(tmp_path: Path) -> None:
    card = _card("gru", 400, 16, 8, list(BUILDS))
    tensors = {name: np.ones(shape, np.float32) for name, shape in shapes(card).items()}
    with pytest.raises(WeightsError, match="train it smaller"):
        save(tmp_path / "w.safetensors", card, tensors)
