"""A small field with what a test names, money in the bank, and short words for giving commands."""

from __future__ import annotations

from cherrypy_bot.sim.game import Command, Game
from cherrypy_bot.sim.maps import Neutral
from cherrypy_bot.sim.rules import CommandRule
from cherrypy_bot.sim.state import NONE
from tests.sim.systems.scene import RULES, field, put

__all__ = ["RULES", "ability", "field", "give", "grow_creep", "name", "prepare", "put", "rows", "until"]

MINERALS = tuple(Neutral(RULES.unit("MineralField").id, 18.0, 6.5 + 2 * i, 1800) for i in range(4))
GEYSER = Neutral(RULES.unit("VespeneGeyser").id, 10.5, 18.5, 2250)


def prepare(*races: str, minerals: float = 10000, gas: float = 10000) -> Game:
    """A field with four mineral fields and a geyser; each player has a town hall in a corner and is rich."""
    both = (races[0], races[1] if len(races) > 1 else "Terran")
    game = field(both, (*MINERALS, GEYSER))
    for player, (x, y) in enumerate(((10.5, 10.5), (53.5, 53.5))):
        put(game, player, {"Terran": "CommandCenter", "Protoss": "Nexus", "Zerg": "Hatchery"}[both[player]], x, y)
    game.world.players.minerals[:] = minerals
    game.world.players.gas[:] = gas
    game.step(1)
    return game


def grow_creep(game: Game) -> None:
    """Creep everywhere."""
    game.world.grids.creep[:] = 1


def ability(product: str, *hows: str) -> CommandRule:
    """The command that makes a unit, structure or upgrade."""
    found = []
    for rule in (r for listed in RULES.commands.values() for r in listed):
        made = RULES.units[rule.product].name if rule.product else ""
        if rule.upgrade:
            made = RULES.upgrades[rule.upgrade].name
        if made == product and rule.on_card and rule.how != "warp_in" and (not hows or rule.how in hows):
            found.append(rule)
    return max(found, key=lambda r: r.minerals + r.gas)


def give(
    game: Game,
    row: int,
    command: int | str,
    target: int = NONE,
    at: tuple[float, float] | None = None,
    *,
    queue: bool = False,
    player: int = 0,
) -> int:
    """Give one unit a command (an ability id, or the name of what it makes); its result."""
    number = command if isinstance(command, int) else ability(command).ability_id
    x, y = at or (0.0, 0.0)
    return game.command(player, Command(number, (row,), target, x, y, at is not None, queue))[0]


def rows(game: Game, player: int, *names: str) -> list[int]:
    """Rows of a player's units of some types."""
    return game.world.rows_of(player, *(RULES.unit(n).id for n in names))


def name(game: Game, row: int) -> str:
    """Type name of the unit in a row."""
    return RULES.units[int(game.world.units.type_id[row])].name


def until(game: Game, condition: object, limit: int = 4000) -> int:
    """Step loop by loop until `condition()` is true; the loop, or an assertion error at the limit."""
    assert callable(condition)
    for _ in range(limit):
        if condition():
            return game.loop
        game.step(1)
    raise AssertionError(f"not so within {limit} loops")
