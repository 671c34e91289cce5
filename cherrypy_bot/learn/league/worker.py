"""One process that plays games of a league: python -m cherrypy_bot.learn.league.worker FOLDER CONFIG.

It reads numbers of games from its input, plays each, keeps the episodes, writes the result and says "done NUMBER". It
ends when its input does: a worker whose league was killed finishes its game, keeps it, and goes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cherrypy_bot.config import Config, ConfigError, load_config
from cherrypy_bot.ladder.errors import MatchError
from cherrypy_bot.ladder.players import quiet_python_sc2
from cherrypy_bot.learn.episodes import EpisodeError, ShardWriter
from cherrypy_bot.learn.league.orders import failed
from cherrypy_bot.learn.league.play import Played, play_order
from cherrypy_bot.learn.league.store import EPISODES, Store
from cherrypy_bot.sim.maps import MapError

MOST_SHARDS = 1000


def open_shard(folder: Path) -> ShardWriter:
    """The first shard that nobody writes."""
    for number in range(1, MOST_SHARDS + 1):
        try:
            return ShardWriter(folder, f"worker{number}")
        except EpisodeError:
            if number == MOST_SHARDS:
                raise
    raise AssertionError


def play_game(store: Store, number: int, config: Config, shard: ShardWriter) -> None:
    """Play an open game; episodes first, then the result: a kill between them plays the same game again."""
    game = store.game(number)
    if game.result is not None:
        return
    try:
        played = play_order(game.order, config)
    except (ConfigError, MatchError, MapError) as error:
        played = Played(failed(str(error)), ())
    for episode in played.episodes:
        shard.append(episode)
    store.finish(number, played.result)


def main() -> None:
    """Play what comes in."""
    folder, file = sys.argv[1:3]
    quiet_python_sc2()
    config = load_config(file)
    store = Store(Path(folder))
    with open_shard(store.folder / EPISODES) as shard:
        for line in sys.stdin:
            play_game(store, int(line), config, shard)
            print(f"done {int(line)}", flush=True)


if __name__ == "__main__":
    main()
