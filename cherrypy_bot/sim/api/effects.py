"""Effects on the ground in an observation: storms, scans, biles on their way."""

from __future__ import annotations

import struct

from s2clientprotocol import raw_pb2 as raw

from cherrypy_bot.sim.abilities.effects import KINDS
from cherrypy_bot.sim.api import wire
from cherrypy_bot.sim.api.sight import Sight
from cherrypy_bot.sim.world import World

_EFFECTS = 5  # of ObservationRaw


def write(world: World, player: int, sight: Sight) -> bytes:
    """All effects that a player sees, as repeated `effects` of ObservationRaw. Own ones are always seen."""
    out = b""
    for effect in world.effects:
        rule = KINDS[effect.kind]
        own = effect.owner == player
        if not rule.api or not (own or sight.vision[int(effect.y), int(effect.x)]):
            continue
        out += wire.message(
            _EFFECTS,
            wire.uint(1, rule.api)
            + wire.message(2, struct.pack("<BfBf", 0x0D, effect.x, 0x15, effect.y))
            + wire.uint(3, raw.Self if own else raw.Enemy)
            + wire.uint(4, effect.owner + 1)
            + wire.float32(5, rule.radius),
        )
    return out
