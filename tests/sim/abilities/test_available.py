"""What a unit could do now."""

from cherrypy_bot.sim.abilities import available
from tests.sim.abilities.scene import give, prepare, put, rows, until


def test_marine_can_move_and_fight_and_nothing_of_others() -> None:
    game = prepare("Terran")
    assert available(game, put(game, 0, "Marine", 30, 30), False) == [1, 4, 16, 17, 18, 19, 23]


def test_money_counts_unless_it_is_ignored() -> None:
    game = prepare("Terran", minerals=49)
    hall = rows(game, 0, "CommandCenter")[0]
    assert 524 not in available(game, hall, False)
    assert 524 in available(game, hall, True)
    game.world.players.minerals[0] = 50
    assert 524 in available(game, hall, False)


def test_tech_counts_always() -> None:
    game = prepare("Terran")
    scv = put(game, 0, "SCV", 30, 30)
    assert 321 not in available(game, scv, True)
    put(game, 0, "SupplyDepot", 40, 40)
    assert 321 in available(game, scv, True)
    assert 328 not in available(game, scv, True)


def test_cargo_cancel_and_halt_show_when_there_is_something_to_return_or_cancel() -> None:
    game = prepare("Terran")
    hall, scv = rows(game, 0, "CommandCenter")[0], put(game, 0, "SCV", 30, 30)
    assert not {296, 348} & set(available(game, scv, False))
    assert 308 not in available(game, hall, False)
    give(game, hall, 524)
    assert 308 in available(game, hall, False)
    give(game, scv, "EngineeringBay", at=(33.5, 30.5))
    until(game, lambda: rows(game, 0, "EngineeringBay"))
    assert 348 in available(game, scv, False)
    assert available(game, rows(game, 0, "EngineeringBay")[0], False) == [314, 315]
    game.world.units.carry[scv] = 1
    assert 296 in available(game, scv, False)


def test_what_is_not_supported_is_never_offered() -> None:
    game = prepare("Protoss")
    probe = put(game, 0, "Probe", 30, 30)
    assert 30 not in available(game, probe, True)  # a spray is for the eye alone


def test_nothing_for_who_does_not_live() -> None:
    game = prepare("Terran")
    assert available(game, 300, True) == available(game, -1, True) == []
