"""What strategy expects of opponents whom it has met."""

from __future__ import annotations

from pathlib import Path

from sc2.data import Difficulty, Race
from sc2.player import Bot, Computer

from cherrypy_bot.config import build_bot, load_config
from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.history import OpponentHistory, PastMatch
from cherrypy_bot.ladder.match import Contender, MatchSetup, play_match
from cherrypy_bot.ladder.players import quiet_python_sc2
from modules.keys import ALARM
from modules.strategy.acquaintance import EARLIEST, MATCHES, expected_rush
from modules.strategy.rush import SECOND

quiet_python_sc2()


def seen(loop: int) -> PastMatch:
    return PastMatch(enemy_race="Zerg", notes={"enemy_rush": loop})


def test_strangers_and_matches_that_say_nothing_raise_no_expectation() -> None:
    assert expected_rush(()) is None
    assert expected_rush([PastMatch(enemy_race="Zerg"), PastMatch(notes={"enemy_rush": "soon"})]) is None


def test_who_rushed_is_expected_to_rush_a_little_earlier() -> None:
    expected = expected_rush([seen(3000), seen(2500)])
    assert expected is not None
    assert EARLIEST < expected.loop < 2500
    assert "2 of the last 2" in expected.why


def test_nothing_is_expected_before_anything_can_come() -> None:
    expected = expected_rush([seen(round(30 * SECOND))])
    assert expected is not None
    assert expected.loop == EARLIEST


def test_one_rush_among_quiet_matches_is_no_habit() -> None:
    assert expected_rush([seen(2500), seen(0), seen(0)]) is None


def test_opponents_who_changed_are_taken_for_what_they_are_now() -> None:
    assert expected_rush([*[seen(2500)] * 20, *[seen(0)] * MATCHES]) is None
    assert expected_rush([*[seen(0)] * 20, *[seen(2500)] * MATCHES]) is not None


def test_a_known_rusher_meets_the_alarm_before_anything_is_seen(tmp_path: Path) -> None:
    """A whole start of a match: the alarm comes when it is due, and what was seen is noted for the next match."""
    history = OpponentHistory(tmp_path)
    for _ in range(2):
        record = history.begin("their-id", race="Zerg", enemy_race="Zerg")
        record.note(enemy_rush=2000)
        record.finish("Defeat")
    config = load_config(Path(__file__).parents[3] / "bots.yaml")
    bot = build_bot(config.bot("cherry_zerg"), 1)
    assert isinstance(bot, CherryBot)
    bot.history = history.begin("their-id", race="Zerg", enemy_race="Zerg")
    expected = expected_rush(bot.history.past)
    assert expected is not None
    player = Contender("bot", Bot(Race.Zerg, bot, name="bot"))
    computer = Contender("computer", Computer(Race.Zerg, Difficulty.VeryEasy))
    play_match(MatchSetup((player, computer), "CherryGroveLE", seed=1, game_step=16, loop_limit=1700))
    assert bot.board.get(ALARM)
    assert not bot.history.match.notes.get("enemy_rush"), "expected is not seen"
