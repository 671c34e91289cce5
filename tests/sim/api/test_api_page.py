"""The table of docs/api.md against the installed protocol: every field has one row, and says what it is like here."""

import re
from collections import Counter
from pathlib import Path

import pytest
from s2clientprotocol import debug_pb2, query_pb2, raw_pb2, score_pb2
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.api.routes import ROUTES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"
ROW = re.compile(r"^\| `(\w+)` \| (same|approximated|refused) \| (.*) \|$", re.MULTILINE)
ENUMS = {"Alert": sc.Alert, "DebugGameState": debug_pb2.DebugGameState}


def documented() -> dict[str, Counter[str]]:
    """Names in the rows of each message."""
    found: dict[str, Counter[str]] = {}
    for message, _, text in ROW.findall(PAGE.read_text(encoding="utf-8")):
        found.setdefault(message, Counter()).update(re.findall(r"`(\w+)`", text))
    return found


def names(message: str) -> set[str]:
    """Fields of a message, or values of an enum."""
    if message in ENUMS:
        return set(ENUMS[message].keys())
    module = next(m for m in (sc, raw_pb2, query_pb2, debug_pb2, score_pb2) if hasattr(m, message))
    return {field.name for field in getattr(module, message).DESCRIPTOR.fields}


@pytest.mark.parametrize("message", sorted(documented()))
def test_every_field_of_the_protocol_has_one_row(message):
    assert documented()[message] == Counter(dict.fromkeys(names(message), 1))


def test_the_messages_that_clients_read_are_there():
    wanted = {"Request", "Response", "ResponseObservation", "Observation", "ObservationRaw", "PlayerRaw", "Unit"}
    wanted |= {"ScoreDetails", "PlayerCommon", "ResponseGameInfo", "StartRaw", "DebugCommand", "Action", "Alert"}
    assert wanted <= set(documented())


def test_every_request_has_a_route():
    kinds = {field.name for field in sc.Request.DESCRIPTOR.oneofs_by_name["request"].fields}
    assert set(ROUTES) == kinds
