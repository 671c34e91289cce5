"""A flat field on which one thing after the other is made, so that its time can be taken.

Each race has one stage: all its tech stands, supply and money are no object, creep lies everywhere where it is needed.
A measurement plays on a clone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np

from cherrypy_bot.sim.abilities import creep, larva, power, supply
from cherrypy_bot.sim.game import Command, Game
from cherrypy_bot.sim.maps import MapData, Neutral
from cherrypy_bot.sim.rules import CommandRule, Requirement, Ruleset, load_ruleset
from cherrypy_bot.sim.setup import new_world
from cherrypy_bot.sim.state import NEUTRAL, NONE
from cherrypy_bot.sim.truth.source import TruthError
from cherrypy_bot.sim.world import World

SIZE = 96
SPACING = 7
TECH_ROWS_Y = (8.5, 15.5, 22.5, 29.5)
"""Rows of the field that the tech structures fill."""
PLACE = (48.5, 60.5)
"""Where things are made: powered, creep-covered and empty for ten cells around."""
GEYSER = (70.5, 60.5)
HALL = (30.5, 60.5)
TOWN_HALLS = {"Terran": "CommandCenter", "Protoss": "Nexus", "Zerg": "Hatchery"}
BANK = 1_000_000.0
EXTRA_SUPPLY = 12
MOST_LOOPS = 10_000


def stage(ruleset: str, race: str) -> Game:
    """A fresh copy of the stage of a race, one loop old."""
    return _stage(ruleset, race).clone()


@cache
def _stage(ruleset: str, race: str) -> Game:
    rules = load_ruleset(ruleset)
    game = Game(_empty_world(rules, race), 1)
    w = game.world
    put(game, "CommandCenter", 88.5, 88.5, owner=1)
    hall = put(game, TOWN_HALLS[race], *HALL)
    spots = ((8.5 + SPACING * k, y) for y in TECH_ROWS_Y for k in range((SIZE - 16) // SPACING))
    for unit, (x, y) in zip(_tech(rules, race), spots, strict=False):
        put(game, unit, x, y)
    provider = {"Terran": "SupplyDepot", "Protoss": "Pylon", "Zerg": "Overlord"}[race]
    for k in range(EXTRA_SUPPLY):
        put(game, provider, 8.0 + 4 * k, 84.0)
    if race == "Protoss":
        for dx, dy in ((-5, -3), (5, -3), (-5, 3), (5, 3)):
            put(game, "Pylon", PLACE[0] + dx + 0.5, PLACE[1] + dy + 0.5)
    if race == "Zerg":
        creep.add_source(game, hall, grown=True)
        w.grids.creep[:] = 1
        larva.start(game, hall, larva.START_LARVAE)
    w.players.minerals[:] = w.players.gas[:] = BANK
    power.update(game)
    supply.recount(game)
    game.step(1)
    return game


def _empty_world(rules: Ruleset, race: str) -> World:
    open_cells = np.zeros((SIZE, SIZE), dtype=np.bool_)
    open_cells[2:-2, 2:-2] = True
    neutrals = (Neutral(rules.unit("VespeneGeyser").id, *GEYSER, 2250),)
    field = MapData(
        name="Stage",
        width=SIZE,
        height=SIZE,
        pathing=open_cells,
        placement=open_cells.copy(),
        terrain_height=np.full((SIZE, SIZE), 127, dtype=np.uint8),
        playable=(2, 2, SIZE - 2, SIZE - 2),
        start_locations=(HALL, (88.5, 88.5)),
        neutrals=neutrals,
    )
    world = new_world(field, (race, "Terran"), 1, rules)
    for row in list(world.rows()):
        if world.units.owner[row] != NEUTRAL:
            world.remove(row)
    world.grids.explored[:] = 1
    return world


def _tech(rules: Ruleset, race: str) -> list[str]:
    """Every structure that some command of the race asks for, each once."""
    asked: set[int] = set()
    for rule in (r for listed in rules.commands.values() for r in listed):
        if rules.units[rule.caster].race == race:
            asked.update(_asked(rule.requirement))
    return [
        u.name
        for u in rules.units.values()
        if u.id in asked and u.is_structure and u.race == race and not u.is_addon and u.kind == "structure"
    ]


def _asked(requirement: Requirement) -> Iterator[int]:
    if requirement is None:
        return
    if requirement[0] == "have":
        yield from requirement[1]
    elif requirement[0] in ("and", "or"):
        for part in requirement[1:]:
            yield from _asked(part)


def put(game: Game, name: str, x: float, y: float, *, owner: int = 0) -> int:
    """Spawn a finished unit by its name; its row."""
    row = game.world.spawn(game.world.rules.unit(name).id, owner, x, y)
    game.world.units.seen[row] = 3
    return row


def give(
    game: Game, units: int | list[int], rule: CommandRule, *, target: int = NONE, at: tuple[float, float] | None = None
) -> None:
    """Give one or several units a command; TruthError when the engine refuses it."""
    x, y = at or (0.0, 0.0)
    rows = (units,) if isinstance(units, int) else tuple(units)
    results = game.command(0, Command(rule.ability_id, rows, target, x, y, at is not None))
    if 1 not in results:
        name = game.world.rules.abilities[rule.ability_id].name
        raise TruthError(
            f"the engine refuses {name} on the stage (ActionResult {results[0]}); its rules are incomplete"
        )


def until(game: Game, condition: Callable[[], bool]) -> int:
    """Step loop by loop until the condition holds; the loop. TruthError when it never does."""
    for _ in range(MOST_LOOPS):
        if condition():
            return game.loop
        game.step(1)
    raise TruthError(f"nothing came of it within {MOST_LOOPS} loops on the stage")


def rows(game: Game, name: str) -> list[int]:
    """Own rows of a type."""
    return game.world.rows_of(0, game.world.rules.unit(name).id)
