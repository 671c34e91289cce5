"""What dies, what that frees and leaves behind, and who has lost the game by it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.abilities import addons, creep, effects, larva, orders, production
from cherrypy_bot.sim.state import NEUTRAL, NONE, PLAYERS
from cherrypy_bot.sim.world import Snapshot

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

KEPT_DEAD = 4096
"""Entries of `world.dead` kept for observers that look rarely."""


def bury(game: Game, row: int, killer: int, *, lost: bool = True) -> None:
    """Take a unit that is dead (or consumed) off the map with all that hangs on it.

    `lost` = False for what its owner gave up or what has turned into something else: no entry in the score.
    Supply and power are counted anew by the caller (`on_event` does so after the loop's events).
    """
    w, u = game.world, game.world.units
    rule = w.rules.units[int(u.type_id[row])]
    owner = int(u.owner[row])
    if game.watcher is not None:
        game.watcher.died(game, row, killer, lost)
    seen = int(u.seen[row]) | (1 << owner if owner < PLAYERS else 0)
    w.dead.append((w.loop, row, int(u.recycle[row]), seen))
    if len(w.dead) > 2 * KEPT_DEAD:
        del w.dead[:-KEPT_DEAD]
    if lost:
        _score(game, row, killer)
    u.alive[row] = 2  # nothing that its death sets off reaches it again
    if lost:
        effects.on_death(game, row)
        u = w.units
    orders.leave(game, row)
    if lost:
        production.lose_queue(game, row)
    w.production.pop(row, None)
    if rule.is_structure:
        _bury_structure(game, row)
    elif rule.is_larva_or_egg:
        larva.leave(game, row)
    creep.remove_source(game, row)
    for player in range(PLAYERS):
        if seen >> player & 1:
            w.snapshots.pop((player, row), None)
    for key in [k for k in w.cooldowns if k[0] == row]:
        del w.cooldowns[key]
    w.remove(row)


def _bury_structure(game: Game, row: int) -> None:
    w, u = game.world, game.world.units
    builder = int(u.carrier[row])
    if builder != NONE and u.carrier[builder] == row:
        u.carrier[builder] = NONE
        if u.alive[builder] == 1:
            orders.done(game, builder)
    partner = int(u.addon[row])
    if w.rules.units[int(u.type_id[row])].is_addon:
        if partner != NONE and u.alive[partner] == 1:
            u.addon[partner] = NONE
            current = w.current.get(partner)
            if current is not None and current.kind == st.BUSY and current.target == row:
                orders.done(game, partner)
    else:
        addons.detach(game, row)
        for orphan in larva.orphans(game, row):
            u.addon[orphan] = NONE
            bury(game, orphan, NONE, lost=False)
    geyser = int(u.geyser[row])
    if geyser != NONE and u.alive[geyser] == 1 and u.geyser[geyser] == row:
        u.geyser[geyser] = NONE
        u.contents[geyser] = u.contents[row]
        for worker in w.rows_of(int(u.owner[row])):
            if u.hidden[worker] == 1 and u.carrier[worker] == row:
                u.hidden[worker] = 0
                u.carrier[worker] = NONE


def _score(game: Game, row: int, killer: int) -> None:
    w, u = game.world, game.world.units
    rule = w.rules.units[int(u.type_id[row])]
    owner = int(u.owner[row])
    if owner >= PLAYERS or u.hallucination[row] or "no_score" in rule.flags:
        return
    w.players.lost_minerals[owner] += rule.minerals
    w.players.lost_gas[owner] += rule.gas
    by = int(u.owner[killer]) if killer != NONE else NONE
    w.fallen[(owner, by, rule.id)] = w.fallen.get((owner, by, rule.id), 0) + 1
    if 0 <= by < PLAYERS and by != owner:
        w.players.killed_minerals[by] += rule.minerals
        w.players.killed_gas[by] += rule.gas


def on_depleted(game: Game, node: int) -> None:
    """EV_DEPLETED: an empty mineral field vanishes, an empty gas building stays."""
    w, u = game.world, game.world.units
    if w.rules.units[int(u.type_id[node])].is_mineral_field:
        bury(game, node, NONE, lost=False)


def take_snapshot(game: Game, row: int, player: int) -> None:
    """EV_HIDDEN_SNAPSHOT: remember a structure or resource as the player saw it last."""
    w, u = game.world, game.world.units
    total = float(u.build_total[row])
    progress = 1.0 - float(u.build_left[row]) / total if total > 0 else 1.0
    w.snapshots[(player, row)] = Snapshot(
        int(u.type_id[row]),
        int(u.owner[row]),
        float(u.x[row]),
        float(u.y[row]),
        float(u.hp[row]),
        float(u.shield[row]),
        progress,
        int(u.contents[row]),
        int(u.recycle[row]),
    )


def forget_snapshots(game: Game) -> None:
    """Drop what a player remembers but can see to be gone."""
    w, u = game.world, game.world.units
    for (player, row), seen in list(w.snapshots.items()):
        if u.alive[row] == 1 and u.recycle[row] == seen.recycle and u.x[row] == seen.x and u.y[row] == seen.y:
            continue
        if w.grids.vis_count[player, math.floor(seen.y), math.floor(seen.x)] > 0:
            del w.snapshots[(player, row)]


def decide(game: Game) -> None:
    """A player whose last structure is gone has lost; when both lose their last in one loop it is a tie."""
    w, u = game.world, game.world.units
    if game.over:
        return
    n = int(w.clock.rows[0])
    stays = np.zeros(PLAYERS, dtype=bool)
    for row in np.flatnonzero((u.alive[:n] == 1) & (u.owner[:n] != NEUTRAL)).tolist():
        if w.rules.units[int(u.type_id[row])].prevents_defeat:
            stays[u.owner[row]] = True
            if stays.all():
                return
    game.finish(None if not stays.any() else int(np.flatnonzero(stays)[0]))
