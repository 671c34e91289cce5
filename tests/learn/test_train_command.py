"""`cherrypy-bot train selector`: weights, card and curves from a folder of episodes; mistakes are one line."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from cherrypy_bot.learn.episodes import ShardWriter
from cherrypy_bot.learn.inference import Model
from cherrypy_bot.learn.league.split import load_split
from tests.cli.command import Command
from tests.learn.synthetic import BUILDS, episode


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    with ShardWriter(folder, "worker0") as shard:
        for number in range(80):
            shard.append(episode(number))
    return folder


def arguments(data: Path, output: Path, *more: str) -> list[str]:
    small = ["--epochs", "1", "--members", "2", "--hidden", "8", "--threads", "1", "--device", "cpu"]
    curves = ["--curves", str(output.parent / "curves")]
    return ["train", "selector", "--race", "zerg", "--data", str(data), "-o", str(output), *small, *curves, *more]


def test_a_folder_of_episodes_becomes_weights_with_a_card(cli: Command, data: Path, tmp_path: Path) -> None:
    output = tmp_path / "zerg.safetensors"
    outcome = cli(*arguments(data, output))
    assert outcome.code == 0
    assert "log loss" in outcome.out
    model = Model.load(output)
    assert model.card.builds == sorted(BUILDS)
    assert model.card.data["training_games"] + model.card.data["validation_games"] == 80
    assert (tmp_path / "curves").is_dir()


def test_json_is_the_card_and_the_baselines_say_what_they_are(cli: Command, data: Path, tmp_path: Path) -> None:
    output = tmp_path / "linear.safetensors"
    outcome = cli(*arguments(data, output, "--baseline", "linear", "--no-auxiliary", "--json"))
    plain = json.loads(outcome.out)
    assert (plain["kind"], plain["truth"], plain["weights"]) == ("linear", 0, str(output))
    assert plain["metrics"]["constant"]["auc"] == 0.5


def test_mistakes_are_one_line(cli: Command, data: Path, tmp_path: Path) -> None:
    output = tmp_path / "w.safetensors"
    assert "--race orc" in cli.refused("train", "selector", "--race", "orc", "--data", str(data))
    assert "no such file" in cli.refused(*arguments(tmp_path / "nowhere", output))
    assert ".safetensors" in cli.refused(*arguments(data, tmp_path / "weights.bin"))
    assert "linear and mlp" in cli.refused(*arguments(data, output, "--baseline", "forest"))
    assert "no episode of terran" in cli.refused(
        "train", "selector", "--race", "terran", "--data", str(data), "-o", str(output)
    )
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no episodes" in cli.refused(*arguments(empty, output))
    assert not output.exists()


def test_what_is_held_out_is_not_learned_from(cli: Command, tmp_path: Path) -> None:
    split = load_split()
    with ShardWriter(tmp_path / "data", "worker0") as shard:
        for number in range(80):
            shard.append(episode(number))
        for number in range(80, 85):
            shard.append(replace(episode(number), opponent=min(split.held_out)))
        for number in range(85, 88):
            shard.append(replace(episode(number), map_name=split.held_out_maps[0]))
    outcome = cli(*arguments(tmp_path / "data", tmp_path / "w.safetensors", "--json"))
    data = json.loads(outcome.out)["data"]
    assert data["left_out"] == {"against held-out opponents": 5, "on held-out maps": 3}
    assert data["training_games"] + data["validation_games"] == 80


def test_damaged_data_costs_its_own_games_and_is_named(cli: Command, data: Path, tmp_path: Path) -> None:
    (shard,) = data.glob("*.episodes")
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 0xFF
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / shard.name).write_bytes(content)
    outcome = cli(*arguments(folder, tmp_path / "w.safetensors", "--json"))
    assert outcome.code == 0
    assert re.search(rf"{re.escape(shard.name)}: [\d,]+ damaged bytes at [\d,]+", " ".join(outcome.err.split()))
    card = json.loads(outcome.out)
    assert card["data"]["training_games"] + card["data"]["validation_games"] == 79
    (folder / shard.name).write_bytes(b"PK" + bytes(content[2:]))
    assert shard.name in cli.refused(*arguments(folder, tmp_path / "w.safetensors"))
