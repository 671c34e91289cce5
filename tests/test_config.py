"""bots.yaml: what is wrong is said in one line that names file, line and key."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sc2.data import AIBuild, Difficulty, Race

from cherrypy_bot.config import BotSpec, ComputerSpec, ConfigError, build_bot, load_config, parse_opponent
from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.loop import Limits

GOOD = """\
defaults:
  bot: cherry
  opponent: computer:terran:hard
  map: Known
  seed: 3
  game_step: 8
bots:
  cherry:
    race: Zerg
    modules:
      - cherrypy_bot.core.orders.UpcToCommand
    build_orders: [12pool]
  quick:
    race: zerg
    game_step: 2
    limits: {faults: 2, step_budget_ms: 40}
    modules: []
"""

MODULES = """
from pydantic import Field

from sc2.bot_ai import BotAI

from cherrypy_bot.core.module import Module, ModuleOptions
from cherrypy_bot.core.upc import Command


class Top(Module):
    class Options(ModuleOptions):
        workers: int = Field(default=16, ge=1)
        name: str = "x"

    posts = (Command.HARASS,)


class Harasser(Module):
    consumes = (Command.HARASS,)


class Broken(Module):
    def __init__(self, options):
        raise RuntimeError("no luck")


class Plain(BotAI):
    def __init__(self, speed: int = 1, seed: int = 0):
        super().__init__()
        self.speed, self.seed = speed, seed
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a package of modules beside bots.yaml."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in [name for name in sys.modules if name.startswith("mine_for_tests")]:
        del sys.modules[name]
    (tmp_path / "mine_for_tests").mkdir()
    (tmp_path / "mine_for_tests" / "__init__.py").write_text("")
    (tmp_path / "mine_for_tests" / "stuff.py").write_text(MODULES)
    (tmp_path / "mine_for_tests" / "crash.py").write_text("1 / 0\n")
    return tmp_path


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "bots.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def bot(body: str) -> str:
    """A file with one bot, whose keys start in line 3."""
    return "bots:\n  a:\n" + "".join(f"    {line}\n" for line in body.splitlines())


def test_a_good_file_is_loaded(folder: Path) -> None:
    config = load_config(write(folder, GOOD), known_map=lambda name: name == "Known")
    assert (config.defaults.bot, config.defaults.map, config.defaults.seed) == ("cherry", "Known", 3)
    assert list(config.bots) == ["cherry", "quick"]
    cherry, quick = config.bot("cherry"), config.bot("quick")
    assert (cherry.race, cherry.game_step, cherry.build_orders) == (Race.Zerg, 8, ("12pool",))
    assert (quick.game_step, quick.limits) == (2, Limits(faults=2, step_budget_ms=40.0))
    config.check_all()


def test_a_bot_is_built_with_its_modules_and_options(folder: Path) -> None:
    body = "race: zerg\nmodules:\n- mine_for_tests.stuff.Top: {workers: 20}\n- mine_for_tests.stuff.Harasser"
    spec = load_config(write(folder, bot(body))).bot("a")
    made = build_bot(spec, seed=5)
    assert isinstance(made, CherryBot)
    assert [module.name for module in made.modules] == ["top", "harasser", "upc_to_command"]
    assert made.modules[0].options.workers == 20
    assert (made.name, made.seed, made.game_step) == ("a", 5, 4)
    other = build_bot(spec, seed=5, game_step=16)
    assert isinstance(other, CherryBot)
    assert other.game_step == 16
    assert other.modules[0] is not made.modules[0]


@pytest.mark.parametrize("name", ["mine_for_tests.stuff.Plain", "mine_for_tests.stuff:Plain"])
def test_a_plain_python_sc2_bot_gets_its_options_and_the_seed(folder: Path, name: str) -> None:
    spec = load_config(write(folder, bot(f"race: terran\nclass: {name}\noptions: {{speed: 3}}"))).bot("a")
    made = build_bot(spec, seed=9)
    assert (type(made).__name__, made.speed, made.seed) == ("Plain", 3, 9)


CASES = {
    "unknown module": (
        bot("race: zerg\nmodules: [modules.nope.Nope]"),
        4, "bots.a.modules[0]", "no module 'modules.nope'",
    ),
    "unknown package": (bot("race: zerg\nmodules: [nope.Nope]"), 4, "bots.a.modules[0]", "no module 'nope'"),
    "unknown class": (
        bot("race: zerg\nmodules:\n- mine_for_tests.stuff.Topp"), 5, "bots.a.modules[0]", "did you mean 'Top'?"
    ),
    "class that is no module": (
        bot("race: zerg\nmodules: [mine_for_tests.stuff.Plain]"), 4, "bots.a.modules[0]", "no Module called 'Plain'"
    ),
    "module that is no name": (bot("race: zerg\nmodules: [Top]"), 4, "bots.a.modules[0]", "package.file.Class"),
    "module that is a list": (bot("race: zerg\nmodules: [[x]]"), 4, "bots.a.modules[0]", "not a list"),
    "module that crashes when imported": (
        bot("race: zerg\nmodules: [mine_for_tests.crash.X]"), 4, "bots.a.modules[0]", "ZeroDivisionError"
    ),
    "module that cannot be made": (
        bot("race: zerg\nmodules: [mine_for_tests.stuff.Broken]"), 4, "bots.a.modules[0]", "RuntimeError: no luck"
    ),
    "two modules in one entry": (
        bot("race: zerg\nmodules:\n- {a.B: {}, c.D: {}}"), 5, "bots.a.modules[0]", "a map with 2 keys"
    ),
    "modules in the wrong order": (
        bot("race: zerg\nmodules: [mine_for_tests.stuff.Harasser, mine_for_tests.stuff.Top]"),
        4, "bots.a.modules", "put 'harasser' after 'top'",
    ),
    "unknown option": (
        bot("race: zerg\nmodules:\n- mine_for_tests.stuff.Top:\n    worker: 3"),
        6, "bots.a.modules[0].mine_for_tests.stuff.Top.worker", "did you mean 'workers'?",
    ),
    "option out of range": (
        bot("race: zerg\nmodules:\n- mine_for_tests.stuff.Top:\n    name: y\n    workers: 0"),
        7, "bots.a.modules[0].mine_for_tests.stuff.Top.workers", "must be at least 1, not 0",
    ),
    "options that are a list": (
        bot("race: zerg\nmodules:\n- mine_for_tests.stuff.Top: [1]"),
        5, "bots.a.modules[0].mine_for_tests.stuff.Top", "must be a map",
    ),
    "wrong race": (bot("race: zreg\nmodules: []"), 3, "bots.a.race", "did you mean 'zerg'?"),
    "race that is a list": (bot("race: [zerg]\nmodules: []"), 3, "bots.a.race", "must be one of 'zerg'"),
    "missing race": (bot("modules: []"), 2, "bots.a.race", "is missing"),
    "unknown map": (
        "defaults:\n  map: Nowhere\n" + bot("race: zerg\nmodules: []"),
        2, "defaults.map", "no map 'Nowhere'",
    ),
    "unknown opponent": (
        "defaults:\n  opponent: b\n" + bot("race: zerg\nmodules: []"), 2, "defaults.opponent", "no bot is called 'b'"
    ),
    "unknown level": (
        "defaults:\n  opponent: computer:zerg:veryhurd\n" + bot("race: zerg\nmodules: []"),
        2, "defaults.opponent", "did you mean 'VeryHard'?",
    ),
    "step of no loops": (
        "defaults: {game_step: 0}\n" + bot("race: zerg\nmodules: []"),
        1, "defaults.game_step", "at least 1",
    ),
    "seed that is text": (
        "defaults: {seed: x}\n" + bot("race: zerg\nmodules: []"),
        1, "defaults.seed", "a whole number",
    ),
    "tabs": ("bots:\n\ta:\n\t\trace: zerg\n", 2, "a", "replace tabs by spaces"),
    "tabs further down": (bot("race: zerg\nmodules:") + "\t- x\n", 5, "modules", "replace tabs by spaces"),
    "a list at the top": ("- a\n- b\n", 1, "", "must be a map"),
    "a list of bots": ("bots:\n  - a\n", 1, "bots", "must be a map (key: value), not a list"),
    "a bot that is a list": ("bots:\n  a:\n    - race\n", 2, "bots.a", "must be a map (key: value), not a list"),
    "modules that are a map": (
        bot("race: zerg\nmodules: {a: b}"),
        4, "bots.a.modules", "must be a list (- entry), not a map",
    ),
    "unknown key": (bot("race: zerg\nmodlues: []"), 4, "bots.a.modlues", "did you mean 'modules'?"),
    "unknown key at the top": ("bot: {}\nbots: {}\n", 1, "bot", "did you mean 'bots'?"),
    "duplicate key": (bot("race: zerg\nmodules: []\nrace: terran"), 5, "bots.a.race", "first in line 3"),
    "duplicate bot": (bot("race: zerg\nmodules: []") + "  a: {}\n", 5, "bots.a", "first in line 2"),
    "neither modules nor class": (bot("race: zerg"), 2, "bots.a", "either 'modules' or 'class'"),
    "both modules and class": (bot("race: zerg\nmodules: []\nclass: a.B"), 2, "bots.a", "either 'modules' or 'class'"),
    "options without class": (
        bot("race: zerg\nmodules: []\noptions: {a: 1}"), 5, "bots.a.options", "belongs to bots with 'class'"
    ),
    "unknown class of a bot": (bot("race: zerg\nclass: nope.B"), 4, "bots.a.class", "no module 'nope'"),
    "unknown argument": (
        bot("race: zerg\nclass: mine_for_tests.stuff.Plain\noptions: {sped: 1}"),
        5, "bots.a.options.sped", "did you mean 'speed'?",
    ),
    "key that is no text": (bot("race: zerg\nmodules: []") + "  yes: {}\n", 5, "bots.yes", "put it in quotes"),
    "no bots": ("bots: {}\n", 1, "bots", "there is no bot"),
    "nothing under bots": ("bots:\n", 1, "bots", "must be a map (key: value), not nothing"),
    "empty": ("", 1, "", "the file is empty"),
    "only comments": ("# nothing\n", 1, "", "the file is empty"),
    "broken syntax": ("bots:\n  a: [}\n", 2, "a", "is no YAML"),
    "python objects": ("bots:\n  a: !!python/object/apply:os.system [x]\n", 2, "bots.a", "is not allowed"),
    "python names": ("bots:\n  a: !!python/name:os.system x\n", 2, "a", "only plain values"),
    "alias to itself": ("bots: &x\n  a: *x\n", 2, "bots.a", "contains itself"),
    "control characters": ("bots:\n  a: \x00\n", 2, "a", "special characters"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_one_line_with_file_line_and_key(folder: Path, case: str) -> None:
    text, line, key, problem = CASES[case]
    path = write(folder, text)
    with pytest.raises(ConfigError) as caught:
        load_config(path, known_map=lambda name: False).check_all()
    message = str(caught.value)
    assert message.startswith(f"{path}:{line}: " + (f"key '{key}': " if key else ""))
    assert problem in message
    assert "\n" not in message
    assert (caught.value.line, caught.value.key) == (line, key)


def test_not_utf8_names_the_byte(folder: Path) -> None:
    path = write(folder, b"bots:\n  a:\n    race: z\xffrg\n")
    with pytest.raises(ConfigError, match=re.escape(f"{path}:3: key 'race': byte 0xff in column 12 is not UTF-8")):
        load_config(path)


def test_a_file_with_a_byte_order_mark_is_fine(folder: Path) -> None:
    assert list(load_config(write(folder, b"\xef\xbb\xbf" + GOOD.encode())).bots) == ["cherry", "quick"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nope\.yaml: there is no such file"):
        load_config(tmp_path / "nope.yaml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path)


def test_anchors_and_merges_work_and_bombs_do_not(folder: Path) -> None:
    text = "bots:\n  a: &a {race: zerg, modules: []}\n  b: {<<: *a, race: terran}\n"
    config = load_config(write(folder, text))
    assert [spec.race for spec in config.bots.values()] == [Race.Zerg, Race.Terran]
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
    )
    with pytest.raises(ConfigError, match="more than 100000 values"):
        load_config(write(folder, bomb))
    with pytest.raises(ConfigError, match="nested too deeply"):
        load_config(write(folder, "[" * 3000))


def test_only_the_bot_that_is_built_must_be_importable(folder: Path) -> None:
    text = GOOD + "  other: {race: zerg, modules: [mine_for_tests.crash.X]}\n"
    config = load_config(write(folder, text))
    assert build_bot(config.bot("cherry"), seed=1).seed == 1
    with pytest.raises(ConfigError, match="ZeroDivisionError"):
        config.check_all()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("computer:zerg:VeryHard:Rush", ComputerSpec(Race.Zerg, Difficulty.VeryHard, AIBuild.Rush)),
        ("computer:PROTOSS:hard", ComputerSpec(Race.Protoss, Difficulty.Hard, AIBuild.RandomBuild)),
        ("Computer:random:cheatinsane:air", ComputerSpec(Race.Random, Difficulty.CheatInsane, AIBuild.Air)),
    ],
)
def test_computer_opponents(folder: Path, text: str, expected: ComputerSpec) -> None:
    config = load_config(write(folder, GOOD))
    assert parse_opponent(text, config) == expected
    assert parse_opponent(expected.name, config) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("computer:zerg", "must be computer:RACE:LEVEL"),
        ("computer:zerg:hard:rush:x", "must be computer:RACE:LEVEL"),
        ("computer:zrg:hard", "no race is called 'zrg', did you mean 'zerg'?"),
        ("computer:zerg:hart", "no level is called 'hart', did you mean 'Hard'?"),
        ("computer:zerg:hard:rusch", "no build is called 'rusch', did you mean 'Rush'?"),
        ("chery", "no bot is called 'chery', did you mean 'cherry'?; there are cherry, quick"),
    ],
)
def test_wrong_opponents_list_what_there_is(folder: Path, text: str, problem: str) -> None:
    config = load_config(write(folder, GOOD))
    with pytest.raises(ConfigError, match=re.escape(problem)):
        parse_opponent(text, config)


def test_an_opponent_may_be_a_bot_of_the_file(folder: Path) -> None:
    found = parse_opponent("quick", load_config(write(folder, GOOD)))
    assert isinstance(found, BotSpec)
    assert found.name == "quick"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.text(alphabet="abz:-[]{}&*!'\"\t\n #|>%@`,0", max_size=60), at=st.integers(0, len(GOOD)))
def test_whatever_the_file_holds_the_answer_is_a_config_or_one_line(folder: Path, noise: str, at: int) -> None:
    path = write(folder, GOOD[:at] + noise + GOOD[at:])
    try:
        load_config(path)
    except ConfigError as error:
        message = str(error)
        assert "\n" not in message
        assert message.startswith(str(path))
