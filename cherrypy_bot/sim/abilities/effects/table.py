"""The tables of all subjects together: importing this module fills them."""

from __future__ import annotations

from cherrypy_bot.sim.abilities.effects import cast, decay, lasting, macro, mules, repair, upkeep

_SUBJECTS = (macro, mules, repair, decay)

for _subject in _SUBJECTS:
    cast.register(*getattr(_subject, "SPELLS", ()))
    lasting.register(*getattr(_subject, "LASTING", ()))
    upkeep.register(*getattr(_subject, "UPKEEP", ()))

SPELLS, KINDS, UPKEEP = cast.SPELLS, lasting.KINDS, upkeep.TABLE
