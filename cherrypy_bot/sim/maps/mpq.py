"""The archive of a map file: `cherrypy_bot.formats.mpq` with errors that name the map.

archive = Archive(path.read_bytes(), "Automaton LE")
objects = archive.read("Objects", limit=32 << 20)      # bytes, or None where there is no such member
"""

from __future__ import annotations

from cherrypy_bot.formats.errors import FormatError
from cherrypy_bot.formats.mpq import MpqArchive, is_archive
from cherrypy_bot.sim.maps.model import MapError

__all__ = ["Archive", "is_archive"]


class Archive:
    """A map's archive in memory. `what` names it in errors; every failure is a `MapError`."""

    def __init__(self, data: bytes, what: str) -> None:
        self._what = what
        try:
            self._archive = MpqArchive(data)
        except FormatError as error:
            raise self._named(error) from error

    def read(self, name: str, limit: int) -> bytes | None:
        """Content of a member, None when there is none of that name; refuses what unpacks to more than `limit`."""
        try:
            return self._archive.read(name, limit)
        except FormatError as error:
            raise self._named(error) from error

    def _named(self, error: FormatError) -> MapError:
        return MapError(f"{self._what}: {error}; give an undamaged .SC2Map file")
