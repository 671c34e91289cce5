"""Who a league is played by: learners, and everybody they meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cherrypy_bot.config import BotSpec, Config
from cherrypy_bot.learn.league.errors import LeagueError
from cherrypy_bot.learn.league.orders import Player
from cherrypy_bot.learn.league.split import TRAINING, Split
from modules.build_order.builds import builds_of
from modules.build_order.names import RACES

RACE_NAMES: Final = {race: name for name, race in RACES.items()}
SCRIPTED, COMPUTER, BUILD, SNAPSHOT, SELF = "scripted", "computer", "build", "snapshot", "self"
KINDS: Final = (SCRIPTED, COMPUTER, BUILD, SNAPSHOT, SELF)
STRATEGY_MODULE: Final = "modules.strategy.Strategy"
WEIGHTS_SUFFIX: Final = ".safetensors"


@dataclass(frozen=True)
class Member:
    """Somebody to play against: of which kind, and as what."""

    kind: str
    player: Player


def our_bot(config: Config, race: str) -> BotSpec:
    """The first bot of the configuration that plays a race and chooses builds. LeagueError where there is none."""
    for spec in config.bots.values():
        if RACE_NAMES.get(spec.race) == race and any(m.dotted == STRATEGY_MODULE for m in spec.modules or ()):
            return spec
    raise LeagueError(f"{config.file} has no bot of {race} with {STRATEGY_MODULE}; add one")


def openings(race: str, enemy_race: str | None = None) -> list[str]:
    """Builds of a race that may be chosen at loop 0, against an enemy race where one is given; sorted."""
    found = []
    for name, build in builds_of(RACES[race]).items():
        if build.is_opening and (enemy_race is None or RACES.get(enemy_race) in (None, *build.against)):
            found.append(name)
    return found


def learners(config: Config, races: list[str], strategy: Mapping[str, Any]) -> dict[str, Player]:
    """Per race the player whose episodes are kept."""
    policy = strategy.get("policy", "fixed")
    return {race: Player(f"{race} {policy}", our_bot(config, race).name, strategy) for race in races}


def pool(config: Config, split: Split, snapshots: Path | None = None) -> list[Member]:
    """Everybody to train against.

    Args:
        snapshots: folder with weights, each called after its race: zerg.safetensors, zerg-2026-11-24.safetensors.

    Raises LeagueError where a file's name begins with no race.
    """
    found = [Member(SCRIPTED, Player(name, name)) for name in split.opponents(config, TRAINING)]
    for race in RACES:
        for level in split.computer_levels:
            name = f"computer:{race}:{level}"
            found.append(Member(COMPUTER, Player(name, name)))
    for race in RACES:
        bot = our_bot(config, race).name
        for build in openings(race):
            found.append(Member(BUILD, Player(f"{race} {build}", bot, {"policy": "fixed", "build": build})))
    for path in sorted(snapshots.glob(f"*{WEIGHTS_SUFFIX}")) if snapshots is not None else ():
        own = next((race for race in RACES if path.stem.startswith(race)), None)
        if own is None:
            raise LeagueError(f"{path}: a snapshot is called after its race, as zerg-1{WEIGHTS_SUFFIX}; rename it")
        options = {"policy": "selector", "weights": str(path.resolve())}
        found.append(Member(SNAPSHOT, Player(f"{own} @{path.stem}", our_bot(config, own).name, options)))
    return found
