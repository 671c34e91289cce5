"""What goes to the ladder, what the documentation says, and that torch stays where it belongs."""

from __future__ import annotations

import re
from pathlib import Path

from cherrypy_bot.config import load_config
from cherrypy_bot.ladder.pack.contents import collect
from cherrypy_bot.learn import policies
from cherrypy_bot.learn.features import FEATURE_COUNT, groups
from cherrypy_bot.learn.vocabulary import RACES
from tests.test_architecture import imports_of, module_name, source_files

ROOT = Path(__file__).parents[2]
GROUP = re.compile(r"^\| ([a-z ]+) \| (\d+) \| ", re.MULTILINE)


def test_torch_is_imported_by_training_alone() -> None:
    names = {
        module_name(path)
        for path in source_files()
        for _, imported in imports_of(path)
        if imported.split(".")[0] in ("torch", "tensorboard", "safetensors")
    }
    allowed = ("cherrypy_bot.learn.training", "cherrypy_bot.learn.league", "cherrypy_bot.commands")
    assert {name for name in names if not name.startswith(allowed)} == set()
    assert "cherrypy_bot.learn.training.network" in names


def test_a_packed_bot_has_the_selector_and_nothing_of_its_training() -> None:
    contents = collect(load_config(ROOT / "bots.yaml").bot("cherry_zerg"))
    for name in ("view", "vocabulary", "features", "descriptors", "inference", "weights", "policies", "bandits"):
        assert f"cherrypy_bot/learn/{name}.py" in contents.files
    stays = ("training", "league", "evaluation", "episodes")
    assert [f for f in contents.files if f.startswith(tuple(f"cherrypy_bot/learn/{name}" for name in stays))] == []
    assert "torch" not in contents.from_image
    for race in RACES:
        shipped = policies.shipped_weights(race)
        if shipped.exists():
            assert shipped.relative_to(ROOT).as_posix() in contents.files
            assert shipped.with_suffix(".json").relative_to(ROOT).as_posix() in contents.files


def test_weights_that_are_shipped_go_along(tmp_path: Path) -> None:
    """Data folders of a package are packed with it, whatever lies in them."""
    from cherrypy_bot.ladder.pack.contents import _Collector

    (tmp_path / "learn" / "shipped").mkdir(parents=True)
    for name in ("zerg.safetensors", "zerg.json"):
        (tmp_path / "learn" / "shipped" / name).write_bytes(b"x")
    collector = _Collector(tmp_path)
    collector._add_data(tmp_path / "learn", "cherrypy_bot/learn")
    assert set(collector.contents.files) == {
        "cherrypy_bot/learn/shipped/zerg.json",
        "cherrypy_bot/learn/shipped/zerg.safetensors",
    }
    place = policies.shipped_weights("zerg").relative_to(ROOT).as_posix()
    assert place == "cherrypy_bot/learn/shipped/zerg.safetensors"


def test_the_documentation_lists_every_group_of_features() -> None:
    text = (ROOT / "docs" / "selector.md").read_text(encoding="utf-8")
    listed = {name: int(count) for name, count in GROUP.findall(text)}
    assert listed == {name: place.stop - place.start for name, place in groups().items()}
    assert f"a vector of {FEATURE_COUNT} numbers" in text
