"""Tactics and Micro together on the engine."""

from __future__ import annotations

from sc2.bot_ai import BotAI
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.position import Point2

from tests.modules.tactics.campaigns import General, play


def at_home(bot: BotAI) -> Point2:
    return bot.start_location.towards(bot.game_info.map_center, 9)


def before_home(bot: BotAI) -> Point2:
    return bot.start_location.towards(bot.game_info.map_center, 14)


def at_theirs(bot: BotAI) -> Point2:
    return bot.enemy_start_locations[0]


def modes(general: General, squad: str) -> list[str]:
    return [mode for _, name, mode in general.log if name.startswith(squad)]


def test_an_army_told_to_attack_destroys_a_base_that_does_not_defend_itself() -> None:
    general = General({50: [(U.MARINE, 16, at_home, True)]})
    report = play(general, loops=6000)
    assert general.faults == []
    assert report.players[0].result == "Victory"
    assert "attack" in modes(general, "main")


def test_intruders_are_met_by_a_defence_squad_and_workers_keep_working() -> None:
    general = General({50: [(U.MARINE, 10, at_home, True)], 300: [(U.ZERGLING, 6, before_home, False)]}, attack=False)
    touched: set[int] = set()

    def watch(bot: General) -> None:
        held = {tag for task in bot.board.tasks.running(owner="tactics") for tag in task.units}
        touched.update(held & {worker.tag for worker in bot.workers})

    general.watch = watch
    play(general, loops=1300)
    assert general.faults == []
    assert modes(general, "defence")
    assert touched == set()
    assert general.units.of_type(U.MARINE).amount >= 8
    assert not general.enemy_units.of_type(U.ZERGLING)
    # the squad is dissolved and its units are soldiers of the main army again
    assert [task.name for task in general.board.tasks.running(owner="tactics") if task.units] == ["main"]


def test_an_army_that_walks_into_far_more_leaves() -> None:
    general = General({50: [(U.MARINE, 8, at_home, True), (U.ROACH, 14, at_theirs, False)]})
    play(general, loops=3000)
    assert general.faults == []
    assert "retreat" in modes(general, "main")
    assert general.units.of_type(U.MARINE).amount >= 3
