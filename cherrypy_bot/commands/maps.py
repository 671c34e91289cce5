"""`cherrypy-bot sim maps`: list, draw and import maps of the embedded engine."""

from __future__ import annotations

import json
import lzma
import sys
from pathlib import Path
from typing import TypeVar

from google.protobuf.message import DecodeError, Message
from rich.console import Console
from rich.table import Table
from s2clientprotocol import sc2api_pb2 as sc_pb

from cherrypy_bot.sim.maps import MapData, MapError, describe, draw, load_map, save_map, shipped_maps
from cherrypy_bot.sim.maps.importer import import_map

M = TypeVar("M", bound=Message)


def list_all(console: Console, *, as_json: bool) -> None:
    """Prints every shipped map with its size, bases and rush distance."""
    found = [describe(load_map(name)) for name in shipped_maps()]
    if as_json:
        sys.stdout.write(json.dumps(found) + "\n")
        return
    table = Table("map", "cells", "bases", "mineral fields", "geysers", "rush distance")
    for m in found:
        counts = (str(m[what]) for what in ("bases", "mineral_fields", "geysers", "rush_distance"))
        table.add_row(str(m["name"]), f"{m['width']} x {m['height']}", *counts)
    console.print(table)
    console.print(
        "--map takes a map file, too: the game's own (.SC2Map) or ours (.npz). `sim maps show FILE.SC2Map` draws one, "
        "`sim maps import` makes ours from it or from what the game says of its maps.",
        soft_wrap=True,
    )


def show(console: Console, name: str, output: Path) -> None:
    """Draws a map into a PNG."""
    picture = draw(load_map(name), scale=6)
    output.parent.mkdir(parents=True, exist_ok=True)
    picture.save(output)
    console.print(f"drew {name} ({picture.width} x {picture.height} pixels) to {output}", soft_wrap=True)


def import_from_game(console: Console, game_info: Path, observation: Path, output: Path) -> None:
    """Writes the map that a ResponseGameInfo and the first ResponseObservation describe."""
    imported = import_map(_message(game_info, sc_pb.ResponseGameInfo), _message(observation, sc_pb.ResponseObservation))
    _write(console, imported, output)


def import_file(console: Console, file: Path, output: Path) -> None:
    """Writes the map of a map file in our own format."""
    if not file.is_file():
        raise MapError(f"{file} cannot be read (no such file); give a .SC2Map file")
    if file.suffix in (".pb", ".xz"):
        raise MapError(f"{file} is an answer of the game; give its first ResponseObservation as the second file")
    _write(console, load_map(str(file)), output)


def _write(console: Console, imported: MapData, output: Path) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    save_map(imported, output)
    console.print(
        f"imported {imported.name} ({imported.width} x {imported.height} cells, "
        f"{len(imported.neutrals)} neutral units) to {output}; play on it with --map {output}",
        soft_wrap=True,
    )


def _message(path: Path, kind: type[M]) -> M:
    """A protobuf message from a file, decompressed where its name ends in .xz."""
    try:
        data = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
        message = kind()
        message.ParseFromString(data)
    except OSError as error:
        raise MapError(f"{path} cannot be read ({error.strerror}); give the file with the game's answer") from error
    except (lzma.LZMAError, DecodeError) as error:
        raise MapError(f"{path} holds no {kind.__name__} ({error}); save the game's answer as it came") from error
    return message
