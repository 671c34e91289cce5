"""Where engines of this game go wrong: one test per numbered trap of the resolved game data, in game terms.

The numbers are those of the traps that the reference data lists; nothing here reads that data.
"""

import itertools
import math

import pytest

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import Result, available, placement
from cherrypy_bot.sim.abilities.effects import filters
from cherrypy_bot.sim.abilities.effects.filters import Filter, need
from cherrypy_bot.sim.abilities.production import learn
from cherrypy_bot.sim.game import Command, Game
from cherrypy_bot.sim.maps import Neutral
from cherrypy_bot.sim.rules.response import build
from tests.sim.abilities.effects.casting import caster_of, hold, learn_all
from tests.sim.abilities.scene import RULES, field, give, grow_creep, name, prepare, put, rows, until

ATTACK = 3674


def _duel(
    attacker: str, victim: str, *upgrades: str, gap: float = 2.0, foe: tuple[str, ...] = ()
) -> tuple[Game, int, int]:
    """A game in which one unit attacks another that stands still and does nothing."""
    game = prepare("Terran", "Protoss")
    learn_all(game, *upgrades)
    for one in foe:
        learn(game, 1, RULES.upgrade(one).id)
    apart = gap + RULES.unit(attacker).radius + RULES.unit(victim).radius
    row, prey = put(game, 0, attacker, 30, 30), put(game, 1, victim, 30 + apart, 30)
    hold(game, prey)
    assert give(game, row, ATTACK, prey) == Result.SUCCESS
    return game, row, prey


def _strip(game: Game, row: int) -> None:
    """Take its shields away; they do not come back at once."""
    u = game.world.units
    u.shield[row], u.last_hurt_loop[row] = 0, game.loop


def _first_hit(game: Game, prey: int, limit: int = 120) -> float:
    """Life and shields that the first hit takes."""
    u = game.world.units
    before = float(u.hp[prey] + u.shield[prey])
    until(game, lambda: u.hp[prey] + u.shield[prey] < before - 0.5, limit)
    return before - float(u.hp[prey] + u.shield[prey])


# -- 1 ---------------------------------------------------------------------------------------------------
def test_trap_01_the_ladders_ruleset_starts_infestors_at_50_energy_and_morphs_lurkers_in_404_loops() -> None:
    game = prepare("Zerg")
    assert game.world.units.energy[put(game, 0, "Infestor", 30, 30)] == 50
    put(game, 0, "LurkerDenMP", 40.5, 40.5)
    put(game, 0, "Overlord", 20, 20)
    hydra, begun = put(game, 0, "Hydralisk", 30, 34), game.loop
    assert give(game, hydra, "LurkerMP") == Result.SUCCESS
    assert until(game, lambda: name(game, hydra) == "LurkerMP", 500) - begun == pytest.approx(404, abs=1)
    told = next(u for u in build(RULES).units if u.name == "LurkerMP")
    assert told.build_time == pytest.approx(553.33, abs=0.01)  # what the API says all the same


# -- 2 ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("caster", "spell", "upgrade", "amount"),
    [
        ("HighTemplar", 1036, "PsiStormTech", 10.0),
        ("Battlecruiser", 401, "BattlecruiserEnableSpecializations", 240.0),
        ("Ghost", 2714, "", 130.0),
        ("Infestor", 74, "", 1.5625),
        ("Ravager", 2338, "", 60.0),
        ("WidowMineBurrowed", 2099, "", 125.0),
        ("Cyclone", 2350, "", 20.0),
    ],
)
def test_trap_02_spells_ignore_armour(caster: str, spell: int, upgrade: str, amount: float) -> None:
    game = prepare("Terran", "Zerg")
    w, u = game.world, game.world.units
    if upgrade:
        learn_all(game, upgrade)
    prey = put(game, 1, "Ultralisk", 34, 30)
    w.stats.armor[1, int(u.type_id[prey])] = 20
    hold(game, prey)
    row = caster_of(game, caster)
    give(game, row, 18)
    u.can_attack[row] = 0
    command = RULES.commands[spell][0]
    target = prey if spell in (401, 2714, 2099, 2350) else st.NONE
    at = None if target != st.NONE else (34.0, 30.0)
    assert command.how == "effect"
    assert give(game, row, spell, target, at) == Result.SUCCESS
    assert _first_hit(game, prey) == pytest.approx(amount, abs=0.1)


def test_trap_02_weapons_do_not() -> None:
    game, _, prey = _duel("Marine", "Zealot")
    _strip(game, prey)
    assert _first_hit(game, prey) == pytest.approx(6 - 1, abs=0.2)


# -- 3 ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("attacker", "upgrade", "light", "armoured"),
    [
        ("Marauder", "TerranInfantryWeaponsLevel1", 10 + 1, 20 + 2),
        ("Immortal", "ProtossGroundWeaponsLevel1", 20 + 2, 50 + 5),
        ("Hellion", "TerranVehicleWeaponsLevel1", 8 + 6 + 2, 8 + 1),
        ("SiegeTank", "TerranVehicleWeaponsLevel1", 15 + 2, 25 + 3),
    ],
)
def test_trap_03_bonuses_have_increments_of_their_own(
    attacker: str, upgrade: str, light: float, armoured: float
) -> None:
    for victim, amount in (("Marine", light), ("SupplyDepot", armoured)):
        game, _, prey = _duel(attacker, victim, upgrade)
        u = game.world.units
        u.hp[prey] = u.hp_max[prey] = 500
        armor = RULES.unit(victim).armor
        assert _first_hit(game, prey) == pytest.approx(amount - armor, abs=0.2), victim


# -- 4 ---------------------------------------------------------------------------------------------------
def test_trap_04_the_info_panel_is_not_the_number_of_hits() -> None:
    """A thor's panel says two attacks; a lurker's nine spines hit a unit once; a mothership's four beams hit four."""
    game = prepare("Zerg", "Terran")
    u = game.world.units
    lurker = put(game, 0, "LurkerMPBurrowed", 30, 30)
    line = [put(game, 1, "Marauder", 33 + 1.5 * k, 30) for k in range(3)]
    hold(game, *line)
    give(game, lurker, ATTACK, line[0])
    until(game, lambda: all(u.hp[r] < 125 for r in line), 80)
    assert [125 - u.hp[r] for r in line] == [30 - 1] * 3
    ship_game = prepare("Protoss", "Terran")
    ship = put(ship_game, 0, "Mothership", 30, 30)
    others = [put(ship_game, 1, "Marauder", 33, 27 + 2 * k) for k in range(5)]
    hold(ship_game, *others)
    give(ship_game, ship, ATTACK, others[2])
    hp = ship_game.world.units.hp
    until(ship_game, lambda: (hp[others] < 125).any(), 60)
    ship_game.step(3)
    assert sorted(125 - hp[others]) == [0, 5, 5, 5, 5]


# -- 5 ---------------------------------------------------------------------------------------------------
def _gaps(attacker: str, victim: str, count: int) -> list[int]:
    game, _row, prey = _duel(attacker, victim)
    u, loops = game.world.units, []
    while len(loops) < count:
        before = float(u.hp[prey] + u.shield[prey])
        game.step(1)
        if u.hp[prey] + u.shield[prey] < before - 0.5:
            loops.append(game.loop)
            u.shield[prey] = u.shield_max[prey]
    return [b - a for a, b in itertools.pairwise(loops)]


def test_trap_05_a_marine_shoots_after_its_period_plus_minus_one_to_two_loops_drawn_anew() -> None:
    gaps = _gaps("Marine", "Nexus", 40)
    period = 0.8608 * 16
    assert period - 2 < min(gaps)
    assert max(gaps) < period + 3
    assert len(set(gaps)) > 1
    assert sum(gaps) / len(gaps) == pytest.approx(period + 0.5, abs=0.5)


def test_trap_05_a_battlecruiser_has_no_delay() -> None:
    gaps = _gaps("Battlecruiser", "Nexus", 40)
    period = RULES.weapons[RULES.unit("Battlecruiser").weapons[0]].cooldown
    assert set(gaps) <= {math.floor(period), math.ceil(period)}
    assert sum(gaps) / len(gaps) == pytest.approx(period, abs=0.1)


# -- 6 ---------------------------------------------------------------------------------------------------
def test_trap_06_a_structures_radius_is_its_footprints_and_never_less_than_its_own() -> None:
    for rule in RULES.units.values():
        if rule.is_structure and rule.race in ("Terran", "Protoss", "Zerg") and rule.footprint:
            assert rule.radius >= rule.unit_radius - 1e-9, rule.name
            assert (rule.radius * 16) % 1 == 0, rule.name
    assert (RULES.unit("SpawningPool").radius, RULES.unit("SpawningPool").unit_radius) == (1.8125, 1.5)


def test_trap_06_ranges_count_by_radius_and_pushing_by_another() -> None:
    """Sentries keep 1.25 apart though they are but 1 wide; zealots stand closer than they are wide."""
    for kind, apart in (("Sentry", 1.25), ("Zealot", 0.75)):
        game = prepare("Protoss")
        u = game.world.units
        pair = [put(game, 0, kind, 30, 30), put(game, 0, kind, 30.1, 30)]
        game.step(100)
        assert math.dist((u.x[pair[0]], u.y[pair[0]]), (u.x[pair[1]], u.y[pair[1]])) == pytest.approx(apart, abs=0.1)
        assert RULES.unit(kind).radius == 0.5


# -- 7 ---------------------------------------------------------------------------------------------------
def test_trap_07_a_tank_sieges_in_65_to_73_loops_and_the_api_says_69() -> None:
    times = set()
    for seed in range(8):
        game = prepare("Terran")
        game.world.clock.rng[0] = 1000 + seed
        tank, begun = put(game, 0, "SiegeTank", 30, 30), game.loop
        give(game, tank, 388)
        times.add(until(game, lambda g=game, r=tank: name(g, r) == "SiegeTankSieged", 90) - begun)
    assert 64 <= min(times) < max(times) <= 74
    told = next(u for u in build(RULES).units if u.name == "SiegeTankSieged")
    assert told.build_time == pytest.approx(64.668 + 8 / 2, abs=0.01)


def test_trap_07_a_burrowing_drone_makes_room_first_then_hides_then_takes_orders() -> None:
    game = prepare("Zerg")
    u = game.world.units
    learn_all(game, "Burrow")
    drone = put(game, 0, "Drone", 30, 30)
    assert give(game, drone, 1378) == Result.SUCCESS
    begun = game.loop
    sunk = until(game, lambda: u.sunk[drone] == 1, 40)
    hidden = until(game, lambda: u.cloaked[drone] == 1, 40)
    free = until(game, lambda: drone not in game.world.current, 40)
    assert 13 <= sunk - begun <= 19
    assert hidden - sunk == pytest.approx(18.66 - 13.33, abs=1.1)
    assert free - hidden == pytest.approx(21.33 - 18.66, abs=1.1)


def test_trap_07_a_rising_lurker_is_one_at_once_and_free_later() -> None:
    game = prepare("Zerg")
    lurker = put(game, 0, "LurkerMPBurrowed", 30, 30)
    assert give(game, lurker, 2110) == Result.SUCCESS
    begun = game.loop
    risen = until(game, lambda: name(game, lurker) == "LurkerMP", 20)
    assert risen - begun <= 5
    assert until(game, lambda: lurker not in game.world.current, 30) - risen == 10


# -- 8 ---------------------------------------------------------------------------------------------------
def test_trap_08_slots_without_a_button_are_never_offered_nor_obeyed() -> None:
    listed = [r for rules in RULES.commands.values() for r in rules]
    dead = [(r.caster, r.ability_id) for r in listed if not r.on_card and r.how != "morph"]
    researches = {RULES.upgrades[r.upgrade].name for r in listed if r.upgrade and not r.on_card}
    assert {"HunterSeeker", "NeosteelFrame", "MicrobialShroud"} <= researches
    assert len(dead) > 30
    for caster, number in dead:
        rule = RULES.units[caster]
        game = prepare(rule.race if rule.race in ("Terran", "Protoss", "Zerg") else "Terran")
        row = put(game, 0, rule.name, 30.5, 30.5)
        game.world.units.energy[row] = 200
        assert number not in available(game, row, True), (rule.name, number)
        if not any(r.on_card for r in RULES.commands[number] if r.caster == caster):
            assert give(game, row, number, at=(34, 34)) != Result.SUCCESS, (rule.name, number)


# -- 9 ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("near_gate", "loops"), [(True, 81), (False, 256)])
def test_trap_09_a_warp_in_takes_80_near_a_gate_and_256_else_and_the_gate_recharges_at_once(
    near_gate: bool, loops: int
) -> None:
    game = prepare("Protoss")
    put(game, 0, "Pylon", 40, 40)
    gate = put(game, 0, "WarpGate", 43.5, 43.5) if near_gate else put(game, 0, "WarpGate", 11.5, 30.5)
    if not near_gate:
        put(game, 0, "Pylon", 10, 26)
    game.step(1)
    put(game, 0, "CyberneticsCore", 37.5, 43.5)
    game.step(1)
    zealot = next(r.ability_id for a in RULES.commands.values() for r in a if r.how == "warp_in" and r.product == 73)
    assert give(game, gate, zealot, at=(40, 37)) == Result.SUCCESS
    begun = game.loop
    assert give(game, gate, zealot, at=(38, 37)) == Result.COOLDOWN
    row = rows(game, 0, "Zealot")[0]
    assert until(game, lambda: game.world.units.build_left[row] <= 0, 300) - begun == pytest.approx(loops, abs=1)
    assert until(game, lambda: zealot in available(game, gate, True), 600) - begun == pytest.approx(448, abs=1)


# -- 10 --------------------------------------------------------------------------------------------------
def test_trap_10_fire_and_hunger_are_behaviours_of_finished_structures() -> None:
    """No unit field says so: below a third of its life a depot burns, off creep a pool starves, a hatchery does not."""
    game = prepare("Terran", "Zerg")
    u = game.world.units
    depot, pool = put(game, 0, "SupplyDepot", 30, 30), put(game, 1, "SpawningPool", 40.5, 20.5)
    hatchery = rows(game, 1, "Hatchery")[0]
    u.hp[depot] = 130
    game.world.grids.creep[:] = 0
    game.step(120)
    assert u.hp[depot] < 130 - 15
    assert u.hp[pool] < 1000 - 15
    assert u.hp[hatchery] == 1500


# -- 11 --------------------------------------------------------------------------------------------------
def test_trap_11_a_town_hall_keeps_three_cells_from_minerals_other_structures_do_not() -> None:
    field_ = Neutral(RULES.unit("MineralField").id, 30.0, 30.5, 1800)
    game = field(("Terran", "Zerg"), (field_,))
    hall, depot = RULES.unit("CommandCenter").id, RULES.unit("SupplyDepot").id
    ys = [y + 0.5 for y in range(30, 45)]
    first = next(y for y in ys if placement.can_place(game, 0, hall, 30.5, y) == Result.SUCCESS)
    assert first - 2.5 - 31 == 3
    assert placement.can_place(game, 0, depot, 30, 32) == Result.SUCCESS


def test_trap_11_footprints_are_drawn_top_row_first() -> None:
    """A barracks' add-on stands at its lower right."""
    game = prepare("Terran")
    barracks = put(game, 0, "Barracks", 30.5, 30.5)
    assert give(game, barracks, 421) == Result.SUCCESS
    lab = until(game, lambda: rows(game, 0, "BarracksTechLab", "TechLab"), 10)
    assert lab
    row = rows(game, 0, "BarracksTechLab", "TechLab")[0]
    assert (game.world.units.x[row], game.world.units.y[row]) == (33, 30)


# -- 12 --------------------------------------------------------------------------------------------------
def test_trap_12_a_storm_hurts_at_once_and_then_a_period_later_each_time() -> None:
    game = prepare("Protoss", "Terran")
    u = game.world.units
    learn_all(game, "PsiStormTech")
    templar, prey = caster_of(game, "HighTemplar"), put(game, 1, "Marauder", 34, 30)
    u.can_attack[templar] = 0
    hold(game, prey)
    give(game, templar, 1036, at=(34, 30))
    hits = []
    for _ in range(100):
        before = float(u.hp[prey])
        game.step(1)
        hits += [game.loop] * round((before - float(u.hp[prey])) / 10)
    assert len(hits) == 8
    assert [b - a for a, b in itertools.pairwise(hits)] == pytest.approx([9.14] * 7, abs=1)


# -- 13 --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("victim", "shielded", "foe", "amount"),
    [
        ("Zealot", True, (), 6),
        ("Zealot", False, (), 6 - 1),
        ("Zealot", True, ("ProtossShieldsLevel1",), 6 - 1),
        ("Zealot", True, ("ProtossGroundArmorsLevel1",), 6),
        ("Zealot", False, ("ProtossGroundArmorsLevel1",), 6 - 2),
        ("Zealot", False, ("ProtossShieldsLevel1",), 6 - 1),
        ("SupplyDepot", False, ("TerranBuildingArmor",), 6 - 1 - 2),
    ],
)
def test_trap_13_shields_and_life_have_armour_of_their_own(
    victim: str, shielded: bool, foe: tuple[str, ...], amount: float
) -> None:
    game, _, prey = _duel("Marine", victim, foe=foe)
    if not shielded:
        _strip(game, prey)
    assert _first_hit(game, prey) == pytest.approx(amount, abs=0.2)


# -- 14 --------------------------------------------------------------------------------------------------
def test_trap_14_a_bunker_has_no_weapon_and_its_crew_reaches_a_cell_farther() -> None:
    assert RULES.unit("Bunker").weapons == ()
    for gap, hit in ((5.9, True), (6.1, False)):
        game = prepare("Terran", "Zerg")
        u = game.world.units
        bunker, marine = put(game, 0, "Bunker", 30.5, 30.5), put(game, 0, "Marine", 33, 30)
        give(game, marine, 1, bunker)
        until(game, lambda u=u, m=marine: u.hidden[m] == 1, 100)
        roach = put(game, 1, "Roach", 30.5 + gap + RULES.unit("Bunker").radius + RULES.unit("Roach").radius, 30.5)
        hold(game, roach)
        game.step(40)
        assert (u.hp[roach] < 145) == hit


# -- 15 --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("launcher", "launched"), [("BroodLord", "Broodling"), ("Carrier", "Interceptor")])
def test_trap_15_launchers_do_no_harm_themselves(launcher: str, launched: str) -> None:
    """The weapon's damage is that of what it launches; nothing is hurt before that has flown there."""
    game, _row, prey = _duel(launcher, "Nexus", gap=6.0)
    u = game.world.units
    assert _first_hit(game, prey, 200) <= 2 * 20
    out = [r for r in rows(game, 0, launched) if not u.hidden[r]]
    assert out
    near = min(math.dist((u.x[r], u.y[r]), (u.x[prey], u.y[prey])) for r in out)
    assert near < 6


# -- 16 --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("spell", [3757, 4126])
def test_trap_16_a_players_nexuses_share_their_recall_and_their_recharge(spell: int) -> None:
    game = prepare("Protoss")
    u = game.world.units
    first, second = rows(game, 0, "Nexus")[0], put(game, 0, "Nexus", 30.5, 20.5)
    u.energy[[first, second]] = 200
    sentry = caster_of(game, "Sentry", 20, 16, energy=10)
    where = {"target": sentry} if spell == 4126 else {"at": (20.0, 16.0)}
    assert give(game, first, spell, **where) == Result.SUCCESS  # type: ignore[arg-type]
    assert give(game, second, spell, **where) == Result.COOLDOWN  # type: ignore[arg-type]


def test_trap_16_stalkers_blink_each_for_itself() -> None:
    game = prepare("Protoss")
    learn_all(game, "BlinkTech")
    pair = [put(game, 0, "Stalker", 30, 30 + k) for k in range(2)]
    game.step(1)
    results = game.command(0, Command(1442, tuple(pair), st.NONE, 34.0, 30.0, True, False))
    assert results == [1, 1]
    assert give(game, pair[0], 1442, at=(30, 30)) == Result.COOLDOWN


# -- 17 --------------------------------------------------------------------------------------------------
def test_trap_17_timed_lives_end_up_to_five_loops_apart() -> None:
    game = prepare("Zerg", "Terran")
    grow_creep(game)
    u = game.world.units
    nest = put(game, 0, "Lair", 30.5, 30.5)
    u.hp[nest] = 1
    give(game, put(game, 1, "Marine", 34, 34), ATTACK, nest, player=1)
    until(game, lambda: rows(game, 0, "Broodling"), 200)
    born = game.loop
    u.can_attack[rows(game, 1, "Marine")] = 0
    ends: list[int] = []
    left = len(rows(game, 0, "Broodling"))
    while left:
        game.step(1)
        now = len(rows(game, 0, "Broodling"))
        ends += [game.loop - born] * (left - now)
        left = now
    assert 128 <= min(ends) < max(ends) <= 134


# -- 18 --------------------------------------------------------------------------------------------------
def test_trap_18_splash_hits_its_target_in_full_others_by_rings_and_own_units_where_the_data_says_so() -> None:
    game = prepare("Terran", "Zerg")
    u = game.world.units
    tank, prey = put(game, 0, "SiegeTankSieged", 20, 30), put(game, 1, "Ultralisk", 30, 30)
    inner, outer = put(game, 1, "Roach", 30.3, 30), put(game, 0, "Marauder", 31.4, 30)
    for row in (prey, inner):
        hold(game, row)
    hold(game, outer, player=0)
    u.sunk[[inner, outer]] = 1  # so that nobody is pushed away
    give(game, tank, ATTACK, prey)
    until(game, lambda: u.hp[prey] < 500, 120)
    assert 500 - u.hp[prey] == pytest.approx(70 - 2, abs=0.2)
    assert 145 - u.hp[inner] == pytest.approx(70 - 1, abs=0.5)
    assert u.hp[outer] < 125


def test_trap_18_an_archons_splash_spares_its_own() -> None:
    game = prepare("Protoss", "Terran")
    u = game.world.units
    archon, prey = put(game, 0, "Archon", 26, 30), put(game, 1, "Marauder", 30, 30)
    other, own = put(game, 1, "Marauder", 30.6, 30.6), put(game, 0, "Zealot", 30.6, 29.4)
    hold(game, prey, other)
    hold(game, own, player=0)
    give(game, archon, ATTACK, prey)
    until(game, lambda: u.hp[prey] < 125, 60)
    assert u.hp[other] < 125
    assert (u.hp[own], u.shield[own]) == (100, 50)


# -- 19 --------------------------------------------------------------------------------------------------
def test_trap_19_filters_name_what_is_required_before_the_semicolon_and_what_is_excluded_after_it() -> None:
    assert need("Biological,Ground;Structure") == Filter(("Biological", "Ground"), ("Structure",))
    game = prepare("Zerg", "Terran")
    marine, tank = put(game, 1, "Marine", 30, 30), put(game, 1, "SiegeTank", 33, 30)
    pool = put(game, 0, "SpawningPool", 40.5, 40.5)
    wanted = need("Biological;Structure")
    assert [filters.passes(game.world, 0, r, wanted) for r in (marine, tank, pool)] == [True, False, False]


# -- 20 --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("geyser", "trip"), [("VespeneGeyser", 4), ("RichVespeneGeyser", 8)])
def test_trap_20_what_a_trip_brings_is_the_geysers_affair(geyser: str, trip: int) -> None:
    neutral = Neutral(RULES.unit(geyser).id, 30.5, 30.5, 2250)
    game = field(("Terran", "Zerg"), (neutral,))
    w, u = game.world, game.world.units
    put(game, 0, "CommandCenter", 20.5, 30.5)
    put(game, 1, "Hatchery", 53.5, 53.5)
    w.players.minerals[:] = 500
    worker = put(game, 0, "SCV", 26, 30)
    game.step(1)
    assert give(game, worker, 320, w.rows_of(2)[0]) == Result.SUCCESS
    until(game, lambda: w.players.collected_gas[0] > 0, 1200)
    assert w.players.collected_gas[0] == trip
    building = next(r for r in w.rows_of(0) if RULES.units[int(u.type_id[r])].is_gas_building)
    assert u.contents[building] in (2250 - trip, 2250 - 2 * trip)


def test_trap_20_fields_named_750_hold_900_and_the_others_1800() -> None:
    fields = {r.name: r.resource_amount for r in RULES.units.values() if r.is_mineral_field}
    assert {n: a for n, a in fields.items() if n.endswith("750") and a != 900} == {}
    assert fields["MineralField"] == fields["RichMineralField"] == fields["LabMineralField"] == 1800
    assert {r.resource_amount for r in RULES.units.values() if r.is_geyser} == {2250}


# -- 21 --------------------------------------------------------------------------------------------------
def test_trap_21_hidden_weapons_stay_in_the_lists_and_are_never_fired() -> None:
    hidden = {w.index for w in RULES.weapons if w.hidden}
    for kind, weapon in (
        ("Queen", "Talons"),
        ("SiegeTank", "90mmCannonsFake"),
        ("Mothership", "PurifierBeamDummyTargetFire"),
    ):
        rule = RULES.unit(kind)
        assert weapon in {RULES.weapons[w].name for w in rule.weapons if w in hidden}
        assert not {int(w) for w in RULES.arrays.weapon[rule.id] if w >= 0} & hidden
    game, queen, prey = _duel("Queen", "Nexus")
    assert _first_hit(game, prey) == pytest.approx(4, abs=0.2)
    assert RULES.weapons[int(game.world.units.weapon[queen])].name == "TalonsMissile"


def test_every_trap_has_its_test() -> None:
    assert {int(n.split("_")[2]) for n in globals() if n.startswith("test_trap_")} == set(range(1, 22))
