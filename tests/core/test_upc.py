"""UPC tuples: sharpness, refinement, distributions."""

import pytest
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.ids.upgrade_id import UpgradeId
from sc2.position import Point2

from cherrypy_bot.core.errors import UpcError
from cherrypy_bot.core.upc import Command, CreateState, GatherState, PositionArea, Resource, Upc

HERE = Point2((3.0, 4.0))


@pytest.mark.parametrize(
    "upc",
    [
        Upc.attack(units=(1, 2), position=HERE),
        Upc.attack(units=(1,), target=9),
        Upc.attack(units={1: 1.0}, position=HERE),
        Upc({Command.ATTACK: 1.0, Command.MOVE: 0.0}, units=(1,), position=HERE),
        Upc.stop(units=(1,)),
        Upc.cast(AbilityId.EFFECT_STIM, units=(1,)),
        Upc.create(UnitTypeId.QUEEN, units=(1,)),
        Upc.create(UpgradeId.ZERGLINGMOVEMENTSPEED, units=(1,)),
    ],
)
def test_one_outcome_in_every_part_is_sharp(upc: Upc) -> None:
    assert upc.sharp


@pytest.mark.parametrize(
    "upc",
    [
        Upc.attack(position=HERE),
        Upc.attack(units=(1,)),
        Upc.attack(units={1: 0.5, 2: 0.5}, position=HERE),
        Upc.attack(units=(1,), position=PositionArea(HERE, 5.0)),
        Upc({Command.ATTACK: 0.5, Command.MOVE: 0.5}, units=(1,), position=HERE),
        Upc(Command.CREATE, units=(1,), position=HERE),
        Upc.gather(units=(1,)),
    ],
)
def test_an_open_part_is_not_sharp(upc: Upc) -> None:
    assert not upc.sharp


def test_refining_names_the_parent_and_keeps_the_rest() -> None:
    wish = Upc.create(UnitTypeId.ROACHWARREN, priority=5.0, note="roaches", lasting=True).with_(id=7, source="strategy")
    refined = wish.refine(units=(1,), position=HERE)
    assert (refined.parent, refined.id, refined.source) == (7, 0, "")
    assert (refined.what, refined.priority, refined.note) == (UnitTypeId.ROACHWARREN, 5.0, "roaches")
    assert not refined.lasting, "a refinement is for this step unless it says otherwise"
    with pytest.raises(UpcError, match="post this one first"):
        Upc.stop(units=(1,)).refine(units=(2,))


def test_delete_is_cherrypis_name_for_attack() -> None:
    assert Command.DELETE is Command.ATTACK
    assert len({command.value for command in Command}) == len(list(Command))


def test_probabilities_of_commands() -> None:
    vague = Upc({Command.ATTACK: 0.7, Command.FLEE: 0.3})
    assert vague.probability(Command.ATTACK) == 0.7
    assert vague.probability(Command.SCOUT) == 0.0
    assert Upc.scout().probability(Command.SCOUT) == 1.0
    assert vague.sharp_command is None


def test_constructors_fill_the_state() -> None:
    create = Upc.create(UnitTypeId.EXTRACTOR, target=12, near=HERE, queued=True)
    assert create.state == CreateState(UnitTypeId.EXTRACTOR, HERE, target=12, queued=True)
    assert create.target == 12
    gather = Upc.gather(resource=Resource.VESPENE, target=5)
    assert gather.state == GatherState(Resource.VESPENE, target=5)
    assert Upc.move(position=HERE).state is None


def test_description_names_source_command_and_why() -> None:
    text = Upc.create(UnitTypeId.DRONE, note="saturate").with_(id=3, source="economy").describe()
    assert text == "#3 economy CREATE DRONE (saturate)"


def test_an_area_contains_its_rim() -> None:
    area = PositionArea(Point2((0.0, 0.0)), 5.0)
    assert area.contains(HERE)
    assert not area.contains(Point2((3.0, 4.1)))
