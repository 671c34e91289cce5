"""A match told in text, so that a change of behaviour shows as a change of lines."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from cherrypy_bot.config import load_config
from cherrypy_bot.ladder.match import MatchSetup, play_match
from cherrypy_bot.ladder.players import contenders
from cherrypy_bot.sim import replay
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.state import PLAYERS

FOLDER = Path(__file__).parent
CONFIG = FOLDER.parent.parent / "bots.yaml"
EVERY = 336
"""Loops between two lines: 15 seconds."""
LOOPS = 5376
"""Where the story ends: 4 minutes."""


@dataclass(frozen=True)
class Story:
    """One golden match."""

    map_name: str
    first: str
    second: str
    seed: int = 1
    game_step: int = 8

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.map_name}.txt"


STORIES = (
    Story("CherryGroveLE", "cherry_terran", "one_base_rush_zerg"),
    Story("OrchardLE", "cherry_protoss", "one_base_rush_terran"),
    Story("BlossomLE", "cherry_zerg", "one_base_rush_protoss"),
)


def tell(story: Story) -> str:
    """Play the match, play its record again, and write down what happened."""
    config = load_config(CONFIG)
    sides = contenders(config, story.first, story.second, seed=story.seed, game_step=story.game_step)
    setup = MatchSetup(sides, story.map_name, seed=story.seed, game_step=story.game_step, loop_limit=LOOPS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "match.SC2Replay"
        report = play_match(setup, replay=path)
        record = replay.read_record(path.read_bytes())
    lines = [
        f"{story.map_name}, seed {story.seed}: {story.first} v {story.second}, a step every {story.game_step} loops",
        "(regenerate with `make golden`)",
        "",
    ]
    known: list[Counter[str]] = [Counter(), Counter()]
    again = replay.play(record, every=EVERY, look=lambda game: lines.extend(_moment(game, known)))
    assert again.state_hash() == report.state_hash, "the record does not make the match again"
    results = ", ".join(f"{p.name} {p.result}" for p in report.players)
    lines += ["", f"after {report.loops} loops: {results}", f"state {report.state_hash}"]
    return "\n".join(lines) + "\n"


def _moment(game: Game, known: list[Counter[str]]) -> list[str]:
    seconds = int(game.loop / 22.4)
    lines = [f"{seconds // 60}:{seconds % 60:02d}  " + "   |   ".join(_bank(game, p) for p in range(PLAYERS))]
    for p in range(PLAYERS):
        now = Counter(game.world.rules.units[int(game.world.units.type_id[r])].name for r in game.world.rows_of(p))
        changes = [f"{now[k] - known[p][k]:+d} {k}" for k in sorted({*now, *known[p]}) if now[k] != known[p][k]]
        if changes:
            lines.append(f"        {game.world.races[p]}: {', '.join(changes)}")
        known[p] = now
    return lines


def _bank(game: Game, p: int) -> str:
    players = game.world.players
    return (
        f"{game.world.races[p]} {players.supply_used[p]:.0f}/{players.supply_cap[p]:.0f}"
        f" {players.minerals[p]:.0f}m {players.gas[p]:.0f}g"
    )
