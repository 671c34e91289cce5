"""The folder with captures of the real game: which files it may hold, and how each is read.

DIR/game_data.pb.xz              ResponseData
DIR/facts/units.csv              what ResponseData does not say of a unit: life, shields, energy, radius, detection
DIR/facts/upgrades.csv           where upgrades are researched
DIR/facts/build_durations.csv    times measured in replays
DIR/facts/openings.json          what players of replays built, and their economy
DIR/maps/NAME.game_info.pb.xz    what the game says of a map, with NAME.observation.pb.xz
"""

from __future__ import annotations

import csv
import json
import lzma
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from s2clientprotocol import sc2api_pb2

from cherrypy_bot.sim.errors import SimError

GAME_DATA = ("game_data.pb.xz", "game_data.pb")


class TruthError(SimError):
    """A capture is missing or unreadable: a sentence that names the file and says what to give."""


def read_response_data(path: Path) -> sc2api_pb2.ResponseData:
    """The game's answer to RequestData, from its file (.pb, or .pb.xz compressed) or from the folder that holds it.

    Raises:
        TruthError: there is none, or it cannot be read.
    """
    file = path
    if path.is_dir():
        found = [path / name for name in GAME_DATA if (path / name).is_file()]
        if not found:
            raise TruthError(f"{path} holds no {GAME_DATA[0]}; give a folder or file with the game's ResponseData")
        file = found[0]
    try:
        data = file.read_bytes()
        message = sc2api_pb2.ResponseData.FromString(lzma.decompress(data) if file.suffix == ".xz" else data)
    except OSError as error:
        raise TruthError(f"{file} cannot be read ({error.strerror}); give the game's ResponseData") from error
    except (lzma.LZMAError, DecodeError) as error:
        raise TruthError(f"{file} is no ResponseData ({error}); save the game's answer to RequestData") from error
    if not message.units or not message.abilities:
        raise TruthError(f"{file} says nothing of units and abilities; ask RequestData for all of its parts")
    return message


def facts(directory: Path, name: str) -> Path | None:
    """A file of the folder's facts, None where the folder has none of that name."""
    for file in (directory / "facts" / name, directory / name):
        if file.is_file():
            return file
    return None


def read_table(file: Path, *columns: str) -> list[dict[str, str]]:
    """Rows of a CSV file with a header.

    Raises:
        TruthError: unreadable, or a named column is missing.
    """
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            reader = csv.DictReader(opened)
            rows = list(reader)
            header = reader.fieldnames or []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TruthError(f"{file} cannot be read as CSV ({error})") from error
    missing = [column for column in columns if column not in header]
    if missing:
        raise TruthError(f"{file} has no column {', '.join(missing)}; its header is {', '.join(header)}")
    return rows


def read_json(file: Path) -> Any:
    """A JSON file; TruthError when it is none."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise TruthError(f"{file} cannot be read ({error})") from error
    except json.JSONDecodeError as error:
        raise TruthError(f"{file}, line {error.lineno}: {error.msg}; the file is not JSON") from error
