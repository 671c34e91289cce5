"""Placement: gives structures their place, remembers places that the game refused."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sc2.data import Race
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.position import Point2

from cherrypy_bot.core.module import Context, Module
from cherrypy_bot.core.tasks import ProxyTask, TaskStatus
from cherrypy_bot.core.upc import Command, CreateState, Upc
from modules.items import GAS, Catalogue
from modules.keys import NATURAL_WALL, NO_ROOM
from modules.placement.bases import find_bases
from modules.placement.spots import GROUND_GUNS, Scene, SpotFinder, Terrain, keep_free

BLOCKED_LOOPS = 22 * 30
RETRY_LOOPS = 33
MOST_PER_STEP = 2


class PlacedTask(ProxyTask):
    """Follows the UPC with the position; knows which spot it stands for."""

    def __init__(self, kind: U, position: Point2, target_upc_id: int, *, upc_id: int) -> None:
        super().__init__(f"place {kind.name.lower()}", target_upc_id, upc_id=upc_id)
        self.kind = kind
        self.position = position


class Placement(Module):
    """Consumes CREATE of structures without a position and posts them with one (gas: with its geyser)."""

    name: ClassVar[str] = "placement"
    reads = (NATURAL_WALL,)
    writes = (NO_ROOM,)
    consumes = (Command.CREATE,)
    posts = (Command.CREATE,)

    def on_start(self, ctx: Context) -> None:
        """Analyse the map once."""
        self._catalogue = Catalogue.from_bot(ctx.bot)
        self._blocked: list[tuple[Point2, int]] = []
        self._waits: dict[U, int] = {}
        self._terrain = analyse(ctx)

    def on_step(self, ctx: Context) -> None:
        """Place what waits for a place."""
        self._remember_refusals(ctx)
        self._waits = {kind: until for kind, until in self._waits.items() if until > ctx.loop}
        ctx.board.put(NO_ROOM, frozenset(self._waits))
        wanted = [upc for upc in ctx.board.upcs(Command.CREATE, CreateState) if self._needs_place(upc)]
        finder: SpotFinder | None = None
        for upc in sorted(wanted, key=lambda u: (-u.priority, u.id))[:MOST_PER_STEP]:
            finder = finder or SpotFinder(self._terrain, self._scene(ctx))
            if self._place(ctx, upc, finder):
                finder = None  # what stands has changed
            else:
                kind = upc.what
                assert isinstance(kind, U)
                self._waits[kind] = ctx.loop + RETRY_LOOPS

    def _needs_place(self, upc: Upc) -> bool:
        if upc.position is not None or upc.target is not None or not isinstance(upc.what, U):
            return False
        facts = self._catalogue.get(upc.what)
        return facts is not None and facts.structure and upc.what not in self._waits

    def _place(self, ctx: Context, upc: Upc, finder: SpotFinder) -> bool:
        """Post the UPC with its place; False when there is none now."""
        kind, state = upc.what, upc.state
        assert isinstance(kind, U)
        assert isinstance(state, CreateState)
        target: int | None = None
        spot: Point2 | None
        if kind in GAS:
            geyser = finder.gas()
            spot, target = geyser if geyser is not None else (None, None)
        else:
            spot = self._in_wall(ctx, kind, state.near, finder) or finder.find(kind, state.near)
        if spot is None:
            ctx.log.debug(f"no place for {kind.name.lower()}")
            return False
        ctx.board.consume(upc.id)
        child = ctx.board.post(
            upc.refine(position=spot, state=CreateState(kind, near=state.near, target=target), lasting=True)
        )
        if child:
            ctx.board.add_task(PlacedTask(kind, spot, child, upc_id=upc.id))
        return bool(child)

    def _in_wall(self, ctx: Context, kind: U, near: Point2 | None, finder: SpotFinder) -> Point2 | None:
        """The place of a structure in the natural's wall when it is asked for there and free."""
        wall = ctx.board.get(NATURAL_WALL)
        if wall is None or near != wall.pylon:
            return None
        return next((spot for spot in wall.spots(kind) if finder.is_free(kind, spot)), None)

    def _remember_refusals(self, ctx: Context) -> None:
        for task in ctx.board.tasks.all(owner=self.name, status=TaskStatus.FAILURE):
            if isinstance(task, PlacedTask) and task.why.startswith("blocked"):
                entry = (task.position, ctx.loop + BLOCKED_LOOPS)
                if all(known != task.position for known, _ in self._blocked):
                    self._blocked.append(entry)
                    ctx.log.debug(f"place {task.position} is blocked for {task.kind.name.lower()}")
        self._blocked = [(place, until) for place, until in self._blocked if until > ctx.loop]

    def _scene(self, ctx: Context) -> Scene:
        bot: Any = ctx.bot
        planned = [
            (task.kind, task.position)
            for task in ctx.board.tasks.running(owner=self.name)
            if isinstance(task, PlacedTask)
        ]
        halls = sorted(bot.townhalls, key=lambda hall: (-hall.build_progress, hall.tag))
        pylons = sorted(bot.structures(U.PYLON), key=lambda p: (-p.build_progress, p.tag))
        coming = [p.position for p in pylons if not p.is_ready]
        coming += [position for kind, position in planned if kind is U.PYLON and position not in coming]
        creep = bot.state.creep.data_numpy != 0 if bot.race == Race.Zerg else None
        return Scene(
            structures=[(s.type_id, s.position) for s in (*bot.structures, *bot.enemy_structures)],
            townhalls=[hall.position for hall in halls if not hall.is_flying],
            pylons=[p.position for p in pylons if p.is_ready],
            coming_pylons=coming,
            creep=creep,
            planned=planned,
            blocked=[place for place, _ in self._blocked],
            enemies=[s.position for s in bot.enemy_structures],
            guns=[s.position for s in bot.enemy_structures if s.type_id in GROUND_GUNS],
            geysers=[(g.position, g.tag) for g in bot.vespene_geyser],
        )


def analyse(ctx: Context) -> Terrain:
    """What the empty map offers; read once at the start."""
    bot: Any = ctx.bot
    info = bot.game_info
    buildable = info.placement_grid.data_numpy != 0
    walkable = (info.pathing_grid.data_numpy != 0) | buildable
    bases = find_bases(bot, walkable)
    ramp_cells = [(int(p[0]), int(p[1])) for ramp in info.map_ramps for p in ramp.points]
    keep = keep_free(buildable.shape, bases, ramp_cells)
    home = bot.start_location
    depots: tuple[Point2, ...] = ()
    barracks: Point2 | None = None
    front = bases[1].position if len(bases) > 1 else info.map_center
    try:
        ramp = bot.main_base_ramp
        front = ramp.top_center
        if bot.race == Race.Terran:
            depots = tuple(sorted(ramp.corner_depots))
            barracks = ramp.barracks_correct_placement
    except Exception as error:  # python-sc2 raises bare Exceptions for ramps of unusual shape
        ctx.log.info(f"no wall at the main ramp: {error}")
    if home.distance_to(front) > 45.0:
        front = bases[1].position if len(bases) > 1 else info.map_center
    return Terrain(
        buildable=buildable,
        walkable=walkable,
        height=np.asarray(info.terrain_height.data_numpy),
        keep=keep,
        bases=bases,
        home=home,
        front=front,
        ramp_depots=depots,
        ramp_barracks=barracks,
    )


__all__ = ["PlacedTask", "Placement", "analyse"]
