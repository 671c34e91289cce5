"""Packed bots: what goes in, what is refused, and a match with nothing but what the ladder's image has."""

from __future__ import annotations

import ast
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cherrypy_bot.ladder.pack import image
from cherrypy_bot.ladder.pack.contents import STAYS_HERE
from cherrypy_bot.ladder.pack.imports import imports_of
from tests.cli.command import Command

ROOT = Path(__file__).resolve().parents[2]
MODULE = "from cherrypy_bot.core.module import Module\n\n\nclass Thing(Module):\n    pass\n"


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`cherrypy-bot`, callable with its arguments."""
    return Command(monkeypatch, capsys)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a bots.yaml of its own; what is imported from it is forgotten afterwards."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    known = set(sys.modules)
    (tmp_path / "bots.yaml").write_text(
        "defaults: {game_step: 8}\n"
        "bots:\n"
        "  thing: {race: zerg, modules: [things.Thing]}\n"
        "  probe: {race: terran, class: probe.Probe}\n",
        encoding="utf-8",
    )
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / "__init__.py").write_text(MODULE)
    (tmp_path / "probe.py").write_text("from sc2.bot_ai import BotAI\n\n\nclass Probe(BotAI):\n    pass\n")
    yield tmp_path
    for name in set(sys.modules) - known:
        if name.partition(".")[0] in ("things", "probe"):
            del sys.modules[name]


def pack(
    command: Command, name: str, path: Path, *arguments: str, config: Path = ROOT / "bots.yaml"
) -> dict[str, object]:
    """Packs a bot; what the command prints as JSON."""
    answer = command("pack", name, "-o", str(path), "--config", str(config), "--json", *arguments)
    assert answer.code == 0, answer
    plain: dict[str, object] = json.loads(answer.out)
    return plain


@pytest.mark.parametrize("bot", ["cherry_protoss", "cherry_terran", "cherry_zerg", "one_base_rush_zerg"])
def test_every_import_in_a_packed_bot_is_met_by_the_zip_or_the_image(
    bot: str, command: Command, tmp_path: Path
) -> None:
    path = tmp_path / "bot.zip"
    said = pack(command, bot, path)
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        assert {"run.py", "bots.yaml", "sc2/main.py", "s2clientprotocol/sc2api_pb2.py", "portpicker.py"} <= names
        assert "licences/burnysc2/LICENSE" in names
        tops = {name.partition("/")[0].removesuffix(".py") for name in names}
        ours = [name for name in names if name.startswith(("cherrypy_bot/", "modules/")) and name.endswith(".py")]
        for name in ours:
            for node in ast.walk(ast.parse(archive.read(name))):
                wanted = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                wanted += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                for module in wanted:
                    top = module.partition(".")[0]
                    assert top in tops | set(image.PACKAGES) | sys.stdlib_module_names, f"{name} imports {module}"
                    assert not module.startswith(tuple(STAYS_HERE)), f"{name} imports {module}"
    for package in STAYS_HERE:
        place = package.replace(".", "/")
        assert not [name for name in names if name.startswith((place + "/", place + ".py"))]
    assert not [name for name in names if name.endswith((".so", ".pyc"))]
    if bot.startswith("cherry"):  # its selector needs NumPy alone; what trains it stays here
        assert {"cherrypy_bot/learn/policies.py", "cherrypy_bot/learn/inference.py"} <= names
        training = ("training", "evaluation", "league", "episodes")
        assert not [name for name in names if name.startswith(tuple(f"cherrypy_bot/learn/{part}" for part in training))]
        assert "torch" not in said["from_image"]  # type: ignore[operator]
        assert "modules/build_order/builds/protoss/four_gate.yaml" in names


def test_the_same_bot_gives_the_same_bytes(command: Command, home: Path) -> None:
    for name in ("one", "two"):
        pack(command, "thing", home / f"{name}.zip", config=home / "bots.yaml")
    assert (home / "one.zip").read_bytes() == (home / "two.zip").read_bytes()


def test_the_zip_knows_one_bot_and_a_table_says_what_went_in(command: Command, home: Path) -> None:
    (home / "weights").mkdir()
    (home / "weights" / "w.bin").write_bytes(b"123")
    path, config = home / "thing.zip", home / "bots.yaml"
    answer = command("pack", "thing", "-o", str(path), "--config", str(config), "--add", str(home / "weights"))
    assert answer.code == 0, answer
    for said in ("what went in", "sc2", "burnysc2", "things", "MB", "numpy", f"pack --check {path}"):
        assert said in answer.out
    with zipfile.ZipFile(path) as archive:
        assert archive.read("weights/w.bin") == b"123"
        assert "things/__init__.py" in archive.namelist()
        written = archive.read("bots.yaml").decode()
    assert "probe" not in written
    assert "game_step: 8" in written


def test_weights_that_lie_in_a_package_go_with_it(command: Command, home: Path) -> None:
    weights = home / "things" / "weights" / "zerg"
    weights.mkdir(parents=True)
    (weights / "net.safetensors").write_bytes(b"123")
    (weights / "net.json").write_text("{}")
    pack(command, "thing", home / "thing.zip", config=home / "bots.yaml")
    with zipfile.ZipFile(home / "thing.zip") as archive:
        assert {f"things/weights/zerg/net.{kind}" for kind in ("safetensors", "json")} <= set(archive.namelist())


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import numba\n", "imports numba, which the ladder's image does not have and which is compiled"),
        ("def late():\n    import numba\n", "imports numba"),
        ("def late():\n    from cherrypy_bot.sim import game\n", "the engine does not go to the ladder"),
        ("def late():\n    import cherrypy_bot.cli\n", "the command line does not go to the ladder"),
        ("def late():\n    import no_such_package\n", "imports no_such_package"),
        ("def late():\n    from things import absent_file.x\n", "the bot cannot be packed"),
    ],
)
def test_imports_that_the_ladder_cannot_meet_are_refused_with_file_and_line(
    source: str, said: str, command: Command, home: Path
) -> None:
    (home / "things" / "helper.py").write_text(source)
    (home / "things" / "__init__.py").write_text(MODULE + "\n\ndef later():\n    from things import helper\n")
    path = home / "out.zip"
    line = command.refused("pack", "thing", "-o", str(path), "--config", str(home / "bots.yaml"))
    assert said in line
    assert "helper.py:" in line
    assert not path.exists()


def test_what_the_code_can_do_without_is_left_out_and_said(command: Command, home: Path) -> None:
    (home / "things" / "__init__.py").write_text(
        "try:\n    import numba\nexcept ImportError:\n    numba = None\n" + MODULE
    )
    plain = pack(command, "thing", home / "out.zip", config=home / "bots.yaml")
    assert str(plain["left_out"]).count("numba") == 1


def test_a_zip_that_is_too_large_is_refused_and_not_written(
    command: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image, "MAX_BYTES", 100_000)
    path = home / "out.zip"
    line = command.refused("pack", "thing", "-o", str(path), "--config", str(home / "bots.yaml"))
    assert "the ladder takes 0" in line
    assert "largest files: " in line
    assert list(home.glob("out.zip*")) == []


def test_a_packed_bot_plays_with_the_images_packages_alone(command: Command, home: Path) -> None:
    (home / "probe.py").write_text(
        "import importlib.util\n"
        "from pathlib import Path\n"
        "from sc2.bot_ai import BotAI\n"
        "class Probe(BotAI):\n"
        "    async def on_step(self, iteration):\n"
        "        if iteration:\n"
        "            return\n"
        "        names = ('numba', 'typer', 'pytest', 'cherrypy_bot.sim', 'numpy')\n"
        "        print('found', *(importlib.util.find_spec(name) is not None for name in names))\n"
        "        import sc2\n"
        "        print('sc2 of the zip', Path(sc2.__file__).parent.parent == Path.cwd())\n"
        "        print('kept', sorted(path.name for path in Path('data').iterdir()))\n"
    )
    path = home / "probe.zip"
    pack(command, "probe", path, config=home / "bots.yaml")
    answer = command("pack", "--check", str(path), "--loop-limit", "60", "--json", "--map", "OrchardLE")
    assert answer.code == 0, answer
    plain = json.loads(answer.out)
    assert plain["fit"]
    assert plain["result"]["type"] == "Tie"
    assert plain["result"]["bot1_steps"] >= 5
    words = "\n".join(plain["last_words"])
    assert "found False False False False True" in words
    assert "sc2 of the zip True" in words
    assert "kept ['history']" in words


def test_the_projects_bot_is_fit_for_the_ladder(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "cherry_terran.zip"
    pack(command, "cherry_terran", path)
    answer = command("pack", "--check", str(path), "--loop-limit", "200", "--map", "OrchardLE")
    assert answer.code == 0, answer
    assert "fit for the ladder" in answer.out
    assert "cherry_terran v sparring on OrchardLE" in answer.out


def test_a_zip_that_crashes_is_not_fit_and_its_last_words_are_shown(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("run.py", "import numba\n")
    answer = command("pack", "--check", str(path), "--map", "OrchardLE")
    assert answer.code == 1
    assert "not fit for the ladder: there was no match: bad ended by itself (exit code 1)" in answer.out
    assert "No module named 'numba'" in answer.out


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["run.py", "cherrypy_bot/sim/game.py"], "the engine does not go to the ladder"),
        (["bot/run.py"], "has no run.py at its root"),
    ],
)
def test_what_the_ladder_would_not_take_is_refused_before_a_match(
    names: list[str], said: str, command: Command, tmp_path: Path
) -> None:
    path = tmp_path / "bot.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "")
    assert said in command.refused("pack", "--check", str(path))


@pytest.mark.parametrize(("arguments", "said"), [((), "say which bot is packed"), (("nobody",), "no bot is called")])
def test_mistakes_end_with_one_line(arguments: tuple[str, ...], said: str, command: Command) -> None:
    assert said in command.refused("pack", *arguments, "--config", str(ROOT / "bots.yaml"))


def test_imports_of_every_form_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "file.py"
    path.write_text(
        "from __future__ import annotations\n"
        "from typing import TYPE_CHECKING\n"
        "import a.b\n"
        "from .. import c\n"
        "from .d import *\n"
        "if TYPE_CHECKING:\n    import never\nelse:\n    import e\n"
        "try:\n    import f\nexcept (ImportError, OSError):\n    import g\n"
        "try:\n    import h\nexcept ValueError:\n    pass\n"
        "class K:\n    def m(self):\n        import i\n"
    )
    found = {entry.name: (entry.lazy, entry.guarded) for entry in imports_of(path, "top.sub.file", is_package=False)}
    never_asked = {"__future__.annotations", "typing.TYPE_CHECKING"}
    assert {name: flags for name, flags in found.items() if name not in never_asked} == {
        "a.b": (False, False),
        "top.c": (False, False),
        "top.sub.d": (False, False),
        "e": (False, False),
        "f": (False, True),
        "g": (False, False),
        "h": (False, False),
        "i": (True, False),
    }
