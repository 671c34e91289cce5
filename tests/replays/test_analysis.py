"""Economy, bases and engagements."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from replays.economy import spending_quotient
from replays.model import Span
from replays.reader import parse_replay
from tests.reference import needs_reference
from tests.replays.real import GOOD, read
from tests.replays.synthetic import Game


def test_supply_blocks_last_from_the_last_unit_to_the_next_depot() -> None:
    game = Game("Terran")
    game.stats(1, 160, supply_used_4096=14 * 4096, supply_made_4096=15 * 4096)
    game.stats(1, 320, supply_used_4096=15 * 4096, supply_made_4096=15 * 4096)
    game.stats(1, 480, supply_used_4096=15 * 4096, supply_made_4096=23 * 4096)
    game.born(1, "Marine", 600, ability="BarracksTrain")
    game.place(1, "SupplyDepot", 100, done=400)
    blocks = parse_replay(game.replay()).players[0].economy.supply_blocks
    assert blocks == (Span(200, 400),)


def test_full_supply_is_no_block() -> None:
    game = Game()
    game.stats(1, 160, supply_used_4096=200 * 4096, supply_made_4096=230 * 4096)
    assert parse_replay(game.replay()).players[0].economy.supply_blocks == ()


def test_the_spending_quotient_falls_with_the_bank_and_rises_with_income() -> None:
    assert spending_quotient(1400, 1000) == pytest.approx(35 * (1.37 - np.log(1000)) + 240)
    low, high = spending_quotient(1400, 1000), spending_quotient(1400, 500)
    assert low is not None
    assert high is not None
    assert low < high
    assert spending_quotient(0, 500) is None


def test_workers_made_and_lost() -> None:
    game = Game("Protoss")
    probes = [game.born(1, "Probe", 300 + 300 * n, by=game.halls[1], ability="NexusTrain") for n in range(3)]
    game.kill(probes[0], 2000, by=2)
    game.kill(probes[1], 2100, by=None)
    economy = parse_replay(game.replay()).players[0].economy
    assert (economy.workers_made, economy.workers_lost) == (3, 1)


def test_bases_are_listed_with_their_fall() -> None:
    game = Game("Zerg")
    game.kill(game.place(1, "Hatchery", 1000, done=2600, at=(50, 30)), 5000, by=2)
    game.kill(game.place(1, "Hatchery", 1500, at=(70, 30)), 1700, by=1)
    first, natural = parse_replay(game.replay()).players[0].bases
    assert (first.starting, first.lost) == (True, None)
    assert (natural.x, natural.started, natural.finished, natural.lost, natural.lost_to) == (50, 1000, 2600, 5000, 2)


def fight(game: Game, loop: int, at: tuple[int, int], marines: int, zealots: int) -> None:
    for number in range(marines):
        game.kill(game.born(1, "Marine", 500, ability="BarracksTrain"), loop + number, by=2, at=at)
    for number in range(zealots):
        game.kill(game.born(2, "Zealot", 500, ability="GatewayTrain"), loop + number, by=1, at=at)


def test_deaths_near_each_other_are_one_fight() -> None:
    game = Game("Terran", "Protoss")
    game.stats(1, 2880, minerals_army=600)
    fight(game, 3000, (60, 60), marines=6, zealots=2)
    fight(game, 3100, (65, 62), marines=2, zealots=0)
    (found,) = parse_replay(game.replay()).engagements
    assert (found.start, found.end) == (3000, 3101)
    assert found.losses[1].units == {"Marine": 8}
    assert (found.losses[1].value, found.losses[2].value, found.value) == (400, 200, 600)
    assert found.army_before[1] == 600
    assert 60 <= found.x <= 65


def test_deaths_far_apart_or_much_later_are_others() -> None:
    game = Game("Terran", "Protoss")
    fight(game, 3000, (60, 60), 4, 0)
    fight(game, 3000, (120, 60), 0, 4)
    fight(game, 3400, (60, 60), 4, 0)
    found = parse_replay(game.replay()).engagements
    assert [(one.start, round(one.x)) for one in found] == [(3000, 60), (3000, 120), (3400, 60)]


def test_what_was_cancelled_salvaged_or_merged_is_no_loss() -> None:
    game = Game("Terran", "Protoss")
    game.kill(game.place(1, "CommandCenter", 1000), 1100, by=1)
    game.kill(game.place(1, "Bunker", 1000, done=1640), 3000, by=1)
    for _ in range(2):
        game.kill(game.place(2, "HighTemplar", 4000, done=4080), 4200, by=None)
    assert parse_replay(game.replay()).engagements == ()


def test_a_baneling_that_exploded_is_a_loss_of_its_owner() -> None:
    game = Game("Zerg", "Terran")
    for _ in range(2):
        baneling = game.born(1, "Baneling", 2000, ability="MorphZerglingToBaneling")
        game.kill(baneling, 3000, by=1)
        game.kill(game.born(2, "Marine", 2000, ability="BarracksTrain"), 3000, by=1, with_unit=baneling)
    (found,) = parse_replay(game.replay()).engagements
    assert (found.losses[1].value, found.losses[2].value) == (150, 100)
    assert found.killers[1] == {"Baneling": 2}


@needs_reference
@pytest.mark.parametrize("entry", GOOD, ids=lambda entry: entry["file"])
def test_losses_add_up_to_what_the_game_counted(entry: dict[str, Any]) -> None:
    """The game counts what each side killed; the engagements' losses by the enemy must come to nearly the same."""
    replay = read(entry["file"])
    for player, other in (replay.players, replay.players[::-1]):
        kinds = ("army", "economy", "technology")
        killed = player.stats.total(*(f"{what}_killed_{kind}" for what in ("minerals", "vespene") for kind in kinds))
        fire = other.stats.total(
            *(f"{what}_friendly_fire_{kind}" for what in ("minerals", "vespene") for kind in kinds)
        )
        counted = int(killed[-1] + fire[-1])
        ours = sum(engagement.losses[other.player_id].value for engagement in replay.engagements)
        assert abs(ours - counted) <= 300 + 0.13 * counted
