"""Traces made without a match: a bot on a flat map with things to show, and a crowd of any size."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from loguru import logger
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.position import Point2

from cherrypy_bot.core import trace_format as tf
from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.claims import Work
from cherrypy_bot.core.keys import Key
from cherrypy_bot.core.module import Context, Module
from cherrypy_bot.core.tasks import Task, TaskStatus
from cherrypy_bot.core.trace import TraceWriter
from cherrypy_bot.core.trace_world import GridChannel, UnitChannel
from cherrypy_bot.core.upc import Command, PositionArea, Upc
from tests.core.world import FakeMatch, enemy, mineral, unit

HOSTILE = '<img src=x onerror="window.hacked=1"></script><script>window.hacked=2</script>'
"""A name that would run where a page takes text for HTML."""
FIRST_TAG = 1_001
MARINES = 12
STEPS = 120
STEP_LOOPS = 4

BUILD: Key[str] = Key("build", str, "", owner="strategy", doc="Name of the build that is being played.")
MOTTO: Key[str] = Key("viewer_test_motto", str, "", owner="brain", doc="Somebody else's words.")


class Brain(Module):
    """Wants an attack, changes its mind, and says what others made it say."""

    def on_step(self, ctx: Context) -> None:
        if ctx.loop == 8:
            ctx.board.put(MOTTO, HOSTILE)
            ctx.log.warning(f"chat: {HOSTILE}")
        if ctx.loop % 80 == 8:
            ctx.board.post(Upc.attack(position=PositionArea(Point2((50.0, 50.0)), 6.0), note=f"wave {ctx.loop // 80}"))
        share = 0.5 + 0.4 * math.sin(ctx.loop / 60)
        ctx.trace.selector({"three_rax": share, "reaper_expand": 1 - share})
        if ctx.loop in (40, 200):
            ctx.trace.predict(self.name, 35.0, 32.0, win=0.8, own=600, enemy=300)
        if ctx.loop == 300:
            raise RuntimeError("a fault to be shown")


class Squads(Module):
    """Gives each attack a squad and its marines an order."""

    def on_step(self, ctx: Context) -> None:
        for wish in ctx.board.upcs(Command.ATTACK, sharp=False):
            ctx.board.consume(wish.id)
            for task in ctx.board.tasks.running(owner=self.name):
                task.set(TaskStatus.SUCCESS, "a new wave")
            task = ctx.board.add_task(Task("squad", upc_id=wish.id, work=Work.ARMY))
            tags = ctx.units.tags(ctx.units.own & ctx.units.of_type(UnitTypeId.MARINE))
            ctx.board.claim(task, tags)
            task.set(TaskStatus.ONGOING, "on its way")
            goal = Point2((50.0, 50.0))
            ctx.board.post(wish.refine(units=tuple(tags), position=goal, note="stutter step"))


def write_bot_trace(path: Path, *, steps: int = STEPS) -> None:
    """A trace of a bot whose marines walk across the map, and lose some of their number at loop 240."""
    logger.remove()
    bot = CherryBot(
        [Brain(), Squads()], name="cherry_test", trace=path, game_step=STEP_LOOPS, header={"opponent": HOSTILE}
    )
    match = FakeMatch(bot)
    match.start(*_units(0))
    for _ in range(steps):
        loop = match.loop + STEP_LOOPS
        dead = (FIRST_TAG, 2_001, 2_002, 2_003) if loop == 240 else ()
        match.step(*_units(loop), dead=dead)
    # The fake game's types are free of charge, but fights are weighed by what was lost.
    costs = {UnitTypeId.MARINE: ("Marine", 50), UnitTypeId.ZERGLING: ("Zergling", 25)}
    bot.trace.json(
        {"types": {str(kind.value): {"name": name, "cost": [cost, 0]} for kind, (name, cost) in costs.items()}}
    )
    match.end()


def write_noted_trace(path: Path) -> None:
    """A trace whose strategy notes the selector's values and switches once, at loop 336, for a reason."""
    writer = TraceWriter(path, {"bot": "noted", "game_step": 112, "map": "Flat"})
    where = {"name": "Flat", "size": [32, 32], "playable": [0, 0, 32, 32], "starts": [[4, 4]]}
    writer.json({"map": where, "players": {"1": {"race": 1, "me": True}}})
    for loop in range(0, 1120, 112):
        writer.begin_step(loop)
        late = loop >= 336
        values = {"three_rax": 0.3 if late else 0.6, "reaper_expand": 0.7 if late else 0.4}
        if loop:
            writer.selector(values)
        decided = {0: "three_rax", 336: "reaper_expand"}.get(loop)
        writer.note("tactics", why="something else")
        writer.note(
            "strategy",
            selector={
                "policy": "selector",
                "build": "" if loop == 0 else "reaper_expand" if loop > 336 else "three_rax",
                "decided": decided,
                "values": values,
                "spread": {"three_rax": 0.05},
                "abstained": loop == 448,
                "random": False,
                "why": {0: "the model", 336: "wins 0.70 instead of 0.30"}.get(loop, "it is unsure"),
            },
        )
        if decided:
            writer.board({"build": "reaper_expand" if late else "three_rax"})
        writer.end_step()
    writer.close(result="Victory")


def _units(loop: int) -> list[Any]:
    found = [mineral(9), unit(5, UnitTypeId.HATCHERY, 8.0, 8.0, radius=2.75, health=1500, health_max=1500)]
    for index in range(MARINES):
        if index == 0 and loop >= 240:
            continue
        marine = unit(FIRST_TAG + index, UnitTypeId.MARINE, *place(index, loop), health=40.0, health_max=45.0)
        order = marine.orders.add(ability_id=AbilityId.ATTACK.value)
        order.target_world_space_pos.x, order.target_world_space_pos.y = 50.0, 48.0
        found.append(marine)
    for index in range(6):
        if index >= 3 or loop < 240:
            found.append(enemy(2_001 + index, UnitTypeId.ZERGLING, 44.0 + index, 40.0))
    return found


def place(index: int, loop: int) -> tuple[float, float]:
    """Where a marine stands."""
    return 12.0 + index % 4 + loop * 0.06, 12.0 + index // 4 + loop * 0.05


def write_crowd(path: Path, units: int, loops: int, *, size: int = 160, seed: int = 1) -> None:
    """A world's trace in which `units` walk about for `loops`, half of them each player's."""
    rng = np.random.default_rng(seed)
    writer = TraceWriter(path, {"bot": "world", "game_step": STEP_LOOPS, "map": "Crowd"}, flush_seconds=60.0)
    writer.json(
        {
            "map": {
                "name": "Crowd",
                "size": [size, size],
                "playable": [8, 8, size - 8, size - 8],
                "starts": [[20, 20]],
            },
            "players": {"1": {"race": 1, "name": "many"}, "2": {"race": 2, "name": "more"}},
            "types": {"48": {"name": "Marine", "cost": [50, 0]}, "105": {"name": "Zergling", "cost": [25, 0]}},
        }
    )
    ground = (np.indices((size, size)).sum(axis=0) // 16 % 4 * 16 + 127).astype(np.uint8)
    writer.raw(tf.BYTES, tf.bytes_record("height", ground))
    for name in ("pathing", "placement"):
        writer.raw(tf.BITS, GridChannel(name).changes(0, np.ones((size, size), np.bool_)) or b"")
    channel, creep = UnitChannel(), GridChannel("creep")
    sight = [GridChannel("visible1"), GridChannel("visible2")]
    tags = np.arange(units, dtype=np.uint64) + 5_000
    now = np.zeros((len(tf.COLUMNS), units), np.uint16)
    side = np.arange(units) % 2
    now[tf.FLAGS], now[tf.OWNER], now[tf.BUILD], now[tf.RADIUS] = tf.PRESENT, side + 1, 1000, 24
    now[tf.TYPE] = np.where(side == 0, 48, 105)
    now[tf.HEALTH_MAX] = now[tf.HEALTH] = 45
    at = rng.uniform(12, size - 12, (2, units))
    heading = rng.uniform(0, 2 * math.pi, units)
    yy, xx = np.mgrid[0:size, 0:size]
    for loop in range(0, loops, STEP_LOOPS):
        heading += rng.normal(0, 0.25, units)
        at += 0.5 * np.stack((np.cos(heading), np.sin(heading)))
        heading = np.where((at < 10).any(axis=0) | (at > size - 10).any(axis=0), heading + math.pi, heading)
        at = np.clip(at, 9, size - 9)
        now = now.copy()
        now[tf.X], now[tf.Y] = (at * tf.PER_CELL).astype(np.uint16)
        now[tf.HEALTH] = np.where(rng.random(units) < 0.1, rng.integers(5, 46, units), now[tf.HEALTH])
        now[tf.GOAL_X], now[tf.GOAL_Y] = np.roll(now[tf.X], 7), np.roll(now[tf.Y], 7)
        if loop // 64 % 2:
            now[tf.FLAGS], now[tf.TARGET] = tf.PRESENT + tf.FIRING, np.roll(np.arange(units), 1) + 1
        else:
            now[tf.FLAGS], now[tf.TARGET] = tf.PRESENT, 0
        writer.begin_step(loop)
        new = channel.enter(tags)
        writer.raw(tf.UNITS, channel.changes(loop, new, now) or b"")
        if loop % 16 == 0:
            for player, grid in enumerate(sight):
                seen = np.zeros((size, size), np.bool_)
                mine = at[:, side == player].astype(np.intp)
                seen[mine[1], mine[0]] = True
                body = grid.changes(loop, seen)
                if body is not None:
                    writer.raw(tf.BITS, body)
            body = creep.changes(loop, (xx - 40) ** 2 + (yy - 40) ** 2 < min(loop / 20, 40) ** 2)
            if body is not None:
                writer.raw(tf.BITS, body)
            bank = [int(50 + loop % 400), int(loop % 300), min(200, 12 + loop // 80), 200, 40, units * 20]
            writer.put("bank", {"1": bank, "2": bank[::-1]})
        writer.put("ms", {f"module{index}": round(float(rng.uniform(0, 3)), 3) for index in range(10)})
        writer.end_step()
    writer.close(results={"many": "Victory", "more": "Defeat"})
