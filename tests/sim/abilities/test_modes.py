"""Units in their other modes: what a viking on the ground, a rooted crawler, a phasing prism or a fortress can do."""

import math

import pytest

from cherrypy_bot.sim.abilities import Result, available
from tests.sim.abilities.effects.casting import hold, learn_all
from tests.sim.abilities.scene import RULES, give, grow_creep, name, prepare, put, rows, until

MOVE, ATTACK = 16, 23


@pytest.mark.parametrize(
    ("race", "caster", "product", "tech", "loops"),
    [
        ("Zerg", "Roach", "Ravager", "RoachWarren", 271),
        ("Zerg", "Hydralisk", "LurkerMP", "LurkerDenMP", 403),
        ("Zerg", "Corruptor", "BroodLord", "GreaterSpire", 541),
        ("Zerg", "Overlord", "OverlordTransport", "Lair", 335),
        ("Zerg", "Lair", "Hive", "InfestationPit", 1599),
        ("Zerg", "Spire", "GreaterSpire", "Hive", 1599),
    ],
)
def test_morphs_through_a_cocoon_or_in_place_take_their_time(
    race: str, caster: str, product: str, tech: str, loops: int
) -> None:
    game = prepare(race)
    grow_creep(game)
    put(game, 0, tech, 40.5, 40.5)
    for k in range(3):
        put(game, 0, "Overlord", 20 + k, 20)
    row = put(game, 0, caster, 30.5, 30.5)
    begun = game.loop
    assert give(game, row, product) == Result.SUCCESS
    assert until(game, lambda: name(game, row) == product, 1700) - begun == pytest.approx(loops, abs=1)
    assert game.world.units.hp[row] == RULES.unit(product).hp


@pytest.mark.parametrize(
    ("before", "after", "there", "back", "low", "high"),
    [
        ("VikingFighter", "VikingAssault", 403, 405, 37, 46),
        ("Hellion", "HellionTank", 1998, 1978, 64, 69),
        ("WidowMine", "WidowMineBurrowed", 2095, 2097, 50, 55),
        ("Thor", "ThorAP", 2362, 2364, 40, 45),
        ("Observer", "ObserverSiegeMode", 3741, 3739, 12, 12),
        ("Overseer", "OverseerSiegeMode", 3743, 3745, 8, 8),
        ("WarpPrism", "WarpPrismPhasing", 1528, 1530, 24, 24),
        ("SwarmHostMP", "SwarmHostBurrowedMP", 2014, 2016, 40, 45),
    ],
)
def test_units_change_their_mode_there_and_back(
    before: str, after: str, there: int, back: int, low: int, high: int
) -> None:
    game = prepare("Terran")
    learn_all(game, "Burrow")
    put(game, 0, "Armory", 40.5, 40.5)
    row, begun = put(game, 0, before, 30, 30), game.loop
    assert give(game, row, there) == Result.SUCCESS
    took = until(game, lambda: name(game, row) == after, 100) - begun
    assert low <= took <= high + 1
    until(game, lambda: row not in game.world.current, 20)
    assert give(game, row, back) == Result.SUCCESS
    until(game, lambda: name(game, row) == before, 100)


def test_a_viking_shoots_at_the_air_from_the_air_and_at_the_ground_from_the_ground() -> None:
    game = prepare("Terran", "Zerg")
    u = game.world.units
    fighter, walker = put(game, 0, "VikingFighter", 30, 30), put(game, 0, "VikingAssault", 30, 34)
    lord, roach = put(game, 1, "Overlord", 34, 30), put(game, 1, "Roach", 34, 34)
    hold(game, roach, lord)
    assert give(game, fighter, ATTACK, roach) == Result.CANT_TARGET_GROUND_UNITS
    assert give(game, walker, ATTACK, lord) == Result.CANT_TARGET_AIR_UNITS
    assert give(game, fighter, ATTACK, lord) == give(game, walker, ATTACK, roach) == Result.SUCCESS
    until(game, lambda: u.hp[lord] < 200 and u.hp[roach] < 145, 120)
    assert u.flying[[fighter, walker]].tolist() == [1, 0]


def test_a_planetary_fortress_shoots_in_a_circle_and_trains_on() -> None:
    game = prepare("Terran", "Zerg")
    u = game.world.units
    fort = put(game, 0, "PlanetaryFortress", 30.5, 30.5)
    lings = [put(game, 1, "Zergling", 37, 30 + 0.5 * k) for k in range(4)]
    hold(game, *lings)
    assert give(game, fort, "SCV") == Result.SUCCESS
    until(game, lambda: sum(u.hp[r] < 35 or u.alive[r] != 1 for r in lings) >= 3, 80)
    assert u.work_left[fort, 0] > 0


def test_an_uprooted_crawler_walks_and_takes_root_where_there_is_creep() -> None:
    game = prepare("Zerg", "Terran")
    u = game.world.units
    grow_creep(game)
    game.world.grids.creep[:, 40:] = 0
    spine = put(game, 0, "SpineCrawler", 30, 30)
    assert give(game, spine, MOVE, at=(34, 30)) != Result.SUCCESS
    assert give(game, spine, 1725) == Result.SUCCESS
    until(game, lambda: name(game, spine) == "SpineCrawlerUprooted", 40)
    assert game.world.grids.walk[30, 30] == 1
    assert give(game, spine, MOVE, at=(34, 30)) == Result.SUCCESS
    until(game, lambda: spine not in game.world.current, 200)
    assert give(game, spine, 1729, at=(50, 30)) != Result.SUCCESS
    assert give(game, spine, 1729, at=(36, 30)) == Result.SUCCESS
    begun = until(game, lambda: u.order[spine] == 10, 100)
    rooted = until(game, lambda: name(game, spine) == "SpineCrawler", 300)
    assert rooted - begun == pytest.approx(192, abs=2)
    assert (u.x[spine], u.y[spine]) == (36, 30)
    assert game.world.grids.walk[30, 36] == 0


def test_gates_warp_in_at_a_phasing_prism_and_not_at_one_that_flies() -> None:
    game = prepare("Protoss")
    put(game, 0, "Pylon", 14, 30)
    gate = put(game, 0, "WarpGate", 17.5, 30.5)
    prism = put(game, 0, "WarpPrism", 45, 45)
    game.step(1)
    zealot = next(r.ability_id for a in RULES.commands.values() for r in a if r.how == "warp_in" and r.product == 73)
    assert give(game, gate, zealot, at=(46, 46)) == Result.CANT_WARP_IN_UNITS_THERE
    assert give(game, prism, 1528) == Result.SUCCESS
    game.step(26)
    assert give(game, gate, zealot, at=(46, 46)) == Result.SUCCESS
    begun = game.loop
    row = rows(game, 0, "Zealot")[0]
    done = until(game, lambda: game.world.units.build_left[row] <= 0, 300)
    assert done - begun == pytest.approx(81, abs=1)


@pytest.mark.parametrize(("kind", "back"), [("HighTemplar", True), ("Sentry", True), ("Zealot", False)])
def test_only_units_whose_card_has_it_can_have_their_warp_in_cancelled(kind: str, back: bool) -> None:
    game = prepare("Protoss", minerals=1000, gas=1000)
    for tech, x in (("CyberneticsCore", 40.5), ("TemplarArchive", 44.5)):
        put(game, 0, tech, x, 50.5)
    put(game, 0, "Pylon", 30, 30)
    gate = put(game, 0, "WarpGate", 33.5, 33.5)
    put(game, 0, "Pylon", 42, 53)
    game.step(1)
    made = RULES.unit(kind)
    warp = next(r.ability_id for a in RULES.commands.values() for r in a if r.how == "warp_in" and r.product == made.id)
    assert give(game, gate, warp, at=(30, 27)) == Result.SUCCESS
    row = rows(game, 0, kind)[0]
    assert (314 in available(game, row, False)) == back
    result = give(game, row, 3659)
    assert (result == Result.SUCCESS) == back
    if back:
        assert not rows(game, 0, kind)
        assert game.world.players.minerals[0] == 1000 - math.ceil(made.minerals / 4)
        game.step(1)
        assert game.world.players.supply_used[0] == 0


# -- who sees what is hidden -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("detector", "reach"),
    [("Observer", 11.0), ("MissileTurret", 11.0), ("Overseer", 11.0), ("SporeCrawler", 11.0), ("PhotonCannon", 11.0)],
)
def test_detectors_show_the_cloaked_within_their_range_only(detector: str, reach: float) -> None:
    for away, shown in ((reach - 0.5, True), (reach + 1.0, False)):
        game = prepare("Protoss", "Protoss")
        u = game.world.units
        put(game, 0, "Pylon", 26, 30)
        put(game, 0, detector, 30, 30)
        templar = put(game, 1, "DarkTemplar", 30 + away + RULES.unit("DarkTemplar").radius, 30)
        u.can_attack[templar] = 0
        game.step(2)
        assert bool(int(u.detected[templar]) & 1) == shown


def test_an_observer_is_cloaked_and_sees_farther_when_it_stands_still() -> None:
    game = prepare("Protoss", "Terran")
    u = game.world.units
    observer, marine = put(game, 0, "Observer", 30, 30), put(game, 1, "Marine", 33, 30)
    game.step(60)
    assert u.hp[observer] + u.shield[observer] == RULES.unit("Observer").hp + RULES.unit("Observer").shields
    assert u.prey[marine] < 0
    assert RULES.unit("ObserverSiegeMode").sight == pytest.approx(1.25 * RULES.unit("Observer").sight)


def test_a_tempest_shoots_13_cells_far_and_much_harder_at_massive_units() -> None:
    for victim, amount in (("Battlecruiser", 30 + 22 - 3), ("Medivac", 30 - 1)):
        game = prepare("Protoss", "Terran")
        u = game.world.units
        far = 12.8 + RULES.unit("Tempest").radius + RULES.unit(victim).radius
        tempest, prey = put(game, 0, "Tempest", 24, 30), put(game, 1, victim, 24 + far, 30)
        put(game, 0, "Observer", 36, 30)
        hold(game, prey)
        hp = float(u.hp[prey])
        game.step(1)
        assert give(game, tempest, ATTACK, prey) == Result.SUCCESS
        until(game, lambda u=u, r=prey, hp=hp: u.hp[r] < hp, 120)
        assert hp - u.hp[prey] == pytest.approx(amount, abs=0.1)
        assert u.x[tempest] == 24


# -- transport overlords, creep under feet ---------------------------------------------------------------
def test_an_overlord_with_sacs_carries_and_drops() -> None:
    game = prepare("Zerg")
    u = game.world.units
    sacs, plain = put(game, 0, "OverlordTransport", 30, 30), put(game, 0, "Overlord", 30, 34)
    lings = [put(game, 0, "Zergling", 28 + k, 29) for k in range(4)]
    assert give(game, lings[0], 1, plain) == Result.SUCCESS  # follows it
    assert u.hidden[lings[0]] == 0
    for ling in lings:
        give(game, sacs, 3668, ling, queue=True)
    until(game, lambda: u.hidden[lings].all(), 300)
    assert give(game, sacs, 3669, at=(40, 40)) == Result.SUCCESS
    until(game, lambda: not u.hidden[lings].any(), 600)
    assert all(math.dist((u.x[r], u.y[r]), (40, 40)) < 4 for r in lings)


@pytest.mark.parametrize(("kind", "factor"), [("Zergling", 1.3), ("Queen", 2.6667), ("Drone", 1.0), ("Overlord", 1.0)])
def test_zerg_walk_faster_on_creep(kind: str, factor: float) -> None:
    ways = []
    for creep in (0, 1):
        game = prepare("Zerg", "Terran")
        game.world.grids.creep[:] = creep
        u = game.world.units
        row = put(game, 0, kind, 10, 40)
        give(game, row, MOVE, at=(60, 40))
        game.step(20)
        x = float(u.x[row])
        game.step(40)
        ways.append(float(u.x[row]) - x)
    assert ways[1] / ways[0] == pytest.approx(factor, rel=0.02)


def test_a_missile_turret_shoots_at_the_air_alone_and_detects() -> None:
    game = prepare("Terran", "Zerg")
    u = game.world.units
    put(game, 0, "MissileTurret", 30, 30)
    lord, roach = put(game, 1, "Overlord", 34, 30), put(game, 1, "RoachBurrowed", 30, 34)
    hold(game, lord, roach)
    until(game, lambda: u.hp[lord] < RULES.unit("Overlord").hp, 60)
    assert u.hp[roach] == RULES.unit("Roach").hp
    assert int(u.detected[roach]) & 1


@pytest.mark.parametrize("detector", ["Overseer", "SporeCrawler", None])
def test_a_burrowed_enemy_is_shot_at_only_where_somebody_detects_it(detector: str | None) -> None:
    game = prepare("Zerg", "Zerg")
    u = game.world.units
    grow_creep(game)
    hydra, roach = put(game, 0, "Hydralisk", 30, 30), put(game, 1, "RoachBurrowed", 33, 30)
    if detector:
        put(game, 0, detector, 30, 34)
    game.step(80)
    hurt = bool(u.alive[roach] != 1 or u.hp[roach] < RULES.unit("Roach").hp - 10)
    assert hurt == (detector is not None)
    assert u.alive[hydra] == 1


def test_a_ghost_cloaks_with_its_research_for_energy_and_shows_when_that_is_gone() -> None:
    game = prepare("Terran", "Zerg")
    u = game.world.units
    ghost, ling = put(game, 0, "Ghost", 30, 30), put(game, 1, "Zergling", 33, 30)
    u.energy[ghost] = 60
    hold(game, ghost, player=0)
    assert 382 not in available(game, ghost, False)
    learn_all(game, "PersonalCloaking")
    assert give(game, ghost, 382) == Result.SUCCESS
    game.step(40)
    assert u.cloaked[ghost] == 1
    assert u.prey[ling] != ghost
    assert u.energy[ghost] < 60 - 25  # its price, and more for every second
    u.energy[ghost] = 1
    game.step(60)
    assert u.cloaked[ghost] == 0


def test_a_reactor_is_handed_over_by_lifting_and_landing() -> None:
    game = prepare("Terran")
    u = game.world.units
    barracks, starport = put(game, 0, "Barracks", 30.5, 30.5), put(game, 0, "Starport", 45.5, 30.5)
    assert give(game, barracks, 3683) == Result.SUCCESS
    reactor = rows(game, 0, "BarracksReactor")[0]
    until(game, lambda: u.build_left[reactor] == 0, 1200)
    assert give(game, barracks, 3679) == give(game, starport, 3679) == Result.SUCCESS
    game.step(40)
    assert give(game, barracks, MOVE, at=(30.5, 45)) == Result.SUCCESS
    game.step(150)
    assert give(game, starport, 3678, at=(30.5, 30.5)) == Result.SUCCESS
    until(game, lambda: name(game, starport) == "Starport", 400)
    assert name(game, reactor) == "StarportReactor"
    assert [give(game, starport, "VikingFighter") for _ in range(2)] == [Result.SUCCESS] * 2
    game.step(1)
    assert (u.work_left[starport] > 0).all()  # both at once
