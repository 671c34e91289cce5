"""Top: the wishes behind everything. Everything that a bot does descends from one of its four UPCs."""

from __future__ import annotations

from typing import ClassVar, Final

from cherrypy_bot.core.module import Context, Module
from cherrypy_bot.core.upc import Command, Upc

ROOTS: Final = (
    (Command.CREATE, "make things"),
    (Command.GATHER, "collect resources"),
    (Command.ATTACK, "make the enemy go away"),
    (Command.SCOUT, "know the enemy"),
)


class Top(Module):
    """Keeps one root UPC of each kind on the board: posted again once a module has taken it up."""

    name: ClassVar[str] = "top"
    posts = tuple(command for command, _ in ROOTS)

    def on_step(self, ctx: Context) -> None:
        """Post the roots that are missing."""
        there = {upc.sharp_command for upc in ctx.board.upcs(source=self.name)}
        for command, note in ROOTS:
            if command not in there:
                ctx.board.post(Upc(command, note=note, lasting=True))
