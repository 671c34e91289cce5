"""The 39 values that the game samples of each player every 160 loops, from the state of the world.

What counts as army, economy and technology says `sim.rules.worth`. Research counts only while it goes on.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
import numpy.typing as npt

from cherrypy_bot.formats.tracker import STATS
from cherrypy_bot.sim.rules.worth import ARMY, CATEGORIES, TECHNOLOGY, worth_of
from cherrypy_bot.sim.state import PLAYERS
from cherrypy_bot.sim.world import ProductionItem, World

_INDEX: Final = {name: index for index, name in enumerate(STATS)}
_RATE_WINDOW: Final = 240
_LOOPS_PER_MINUTE: Final = 1344
_SUPPLY_UNIT: Final = 4096


class Ledger:
    """What adds up over a game: losses and kills by category, and income over the last loops."""

    def __init__(self) -> None:
        shape = (PLAYERS, 2, len(CATEGORIES))
        self.lost, self.killed, self.friendly = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self._income: deque[tuple[int, npt.NDArray[np.float64]]] = deque(maxlen=_RATE_WINDOW // 80 + 2)

    def clone(self) -> Ledger:
        """An independent copy."""
        twin = Ledger()
        twin.lost, twin.killed, twin.friendly = self.lost.copy(), self.killed.copy(), self.friendly.copy()
        twin._income.extend(self._income)
        return twin

    def count_death(self, world: World, row: int, killer: int | None) -> None:
        """A unit of a player died; `killer` is the player who did it, None where none did."""
        unit = world.rules.units[int(world.units.type_id[row])]
        owner = int(world.units.owner[row])
        if owner >= PLAYERS or world.units.hallucination[row] or "no_score" in unit.flags:
            return
        value = worth_of(world.rules).value[:, :, unit.id]
        self.lost[owner] += value
        if killer == owner:
            self.friendly[owner] += value
        elif killer is not None and killer < PLAYERS:
            self.killed[killer] += value

    def note_income(self, world: World) -> None:
        """Remember what was collected so far; to be called every 80 loops."""
        bank = world.players
        collected = np.stack([bank.collected_minerals[:PLAYERS], bank.collected_gas[:PLAYERS]]).astype(np.float64)
        self._income.append((world.loop, collected))

    def rates(self, world: World, player: int) -> tuple[int, int]:
        """Minerals and gas collected in the last 240 loops, per minute; the game's fixed point is a hair low."""
        bank, loop = world.players, world.loop
        now = np.array([bank.collected_minerals[player], bank.collected_gas[player]], dtype=np.float64)
        then = next((c[:, player] for at, c in self._income if at >= loop - _RATE_WINDOW), now)
        if loop <= _RATE_WINDOW:
            then = np.zeros(2)
        per_minute = (now - then) * _LOOPS_PER_MINUTE / max(min(loop, _RATE_WINDOW), 1)
        return int(per_minute[0] * 0.9999), int(per_minute[1] * 0.9999)


def statistics(world: World, ledger: Ledger, player: int) -> list[int]:
    """The values of `formats.tracker.STATS` for one player now."""
    u, bank, worth = world.units, world.players, worth_of(world.rules)
    n = int(world.clock.rows[0])
    mine = np.flatnonzero((u.alive[:n] == 1) & (u.owner[:n] == player) & (u.hallucination[:n] == 0))
    types, unfinished = u.type_id[mine], u.build_left[mine] > 0
    current = worth.value[:, :, types[~unfinished]].sum(axis=2)
    progress = worth.value[:, :, types[unfinished]].sum(axis=2)
    for row in mine.tolist():
        _count_production(world, row, current, progress)
    values = [0] * len(STATS)
    values[_INDEX["minerals"]], values[_INDEX["vespene"]] = int(bank.minerals[player]), int(bank.gas[player])
    values[_INDEX["minerals_rate"]], values[_INDEX["vespene_rate"]] = ledger.rates(world, player)
    values[_INDEX["workers"]] = int(worth.worker[types].sum())
    values[_INDEX["supply_used_4096"]] = int(bank.supply_used[player] * _SUPPLY_UNIT)
    values[_INDEX["supply_made_4096"]] = int(bank.supply_cap[player] * _SUPPLY_UNIT)
    parts = {
        "_in_progress": progress,
        "": current,
        "_lost": ledger.lost[player],
        "_killed": ledger.killed[player],
        "_friendly_fire": ledger.friendly[player],
    }
    for index, resource in enumerate(("minerals", "vespene")):
        for what, amounts in parts.items():
            for category, name in enumerate(CATEGORIES):
                values[_INDEX[f"{resource}{what}_{name}"]] = int(amounts[index, category])
        values[_INDEX[f"{resource}_active_forces"]] = int(current[index, ARMY])
    return values


def _count_production(
    world: World, row: int, current: npt.NDArray[np.float64], progress: npt.NDArray[np.float64]
) -> None:
    """Add what a row makes now; the price of a morph under way is not yet part of what the cocoon is worth."""
    items = world.production.get(row, ())
    if not items:
        return
    own = world.rules.units[int(world.units.type_id[row])]
    running = max(int((world.units.work_left[row] >= 0).sum()), 0)
    for item in items[:running]:
        price = np.array([item.minerals, item.gas], dtype=np.float64)
        category = _category(world, item)
        progress[:, category] += price
        if own.is_larva_or_egg and own.minerals:
            current[:, category] -= price


def _category(world: World, item: ProductionItem) -> int:
    """Where the price of something in production belongs: research is technology."""
    if not item.product:
        return TECHNOLOGY
    unit = world.rules.units[item.product]
    if unit.is_townhall and unit.race == "Zerg":
        return TECHNOLOGY
    if unit.name.startswith(("OverlordTransport", "Overseer")):
        return ARMY
    return int(np.argmax(worth_of(world.rules).value[:, :, unit.id].sum(axis=0)))
