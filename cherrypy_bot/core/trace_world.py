"""What a trace keeps of the world: units and grids as changes, types and abilities by name.

`UnitChannel` and `GridChannel` remember what was written last and write what differs. `WorldRecorder` feeds them
from a bot's observation, so a bot's trace knows what the bot saw and nothing else; the spectator of the engine
feeds them with everything.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from loguru import logger

from cherrypy_bot.core import trace_format as tf
from cherrypy_bot.core.trace_values import ability_name
from cherrypy_bot.core.units import ENEMY, PLACEHOLDER, SELF, SNAPSHOT, UnitTable

if TYPE_CHECKING:
    from cherrypy_bot.core.bot import CherryBot
    from cherrypy_bot.core.trace import TraceWriter

UNIT_LOOPS: Final = 16
"""A bot looks at units not more often than this: it is most of what a trace costs, and paths are drawn between."""

SLOW_LOOPS: Final = 32
"""Sight, creep and banks are written this often; they change all the time and matter less than units."""

NEUTRAL_OWNER: Final = 16
_CLOAKED = 1
_CLOAKED_DETECTED = 2


class UnitChannel:
    """Units as a table that grows: each unit gets a number when it is first seen, and keeps it.

    Attributes:
        rows: numbers of this step's units, in the order in which they entered.
    """

    def __init__(self) -> None:
        self._number: dict[int, int] = {}
        self._tags = np.zeros(0, np.uint64)
        self.rows: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        # Values of all units ever seen, and of those of the last step, which are newer.
        self._all: tf.U16 = np.zeros((len(tf.COLUMNS), 256), np.uint16)
        self._last: tf.U16 = self._all[:, :0]
        self._gone: npt.NDArray[np.intp] = self.rows

    def numbers(self, tags: npt.NDArray[np.uint64]) -> tf.U16:
        """Numbers of units plus one, 0 for none and for those never seen; for the column `target`."""
        found = np.zeros(len(tags), np.uint16)
        aims = np.flatnonzero(tags)
        get = self._number.get
        found[aims] = [get(tag, -1) + 1 for tag in tags[aims].tolist()]
        return found

    def enter(self, tags: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        """Give numbers to the units of this step, in this order; returns the new ones."""
        if np.array_equal(tags, self._tags):
            return tags[:0]
        self._tags = tags
        number = self._number
        listed: list[Any] = tags.tolist()
        first = len(number)
        found = list(map(number.get, listed))
        if None in found:
            found = [number.setdefault(tag, len(number)) for tag in listed]
        self._all[:, self.rows] = self._last
        while len(number) > self._all.shape[1]:
            self._all = np.concatenate((self._all, np.zeros_like(self._all)), axis=1)
        before, self.rows = self.rows, np.array(found, np.intp)
        left = np.zeros(self._all.shape[1], np.bool_)
        left[before] = True
        left[self.rows] = False
        self._gone = np.flatnonzero(left)
        self._last = self._all[:, self.rows]
        return tags[self.rows >= first] if len(number) > first else tags[:0]

    def changes(self, loop: int, new_tags: npt.NDArray[np.uint64], now: tf.U16) -> bytes | None:
        """The record of a step, None when nothing changed.

        Args:
            new_tags: what `enter` returned for this step's units.
            now: shape (columns, units), the values of this step's units in the order in which they entered; a unit
                that is not listed any more loses its flags. Kept: the caller makes another one for the next step.
        """
        rows, grown = self.rows, now - self._last
        self._last = now
        if len(self._gone):
            gone, self._gone = self._gone, self._gone[:0]
            rows = np.concatenate((rows, gone))
            fall = np.zeros((len(tf.COLUMNS), len(gone)), np.uint16)
            fall[tf.FLAGS] -= self._all[tf.FLAGS, gone]
            self._all[tf.FLAGS, gone] = 0
            grown = np.concatenate((grown, fall), axis=1)
        changed = np.flatnonzero(grown)
        if not len(changed) and not len(new_tags):
            return None
        column = changed // len(rows)
        counts = np.bincount(column, minlength=len(tf.COLUMNS)).astype(np.uint16)
        numbers = rows[changed - column * len(rows)].astype(np.uint16)
        return tf.units_record(loop, new_tags, counts, numbers, grown.ravel()[changed])


class GridChannel:
    """A grid of bits, written as what flipped."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._packed = np.zeros(0, np.uint8)

    def changes(self, loop: int, grid: npt.NDArray[np.bool_]) -> bytes | None:
        """The record that turns the last grid [y, x] into this one, None when they are equal."""
        packed = np.packbits(grid)
        if len(packed) != len(self._packed):
            self._packed = np.zeros_like(packed)
        flipped = packed ^ self._packed
        where = np.flatnonzero(flipped)
        self._packed = packed
        return tf.bits_record(loop, self.name, grid.shape, where, flipped[where]) if len(where) else None


class Names:
    """Says once what each id means."""

    def __init__(self, describe_type: Callable[[int], dict[str, Any]]) -> None:
        self._describe = describe_type
        self._types = np.zeros(65536, np.bool_)
        self._abilities = np.zeros(65536, np.bool_)
        self._abilities[0] = True

    def new(self, types: npt.NDArray[Any], abilities: npt.NDArray[Any]) -> dict[str, Any]:
        """JSON entries for ids not named before; {} when there are none."""
        found: dict[str, Any] = {}
        for label, known, ids, name in (
            ("types", self._types, types, self._describe),
            ("abilities", self._abilities, abilities, ability_name),
        ):
            if not known[ids].all():
                fresh = np.unique(ids[~known[ids]])
                known[fresh] = True
                found[label] = {str(number): name(number) for number in fresh.tolist()}
        return found


_SCALE = np.ones((len(tf.COLUMNS), 1), np.float32)
_SCALE[[tf.X, tf.Y, tf.RADIUS, tf.GOAL_X, tf.GOAL_Y]] = tf.PER_CELL
_SCALE[tf.BUILD] = 1000.0
_ROUND = np.full((len(tf.COLUMNS), 1), 0.5, np.float32)
# What lives never shows 0 points; what is not finished never shows as finished.
_ROUND[[tf.HEALTH, tf.HEALTH_MAX, tf.SHIELD, tf.SHIELD_MAX]] = 0.999
_ROUND[[tf.BUILD, tf.ENERGY]] = 0.0


def quantised(values: npt.NDArray[np.float32]) -> tf.U16:
    """Values per column and unit, in cells, points and shares, in the units of measure of the format."""
    values *= _SCALE
    values += _ROUND
    # By way of int32, where a value out of range is wrong but the same everywhere.
    return values.astype(np.int32).astype(np.uint16)


class WorldRecorder:
    """Writes what a bot sees into its trace."""

    def __init__(self, bot: CherryBot, trace: TraceWriter) -> None:
        self._bot = bot
        self._trace = trace
        self._units = UnitChannel()
        self._names = Names(self._describe)
        self._sight = GridChannel("visible")
        self._explored = GridChannel("explored")
        self._creep = GridChannel("creep")
        self._units_due = self._slow_due = 0
        self._effects: list[Any] = []
        self._me = int(bot.player_id)
        self._owner_of = np.full(8, NEUTRAL_OWNER)
        self._owner_of[SELF], self._owner_of[ENEMY] = self._me, 3 - self._me
        self._rare = np.zeros((3, 256), np.int64)  # flags, contents, owner by number of the unit

    def start(self) -> None:
        """Write the map and who plays."""
        info = self._bot.game_info
        area = info.playable_area
        mine = self._bot.start_location
        starts = [_pair(mine)] if mine is not None else []
        starts.extend(map(_pair, info.start_locations))
        self._trace.json(
            {
                "map": {
                    "name": str(info.map_name),
                    "size": [int(info.map_size.width), int(info.map_size.height)],
                    "playable": [int(area.x), int(area.y), int(area.right), int(area.top)],
                    "starts": starts,
                },
                "players": {
                    str(number): {"race": info.player_races.get(number, 0), "me": number == self._me}
                    for number in sorted(info.player_races)
                },
            }
        )
        self._trace.raw(tf.BYTES, tf.bytes_record("height", info.terrain_height.data_numpy.astype(np.uint8)))
        for name, grid in (("pathing", info.pathing_grid), ("placement", info.placement_grid)):
            body = GridChannel(name).changes(0, grid.data_numpy.astype(np.bool_))
            if body is not None:
                self._trace.raw(tf.BITS, body)

    def step(self, loop: int, table: UnitTable) -> None:
        """Write what changed since the last step."""
        self._events()
        if loop < self._units_due:
            return
        self._units_due = loop + UNIT_LOOPS
        slow = loop >= self._slow_due
        trace = self._trace
        new = self._units.enter(table.tag)
        # Reading a column costs more than all the rest, so what changes seldom is read seldom.
        if slow:
            self._read_rare(table)
        elif len(new):
            self._read_new(table, new)
        if slow or len(new):
            names = self._names.new(table.type_id, table.order_ability)
            if names:
                trace.json(names)
        body = self._units.changes(loop, new, self._columns(table))
        if body is not None:
            trace.raw(tf.UNITS, body)
        if slow:
            self._slow_due = loop + SLOW_LOOPS
            self._slow(loop)

    def _read_rare(self, table: UnitTable) -> None:
        """What changes seldom, of all units."""
        rows = self._units.rows
        self._make_room()
        cloaked = (table.cloak == _CLOAKED) | (table.cloak == _CLOAKED_DETECTED)
        self._rare[0, rows] = (
            tf.PRESENT
            + tf.BURROWED * table.is_burrowed
            + tf.CLOAKED * cloaked
            + tf.HALLUCINATION * table.is_hallucination
            + tf.PLACEHOLDER * (table.display_type == PLACEHOLDER)
        )
        self._rare[1, rows] = table.mineral_contents + table.vespene_contents
        self._rare[2, rows] = self._owner_of[table.alliance]

    def _read_new(self, table: UnitTable, new: npt.NDArray[np.uint64]) -> None:
        """The same of units that were not there before."""
        self._make_room()
        for row in table.rows(new.tolist()).tolist():
            unit = table.protos[row]
            self._rare[:, self._units.rows[row]] = (
                tf.PRESENT
                + tf.BURROWED * unit.is_burrowed
                + tf.CLOAKED * (unit.cloak in (_CLOAKED, _CLOAKED_DETECTED))
                + tf.HALLUCINATION * unit.is_hallucination
                + tf.PLACEHOLDER * (unit.display_type == PLACEHOLDER),
                unit.mineral_contents + unit.vespene_contents,
                self._owner_of[unit.alliance],
            )

    def _make_room(self) -> None:
        rows = self._units.rows
        while len(rows) and int(rows.max()) >= self._rare.shape[1]:
            self._rare = np.concatenate((self._rare, np.zeros_like(self._rare)), axis=1)

    def _columns(self, table: UnitTable) -> tf.U16:
        """Values per column of the format and unit."""
        values = np.empty((len(tf.COLUMNS), len(table)), np.float32)
        flags, contents, owner = self._rare[:, self._units.rows]
        values[tf.X] = table.x
        values[tf.Y] = table.y
        values[tf.HEALTH] = table.health
        values[tf.HEALTH_MAX] = table.health_max
        values[tf.SHIELD] = table.shield
        values[tf.SHIELD_MAX] = table.shield_max
        values[tf.ENERGY] = table.energy
        values[tf.TYPE] = table.type_id
        values[tf.OWNER] = owner
        values[tf.FLAGS] = flags + tf.FLYING * table.is_flying + tf.SNAPSHOT * (table.display_type == SNAPSHOT)
        values[tf.BUILD] = table.build_progress
        values[tf.RADIUS] = table.radius
        values[tf.ABILITY] = table.order_ability
        values[tf.TARGET] = self._units.numbers(table.order_target)
        # NaN where an order has no position; fmax takes the other one.
        values[tf.GOAL_X] = np.fmax(table.order_x, 0.0)
        values[tf.GOAL_Y] = np.fmax(table.order_y, 0.0)
        values[tf.CONTENTS] = contents
        values[tf.ORDERS] = table.order_count
        return quantised(values)

    def _slow(self, loop: int) -> None:
        bot, trace = self._bot, self._trace
        visibility = bot.state.visibility.data_numpy
        for channel, grid in (
            (self._sight, visibility == 2),
            (self._explored, visibility > 0),
            (self._creep, bot.state.creep.data_numpy > 0),
        ):
            body = channel.changes(loop, grid)
            if body is not None:
                trace.raw(tf.BITS, body)
        trace.put(
            "bank",
            {
                str(self._me): [
                    int(bot.minerals),
                    int(bot.vespene),
                    float(bot.supply_used),
                    float(bot.supply_cap),
                    int(bot.supply_workers),
                    float(bot.supply_army),
                ]
            },
        )

    def _events(self) -> None:
        state, trace = self._bot.state, self._trace
        dead = state.dead_units
        if dead:
            trace.put("dead", sorted(dead))
        if state.effects or self._effects:
            effects = sorted(
                [
                    str(getattr(effect.id, "name", effect.id)),
                    round(float(effect.radius), 2),
                    sorted(map(_pair, effect.positions)),
                ]
                for effect in state.effects
            )
            if effects != self._effects:
                self._effects = effects
                trace.put("effects", effects)
        if state.response_observation.chat:
            trace.put("chat", [[int(line.player_id), str(line.message)] for line in state.response_observation.chat])

    def _describe(self, number: int) -> dict[str, Any]:
        data = self._bot.game_data.units.get(number)
        if data is None:
            return {"name": str(number)}
        cost = data.cost
        found: dict[str, Any] = {"name": str(data.name), "cost": [int(cost.minerals), int(cost.vespene)]}
        facts = self._bot.table.facts
        if number < facts.size and facts.structure[number]:
            found["structure"] = 1
        return found


def log_into(trace: TraceWriter) -> Callable[[], None]:
    """Copy what the modules of this trace's bot log, INFO and worse, into it; returns what ends that."""
    mine = id(trace)

    def keep(message: Any) -> None:
        record = message.record
        module = record["extra"].get("module", "")
        # The line begins with "[loop] module: ", which the trace knows already.
        trace.log(record["level"].name, module, record["message"].partition(f"{module}: ")[2] or record["message"])

    sink = logger.add(
        keep, level="INFO", format="{message}", filter=lambda record: record["extra"].get("trace") == mine
    )

    def stop() -> None:
        # Whoever set the log up anew has removed it already.
        with contextlib.suppress(ValueError):
            logger.remove(sink)

    return stop


def _pair(point: Any) -> list[float]:
    return [round(float(point[0]), 2), round(float(point[1]), 2)]
