"""Games on a Ray cluster: the same orders, played wherever there is a free core.

A node needs this project installed; nothing else is shared. Results and episodes come back to the process that runs
the league, which writes them here: episodes first, as a local worker does.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from cherrypy_bot.config import ConfigError, load_config
from cherrypy_bot.ladder.errors import MatchError
from cherrypy_bot.ladder.players import quiet_python_sc2
from cherrypy_bot.learn.episodes import ShardWriter, decode, encode
from cherrypy_bot.learn.league.errors import LeagueError
from cherrypy_bot.learn.league.orders import GameOrder, GameResult, failed
from cherrypy_bot.learn.league.play import play_order
from cherrypy_bot.learn.league.store import EPISODES, Store
from cherrypy_bot.learn.league.worker import open_shard
from cherrypy_bot.learn.league.workers import ROOT
from cherrypy_bot.sim.maps import MapError

_NO_RAY = "--ray needs Ray; install it: pip install 'cherrypy_bot[ray]'"


def play_remote(order: str, config: str) -> tuple[str, list[bytes]]:
    """Play an order on whatever machine this runs on; result and episodes as they travel.

    Args:
        config: text of bots.yaml; the nodes need not have the file.
    """
    quiet_python_sc2()
    try:
        played = play_order(GameOrder.from_json(order), load_config(_written(config)))
    except (ConfigError, MatchError, MapError) as error:
        return failed(str(error)).to_json(), []
    return played.result.to_json(), [encode(episode) for episode in played.episodes]


def _written(config: str) -> Path:
    """The configuration in a file of this process, outside the folder that it happens to run in."""
    path = Path(tempfile.gettempdir()) / f"cherrypy-bots-{os.getpid()}.yaml"
    if not path.is_file() or path.read_text(encoding="utf-8") != config:
        path.write_text(config, encoding="utf-8")
    return path


class RayPlayers:
    """A Ray cluster, one game per core of it.

    Args:
        folder: of the league. config: its bots.yaml.
        address: as `ray.init` takes it; "auto" is the cluster that this machine belongs to.
        slots: games at a time, where the cluster has fewer cores than that: its cores.

    Raises LeagueError where Ray is not installed or does not answer.
    """

    def __init__(self, folder: Path, config: Path, address: str, slots: int) -> None:
        try:
            import ray
        except ImportError:
            raise LeagueError(_NO_RAY) from None
        self._ray = ray
        self._joined = not ray.is_initialized()
        if self._joined:
            environment = {"env_vars": {"PYTHONPATH": str(ROOT)}}
            try:
                ray.init(address=address, runtime_env=environment, log_to_driver=False, logging_level="error")
            except (ConnectionError, ValueError, RuntimeError, OSError) as error:
                raise LeagueError(f"no Ray cluster answers at {address} ({str(error).splitlines()[0]})") from None
        cores = int(ray.cluster_resources().get("CPU", 1))
        self.slots = max(1, min(slots, cores))
        self._config = config.read_text(encoding="utf-8")
        self._task: Any = ray.remote(num_cpus=1, max_retries=0)(play_remote)
        self._store = Store(folder)
        self._shard: ShardWriter = open_shard(folder / EPISODES)
        self._running: dict[Any, int] = {}

    def submit(self, number: int) -> None:
        """Have a game played."""
        order = self._store.game(number).order
        self._running[self._task.remote(order.to_json(), self._config)] = number

    def wait(self, seconds: float) -> tuple[int, str] | None:
        """The next game that is over; its episodes and result are written when this returns."""
        if not self._running:
            time.sleep(min(seconds, 0.05))
            return None
        ready, _ = self._ray.wait(list(self._running), num_returns=1, timeout=seconds)
        if not ready:
            return None
        number = self._running.pop(ready[0])
        try:
            result, episodes = self._ray.get(ready[0])
        except self._ray.exceptions.RayError as error:
            return number, f"the cluster gave it up ({type(error).__name__}: {str(error).splitlines()[0]})"
        for content in episodes:
            self._shard.append(decode(content))
        self._store.finish(number, GameResult.from_json(result))
        return number, ""

    def close(self) -> None:
        """Call off what is being played and leave the cluster, where it was joined here."""
        for task in self._running:
            self._ray.cancel(task, force=True)
        self._running.clear()
        self._shard.close()
        if self._joined:
            self._ray.shutdown()
