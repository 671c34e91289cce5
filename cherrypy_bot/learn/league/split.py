"""Which opponents and maps are kept from training, so that what was learned can be tried on what was never met.

`split.yaml` beside this file is the only place that says it. What it does not name is for training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from cherrypy_bot.config import Config
from cherrypy_bot.core.located_yaml import read_yaml, validate
from cherrypy_bot.learn.league.errors import LeagueError

FILE: Final = Path(__file__).with_name("split.yaml")
TRAINING: Final = "training"
HELD_OUT: Final = "held_out"
PARTS: Final = (TRAINING, HELD_OUT)


class _Maps(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    training: tuple[str, ...]
    held_out: tuple[str, ...]


class _SplitFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    held_out_opponents: tuple[str, ...]
    maps: _Maps
    computer_levels: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """The split.

    Attributes:
        held_out: names of opponents that nobody trains against.
        training_maps, held_out_maps: names as `maps.find_map` takes them.
        computer_levels: of the built-in opponents to train against.
    """

    held_out: frozenset[str]
    training_maps: tuple[str, ...]
    held_out_maps: tuple[str, ...]
    computer_levels: tuple[str, ...]

    def maps(self, part: str) -> tuple[str, ...]:
        """The maps of PARTS' "training" or "held_out"."""
        return self.training_maps if part == TRAINING else self.held_out_maps

    def opponents(self, config: Config, part: str) -> list[str]:
        """The scripted opponents of a part, in the order of the configuration."""
        return [name for name in scripted(config) if (name in self.held_out) == (part == HELD_OUT)]

    def part_of(self, opponent: str) -> str:
        """To which part an opponent belongs."""
        return HELD_OUT if opponent in self.held_out else TRAINING


def scripted(config: Config) -> list[str]:
    """The opponents with a plan of their own: bots that are no bots of modules."""
    return [name for name, spec in config.bots.items() if spec.modules is None]


@cache
def load_split(path: Path = FILE) -> Split:
    """Read the split. ConfigError with file and line for what is wrong in it."""
    file = validate(_SplitFile, read_yaml(path))
    overlap = set(file.maps.training) & set(file.maps.held_out)
    if overlap:
        raise LeagueError(f"{path}: {', '.join(sorted(overlap))} is for training and held out; keep one")
    return Split(frozenset(file.held_out_opponents), file.maps.training, file.maps.held_out, file.computer_levels)


def chosen(given: Sequence[str] | None, known: Sequence[str], what: str) -> list[str]:
    """What the user names, else all that are known. LeagueError for names that are not."""
    if not given:
        return list(known)
    unknown = [name for name in given if name not in known]
    if unknown:
        raise LeagueError(f"there is no {what} called '{unknown[0]}'; there are {', '.join(known)}")
    return list(given)
