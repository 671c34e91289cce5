"""bots.yaml as the commands load it: with the embedded engine's maps known."""

from __future__ import annotations

from pathlib import Path

from cherrypy_bot.config import Config, load_config


def load_settings(path: Path | None, *, engine: str = "sim") -> Config:
    """The configuration; None is ./bots.yaml. Raises ConfigError.

    The default map must exist on the embedded engine unless the match is for an installed game, whose maps only
    that game knows.
    """
    return load_config(path, known_map=_is_engine_map if engine == "sim" else None)


def _is_engine_map(name: str) -> bool:
    from cherrypy_bot.sim.maps import shipped_maps

    return name in shipped_maps() or Path(name).is_file()
