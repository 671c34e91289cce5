"""The macro modules outlive anything: no base, no workers, nothing at all, and they still post what makes sense."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from s2clientprotocol import raw_pb2
from sc2.data import Difficulty, Race
from sc2.player import Bot, Computer

from cherrypy_bot.config import build_bot, load_config
from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.ladder.match import Contender, MatchSetup, play_match
from cherrypy_bot.ladder.players import quiet_python_sc2
from modules.items import TOWNHALLS, WORKERS
from modules.keys import BUILD, OWN_BASES

quiet_python_sc2()
CONFIG = load_config(Path(__file__).parent.parent.parent / "bots.yaml")
BOTS = ("cherry_terran", "cherry_protoss", "cherry_zerg")
STEPS = 60
OURS = 1


def play(name: str, without: Iterable[int] = ()) -> CherryBot:
    """A short match in which the bot sees nothing of its units of some types."""
    hidden = frozenset(without)
    bot = build_bot(CONFIG.bot(name), 1)
    assert isinstance(bot, CherryBot)
    prepare = bot._prepare_step

    def blind(state: object, info: object) -> None:
        units = state.observation_raw.units  # type: ignore[attr-defined]
        kept: list[raw_pb2.Unit] = [u for u in units if u.alliance != OURS or u.unit_type not in hidden]
        if bot.board.step:  # the start is seen as it is, so that the map is analysed
            del units[:]
            units.extend(kept)
        prepare(state, info)

    bot._prepare_step = blind  # type: ignore[method-assign]
    computer = Contender("computer", Computer(Race.Zerg, Difficulty.VeryEasy))
    race = CONFIG.bot(name).race
    setup = MatchSetup((Contender(name, Bot(race, bot, name=name)), computer), "CherryGroveLE", loop_limit=4 * STEPS)
    report = play_match(setup)
    assert report.players[0].error is None
    return bot


@pytest.mark.parametrize("name", BOTS)
def test_an_ordinary_start_has_no_faults_and_publishes_its_keys(name: str) -> None:
    bot = play(name)
    assert [f.error for f in bot.faults] == []
    assert bot.board.get(BUILD)
    assert len(bot.board.get(OWN_BASES)) == 1


@pytest.mark.parametrize("name", BOTS)
def test_without_townhalls_nothing_fails(name: str) -> None:
    bot = play(name, [kind.value for kind in TOWNHALLS])
    assert [(f.module, f.error) for f in bot.faults] == []
    assert bot.modules_off == ()
    assert bot.board.get(OWN_BASES) == ()


@pytest.mark.parametrize("name", BOTS)
def test_without_workers_nothing_fails(name: str) -> None:
    bot = play(name, [kind.value for kind in WORKERS])
    assert [(f.module, f.error) for f in bot.faults] == []
    assert bot.modules_off == ()


@pytest.mark.parametrize("name", BOTS)
def test_with_nothing_left_nothing_fails(name: str) -> None:
    bot = play(name, range(1, 3000))
    assert [(f.module, f.error) for f in bot.faults] == []
    assert bot.modules_off == ()
