"""Elements of an XML document one by one, in bounded memory, with nothing that could blow up.

Map files come from strangers: no tree is built, document types (and with them entities) are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from cherrypy_bot.sim.maps.model import MapError

MAX_ELEMENTS = 200_000
"""Real map files have up to some ten thousand elements in one document."""

_CHUNK = 1 << 16


def read_elements(data: bytes, what: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Name and attributes of every element at its start, in order.

    Raises `MapError` where the document breaks off, is far too long or declares a document type.
    """
    found: list[tuple[str, dict[str, str]]] = []
    count = 0
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: found.append((tag, attributes))
    parser.StartDoctypeDeclHandler = lambda *_: found.append(("!DOCTYPE", {}))
    for at in range(0, max(len(data), 1), _CHUNK):
        try:
            parser.Parse(data[at : at + _CHUNK], at + _CHUNK >= len(data))
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise MapError(f"{what} is not well-formed ({error}); save the map again with the map editor") from error
        count += len(found)
        if count > MAX_ELEMENTS:
            raise MapError(f"{what} has more than {MAX_ELEMENTS} elements; give the file of a melee map")
        for element in found:
            if element[0] == "!DOCTYPE":
                raise MapError(f"{what} declares a document type; map files have none, give another file")
            yield element
        found.clear()
