"""One side of a match: a python-sc2 player under a name, and what can be read from it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sc2.bot_ai import BotAI
from sc2.player import Bot, Computer

from cherrypy_bot.ladder.report import Timing


@dataclass(frozen=True)
class Contender:
    """One side of a match.

    Attributes:
        name: how reports call it; must differ between the two sides.
        player: python-sc2's Bot or Computer.
        module_times: wall time per step of each of the bot's modules, read after the match; None for bots
            without modules.
        orders: orders the bot gave by its own count, for games that do not count them; None for bots that do
            not count.
        switched_off: names of modules that were taken out, read after the match.
    """

    name: str
    player: Bot | Computer
    module_times: Callable[[], dict[str, Timing]] | None = None
    switched_off: Callable[[], tuple[str, ...]] | None = None
    orders: Callable[[], int] | None = None

    def modules(self) -> dict[str, Timing]:
        """Wall time per module; empty where there are none."""
        return self.module_times() if self.module_times is not None else {}

    def modules_off(self) -> tuple[str, ...]:
        """Modules that were taken out; empty where there are none."""
        return self.switched_off() if self.switched_off is not None else ()


def set_game_step(ai: BotAI, game_step: int) -> None:
    """Makes a bot decide every `game_step` loops; what the bot itself sets in its on_start still wins."""
    on_start = ai.on_start

    async def on_start_with_step() -> None:
        ai.client.game_step = game_step
        await on_start()

    ai.on_start = on_start_with_step
