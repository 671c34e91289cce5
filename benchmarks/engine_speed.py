"""Speed of the engine alone: loops per second with mining bases and armies; time of a new game.

Run as `python -m benchmarks.engine_speed` from the project's root.
"""

from __future__ import annotations

from benchmarks.common import Row, arguments, machine, measured, publish, seconds
from cherrypy_bot.sim.game import Command, Game
from cherrypy_bot.sim.maps import load_map, shipped_maps
from cherrypy_bot.sim.setup import start_location

GATHER = 3666  # HARVEST_GATHER, the ability id the API's own bots send
ATTACK = 3674  # ATTACK, general
LOOPS = 1344  # one game minute
ARMIES = (0, 100, 200, 400)


def mining_game(map_name: str, seed: int = 1) -> Game:
    """A Terran and a Protoss base at loop 0 whose workers all mine."""
    game = Game.new(load_map(map_name), ("Terran", "Protoss"), seed)
    game.recording = False
    for player, worker in enumerate(("SCV", "Probe")):
        rows = game.world.rows_of(player, game.world.rules.unit(worker).id)
        field = _nearest_mineral_field(game, player)
        game.command(player, Command(GATHER, tuple(rows), target=field))
    return game


def add_armies(game: Game, units: int) -> None:
    """Puts half as many marines and zealots each on walkable ground round the two bases."""
    for player, name in enumerate(("Marine", "Zealot")):
        type_id = game.world.rules.unit(name).id
        for x, y in _standing_room(game, player, units // 2):
            game.world.spawn(type_id, player, x, y)


def attack(game: Game) -> None:
    """Both armies attack towards the other's start."""
    for player, name in enumerate(("Marine", "Zealot")):
        rows = game.world.rows_of(player, game.world.rules.unit(name).id)
        x, y = start_location(game.world, 1 - player)
        game.command(player, Command(ATTACK, tuple(rows), x=x, y=y, has_point=True))


def loops_per_second(map_name: str, units: int, *, fighting: bool) -> float:
    """Speed over one game minute."""
    game = mining_game(map_name)
    add_armies(game, units)
    if fighting:
        attack(game)
    game.step(16)
    started = game.loop
    spent = seconds(lambda: game.step(LOOPS))
    return (game.loop - started) / spent


def rows(map_name: str, runs: int) -> list[Row]:
    """Everything this benchmark measures."""
    loops_per_second(map_name, 20, fighting=True)  # compile before anything is measured
    found = [
        measured(
            f"two mining bases, {units} standing units",
            [loops_per_second(map_name, units, fighting=False) for _ in range(runs)],
            "loops/s",
            at_least=15_000 if units == 0 else None,
        )
        for units in ARMIES
    ]
    found += [
        measured(
            f"two mining bases, {units} fighting units",
            [loops_per_second(map_name, units, fighting=True) for _ in range(runs)],
            "loops/s",
            at_least=2000 if units == 400 else None,  # 200 marines and 200 zealots: more than 200 supply a side
        )
        for units in ARMIES[1:]
    ]
    map_data = load_map(map_name)
    new_games = [1000 * seconds(lambda: Game.new(map_data, ("Terran", "Zerg"), 1)) for _ in range(4 * runs)]
    found.append(measured("new game in a running process", new_games, "ms", at_most=50))
    for units in (200, 400):
        game = mining_game(map_name)
        add_armies(game, units)
        limit = 1.0 if units == 400 else None
        found.append(measured(f"clone of a game, {units} units", _repeat_ms(game.clone, 4 * runs), "ms", at_most=limit))
    found.append(measured("state hash, 400 units", _repeat_ms(game.state_hash, 4 * runs), "ms"))
    return found


def _repeat_ms(work: object, times: int) -> list[float]:
    assert callable(work)
    return [1000 * seconds(work) for _ in range(times)]


def _nearest_mineral_field(game: Game, player: int) -> int:
    world = game.world
    x, y = start_location(world, player)
    fields = [row for row in world.rows_of(2) if world.rules.units[int(world.units.type_id[row])].is_mineral_field]
    return min(fields, key=lambda row: (world.units.x[row] - x) ** 2 + (world.units.y[row] - y) ** 2)


def _standing_room(game: Game, player: int, wanted: int) -> list[tuple[float, float]]:
    """Free walkable cells near a base, nearest first, one unit each."""
    world = game.world
    x, y = start_location(world, player)
    walk = world.grids.walk
    cells = [
        (cx + 0.5, cy + 0.5)
        for cy in range(walk.shape[0])
        for cx in range(walk.shape[1])
        if walk[cy, cx] and (cx + 0.5 - x) ** 2 + (cy + 0.5 - y) ** 2 > 36
    ]
    cells.sort(key=lambda cell: (cell[0] - x) ** 2 + (cell[1] - y) ** 2)
    return cells[:wanted]


def main() -> None:
    """Measures and publishes."""
    parser = arguments(str(__doc__).splitlines()[0])
    parser.add_argument("--map", default=None, help="map to measure on (the first shipped one)")
    options = parser.parse_args()
    host = machine()
    publish("engine_speed", rows(options.map or shipped_maps()[0], options.runs), host, options)


if __name__ == "__main__":
    main()
