"""`cherrypy-bot bots`: who can play."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cherrypy_bot.commands.settings import load_settings
from cherrypy_bot.config import BotSpec


def run(console: Console, config_path: Path | None, *, as_json: bool) -> None:
    """Prints the bots of the configuration."""
    config = load_settings(config_path)
    if as_json:
        plain = {name: _plain(spec) for name, spec in config.bots.items()}
        sys.stdout.write(json.dumps({"bots": plain, "defaults": config.defaults.model_dump()}) + "\n")
        return
    table = Table("bot", "race", "kind", "made of", title=f"bots of {config.file}", title_justify="left")
    for name, spec in config.bots.items():
        table.add_row(name, spec.race.name.lower(), _kind(spec), _made_of(spec))
    console.print(table)
    console.print("An opponent may also be computer:RACE:LEVEL[:BUILD], as in computer:zerg:VeryHard:Rush.")


def _kind(spec: BotSpec) -> str:
    return "modules" if spec.modules is not None else "class"


def _made_of(spec: BotSpec) -> str:
    if spec.modules is None:
        return (spec.class_name or "").rpartition(".")[2]
    return ", ".join(module.dotted.rpartition(".")[2] for module in spec.modules) or "no modules yet"


def _plain(spec: BotSpec) -> dict[str, object]:
    return {
        "race": spec.race.name.lower(),
        "modules": [module.dotted for module in spec.modules] if spec.modules is not None else None,
        "class": spec.class_name,
        "build_orders": list(spec.build_orders),
        "game_step": spec.game_step,
    }
