"""Spells, switches, transports and repairs: which kinds of commands the engine refuses as not supported yet.

`supported` is asked for every command before anything else, so that nothing is ever accepted and then ignored.
"""

from __future__ import annotations

from cherrypy_bot.sim.rules import CommandRule

REFUSED = {
    "effect": "spells, repair, cloak, chrono boost, injects, MULEs, salvage and other switches",
    "load": "transports, bunkers and nydus",
    "unload_all": "transports, bunkers and nydus",
    "unload_at": "transports, bunkers and nydus",
    "unload_unit": "transports, bunkers and nydus",
    "cancel_slot": "cancelling one place of a queue (the API has no argument for it)",
    "merge": "archons",
    "arm": "interceptors and nukes",
    "cancel": "breaking off spells",
}
"""Kinds of commands that are answered with NotSupported, and what they are."""

REFUSED_PRODUCTS = ("NydusCanal", "NydusCanalAttacker", "OracleStasisTrap", "CreepTumor")
"""Structures that are not built by a worker or a queen and are refused like effects."""


def supported(rule: CommandRule) -> bool:
    """Whether the engine carries the command out."""
    return rule.how not in REFUSED
