"""Short words of the tests of casters: learn an upgrade, hold units still, put a caster down."""

from cherrypy_bot.sim.abilities.production import learn
from cherrypy_bot.sim.game import Game
from tests.sim.abilities.scene import RULES, give, put


def learn_all(game: Game, *names: str, player: int = 0) -> None:
    for one in names:
        learn(game, player, RULES.upgrade(one).id)


def hold(game: Game, *units: int, player: int = 1) -> None:
    """Units that stay where they are and do not fight."""
    for row in units:
        give(game, row, 18, player=player)
        game.world.units.can_attack[row] = 0


def caster_of(game: Game, kind: str, x: float = 30, y: float = 30, energy: float = 200) -> int:
    row = put(game, 0, kind, x, y)
    game.world.units.energy[row] = energy
    game.step(1)
    return row
