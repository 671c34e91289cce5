"""Observations and GameInfo against those of the real game on the same maps."""

import lzma
from collections import Counter

import numpy as np
import pytest
from s2clientprotocol import common_pb2 as common
from s2clientprotocol import raw_pb2 as raw
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.api import GameServer
from cherrypy_bot.sim.api.match import Match, MatchSetup, Seat
from cherrypy_bot.sim.maps import import_map
from tests.reference import REFERENCE, needs_reference
from tests.sim.api.table import OPTIONS, Client, grid

LOOP_ZERO = ("AcropolisLE", "BlueshiftLE", "CeruleanFallLE", "KairosJunctionLE", "StasisLE")
SCV, COMMAND_CENTER = 45, 18

pytestmark = needs_reference


def real(name: str) -> tuple[sc.ResponseGameInfo, sc.ResponseObservation]:
    assert REFERENCE is not None
    folder = REFERENCE / "maps"
    with lzma.open(folder / f"{name}.game_info.pb.xz") as file:
        info = sc.ResponseGameInfo.FromString(file.read())
    with lzma.open(folder / f"{name}.observation.pb.xz") as file:
        seen = sc.ResponseObservation.FromString(file.read())
    return info, seen


def ours(name: str) -> Client:
    """The same match-up on the imported map, our start where the capture's was."""
    info, seen = real(name)
    hall = next(u for u in seen.observation.raw_data.units if u.unit_type == COMMAND_CENTER)
    map_data = import_map(info, seen)
    for seed in range(40):
        client = Client(GameServer())
        seats = (
            Seat(0, sc.Participant),
            Seat(1, sc.Computer, race_requested=common.Zerg, difficulty=sc.Easy, taken=True),
        )
        setup = MatchSetup(map_data, info.local_map_path, seed, realtime=False, disable_fog=False)
        client.session.server.match = Match(setup, seats)
        client.join(common.Terran)
        mine = client.mine(COMMAND_CENTER)[0].pos
        if (mine.x, mine.y) == (hall.pos.x, hall.pos.y):
            return client
    raise AssertionError(f"no seed starts at {hall.pos.x}, {hall.pos.y} on {name}")


def key(unit: raw.Unit) -> tuple[int, float, float, int]:
    return unit.unit_type, unit.pos.x, unit.pos.y, unit.display_type


@pytest.fixture(scope="module", params=LOOP_ZERO)
def pair(request):
    client = ours(request.param)
    return real(request.param), client


def test_neutral_units_are_the_same_and_seen_alike(pair):
    (_, seen), client = pair
    theirs = Counter(key(u) for u in seen.observation.raw_data.units if u.alliance == raw.Neutral)
    mine = Counter(key(u) for u in client.units() if u.alliance == raw.Neutral)
    assert mine == theirs


def test_every_field_is_set_as_the_game_sets_it(pair):
    """Per kind of unit: the fields of our message against the fields of the game's.

    Orders and the rally point of the start are the engine's to give; is_powered the game sets by a rule of its
    own on some rocks and not on others.
    """
    (_, seen), client = pair
    free = {"orders", "rally_targets", "buff_ids", "is_powered"}

    def fields(units) -> dict[tuple[int, int, int], set[str]]:
        found: dict[tuple[int, int, int], set[str]] = {}
        for u in units:
            names = {d.name for d, _ in u.ListFields()} - free
            found.setdefault((u.unit_type, u.alliance, u.display_type), set()).update(names)
        return found

    theirs, mine = fields(seen.observation.raw_data.units), fields(client.units())
    assert mine == theirs


def test_values_of_the_start_units_equal_the_games(pair):
    (_, seen), client = pair
    for kind in (SCV, COMMAND_CENTER):
        theirs = next(u for u in seen.observation.raw_data.units if u.unit_type == kind)
        mine = client.mine(kind)[0]
        for field in ("health", "health_max", "shield", "energy", "radius", "owner", "cloak", "build_progress"):
            assert getattr(mine, field) == pytest.approx(getattr(theirs, field)), field
        assert mine.ideal_harvesters == theirs.ideal_harvesters
        assert mine.pos.z == pytest.approx(theirs.pos.z, abs=0.1)


def test_player_and_score_equal_the_games(pair):
    (_, seen), client = pair
    mine = client.observe().observation
    start_orders = {"idle_worker_count"}  # the engine's to give, as the orders themselves

    def values(player: sc.PlayerCommon) -> dict[str, int]:
        return {d.name: v for d, v in player.ListFields() if d.name not in start_orders and d.name != "larva_count"}

    assert values(mine.player_common) == values(seen.observation.player_common)
    assert mine.score == seen.observation.score


def test_visibility_is_nearly_the_games(pair):
    (_, seen), client = pair
    theirs = grid(seen.observation.raw_data.map_state.visibility)
    mine = grid(client.observe().observation.raw_data.map_state.visibility)
    assert mine.shape == theirs.shape
    both = np.count_nonzero((mine == 2) & (theirs == 2))
    either = np.count_nonzero((mine == 2) | (theirs == 2))
    assert both / either > 0.85
    assert not grid(client.observe().observation.raw_data.map_state.creep).any()


def test_game_info_equals_the_games(pair):
    (info, _), client = pair
    mine = client.ask(game_info=sc.RequestGameInfo()).game_info
    start_mine, start_theirs = mine.start_raw, info.start_raw
    assert start_mine.map_size == start_theirs.map_size
    assert start_mine.playable_area == start_theirs.playable_area
    assert start_mine.terrain_height == start_theirs.terrain_height
    assert list(start_mine.start_locations) == list(start_theirs.start_locations)
    assert mine.local_map_path == info.local_map_path
    assert list(mine.mod_names) == list(info.mod_names)
    for own, other in zip(mine.player_info, info.player_info, strict=True):
        assert (own.player_id, own.type, own.race_requested) == (other.player_id, other.type, other.race_requested)
        assert own.HasField("race_actual") == other.HasField("race_actual")
        assert own.difficulty == other.difficulty
    for name in ("pathing_grid", "placement_grid"):
        a, b = grid(getattr(start_mine, name)), grid(getattr(start_theirs, name))
        assert (a == b).mean() > 0.985, name


def test_options_come_back(pair):
    _, client = pair
    assert client.ask(game_info=sc.RequestGameInfo()).game_info.options == OPTIONS
