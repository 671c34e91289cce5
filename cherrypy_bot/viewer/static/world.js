// The world of one trace at any loop: units with keyframes to seek from, grids whose changes can be undone.

import { byLoop, lastNotAfter } from "./dom.js";
import { COLUMN, COLUMNS, FLAG, PER_CELL } from "./format.js";

const KEYFRAME_EVERY = 96;
const LONGEST_STEP_LOOPS = 20;
const USUAL_STEP_LOOPS = 8;
const TOWN_HALLS = new Set([18, 59, 86]); // CommandCenter, Nexus, Hatchery
const FIGHT_GAP_LOOPS = 134; // six seconds
const FIGHT_CELLS = 22;
const FIGHT_DEATHS = 3;
const FIGHT_VALUE = 150; // minerals + gas

// Columns of all units known, changed step by step.
class UnitState {
  constructor() {
    this.columns = COLUMNS.map(() => new Uint16Array(256));
    this.known = 0;
  }

  apply(record) {
    this.known += record.tags.length;
    while (this.known > this.columns[0].length) {
      this.columns = this.columns.map((old) => {
        const wider = new Uint16Array(old.length * 2);
        wider.set(old);
        return wider;
      });
    }
    let at = 0;
    for (let column = 0; column < record.counts.length; column++) {
      const end = at + record.counts[column];
      const values = this.columns[column];
      if (values === undefined) break; // of a later release
      for (; at < end; at++) values[record.numbers[at]] += record.grown[at];
    }
  }

  copy() {
    const other = new UnitState();
    other.columns = this.columns.map((values) => values.slice());
    other.known = this.known;
    return other;
  }

  assign(other) {
    if (this.columns[0].length === other.columns[0].length) {
      other.columns.forEach((values, index) => this.columns[index].set(values));
    } else this.columns = other.columns.map((values) => values.slice());
    this.known = other.known;
  }
}

// A place in a trace's sequence of unit records; `index` is the last one applied.
class Cursor {
  constructor(world) {
    this.world = world;
    this.state = new UnitState();
    this.index = -1;
  }

  goTo(index) {
    const { records, keyframes } = this.world;
    if (index < this.index || index > this.index + 2 * KEYFRAME_EVERY) {
      const frame = Math.min(Math.floor((index + 1) / KEYFRAME_EVERY), keyframes.length) - 1;
      if (frame >= 0) this.state.assign(keyframes[frame]);
      else this.state = new UnitState();
      this.index = (frame + 1) * KEYFRAME_EVERY - 1;
    }
    while (this.index < index) this.state.apply(records[++this.index]);
  }
}

class GridCursor {
  constructor(grid) {
    this.grid = grid;
    this.packed = new Uint8Array(Math.ceil((grid.width * grid.height) / 8));
    this.index = -1;
  }

  // Moves to a loop; whether anything changed.
  goTo(loop) {
    const { changes } = this.grid;
    const goal = lastNotAfter(changes, loop, byLoop);
    if (goal === this.index) return false;
    while (this.index < goal) this._flip(changes[++this.index]);
    while (this.index > goal) this._flip(changes[this.index--]);
    return true;
  }

  _flip(change) {
    for (let at = 0; at < change.where.length; at++) this.packed[change.where[at]] ^= change.flipped[at];
  }

  bit(cell) {
    return (this.packed[cell >> 3] >> (7 - (cell & 7))) & 1;
  }
}

export class World {
  constructor(trace) {
    this.trace = trace;
    this.records = trace.units;
    this.keyframes = []; // state after KEYFRAME_EVERY * (index + 1) records
    this.tags = [];
    this.numberOf = new Map();
    this.deaths = []; // { loop, number, tag, owner, type, x, y, value }
    this.expansions = []; // { loop, number, owner, x, y }
    this.banks = { 1: [], 2: [] }; // [{ loop, bank }]
    this.effects = []; // [{ loop, list }]
    this.cursors = new Map();
    this._state = new UnitState();
    this._taken = 0;
    this._records = 0;
    this._now = new Cursor(this);
    this._next = new Cursor(this);
    this.update();
  }

  // Takes in what the trace has got since the last call.
  update() {
    const { trace } = this;
    for (; this._records < trace.records.length; this._records++) {
      const record = trace.records[this._records];
      // A step's units stand before its record.
      this._takeUnits(record.loop);
      if (record.bank) {
        for (const [player, bank] of Object.entries(record.bank)) this.banks[player]?.push({ loop: record.loop, bank });
      }
      if (record.effects) this.effects.push({ loop: record.loop, list: record.effects });
      for (const tag of record.dead ?? []) this._death(record.loop, tag);
    }
    this._takeUnits(Infinity);
    for (const [name, grid] of trace.grids) {
      if (!this.cursors.has(name)) this.cursors.set(name, new GridCursor(grid));
    }
  }

  _takeUnits(loop) {
    while (this._taken < this.records.length && this.records[this._taken].loop <= loop) {
      const record = this.records[this._taken++];
      const first = this.tags.length;
      for (const tag of record.tags) {
        this.numberOf.set(tag, this.tags.length);
        this.tags.push(tag);
      }
      this._state.apply(record);
      if (record.loop > 0) {
        for (let unit = first; unit < this.tags.length; unit++) this._arrival(record.loop, unit);
      }
      if (this._taken % KEYFRAME_EVERY === 0) this.keyframes.push(this._state.copy());
    }
  }

  _arrival(loop, number) {
    const columns = this._state.columns;
    if (!TOWN_HALLS.has(columns[COLUMN.type][number]) || columns[COLUMN.flags][number] & FLAG.placeholder) return;
    const x = columns[COLUMN.x][number] / PER_CELL;
    const y = columns[COLUMN.y][number] / PER_CELL;
    if (this.expansions.some((other) => Math.hypot(other.x - x, other.y - y) < 3)) return; // seen under another tag
    if (this.trace.map?.starts.some((start) => Math.hypot(start[0] - x, start[1] - y) < 3)) return;
    this.expansions.push({ loop, number, owner: columns[COLUMN.owner][number], x, y });
  }

  _death(loop, tag) {
    const number = this.numberOf.get(tag);
    if (number === undefined) return;
    const columns = this._state.columns;
    const type = columns[COLUMN.type][number];
    const cost = this.trace.types[type]?.cost ?? [0, 0];
    this.deaths.push({
      loop, number, tag, type,
      owner: columns[COLUMN.owner][number],
      x: columns[COLUMN.x][number] / PER_CELL,
      y: columns[COLUMN.y][number] / PER_CELL,
      value: cost[0] + cost[1],
    });
  }

  get lastLoop() {
    const units = this.records.at(-1)?.loop ?? 0;
    return Math.max(units, this.trace.records.at(-1)?.loop ?? 0, this.trace.end?.loop ?? 0);
  }

  typeName(type) {
    return this.trace.types[type]?.name ?? `type ${type}`;
  }

  abilityName(ability) {
    return this.trace.abilities[ability] ?? `ability ${ability}`;
  }

  // Where and when players' units died close to one another: { begin, end, lost: { 1, 2 }, x, y, deaths }.
  fights() {
    const found = [];
    for (const death of this.deaths) {
      // What costs nothing (eggs that hatch, larvae, broodlings) ends without a fight.
      if ((death.owner !== 1 && death.owner !== 2) || death.value === 0) continue;
      let fight = found.findLast((one) => death.loop - one.end <= FIGHT_GAP_LOOPS && Math.hypot(death.x - one.x, death.y - one.y) <= FIGHT_CELLS);
      if (!fight) {
        fight = { begin: death.loop, end: death.loop, lost: { 1: 0, 2: 0 }, x: death.x, y: death.y, deaths: 0 };
        found.push(fight);
      }
      fight.end = death.loop;
      fight.lost[death.owner] += death.value;
      fight.deaths++;
      fight.x += (death.x - fight.x) / fight.deaths;
      fight.y += (death.y - fight.y) / fight.deaths;
    }
    return found.filter((fight) => fight.deaths >= FIGHT_DEATHS && fight.lost[1] + fight.lost[2] >= FIGHT_VALUE);
  }

  // What each side lost from `loop` on for `loops`, near (x, y) where given.
  losses(loop, loops, x = null, y = null, reach = 18) {
    const lost = { 1: 0, 2: 0 };
    for (let index = lastNotAfter(this.deaths, loop, byLoop) + 1; index < this.deaths.length; index++) {
      const death = this.deaths[index];
      if (death.loop > loop + loops) break;
      if (x !== null && Math.hypot(death.x - x, death.y - y) > reach) continue;
      if (death.owner in lost) lost[death.owner] += death.value;
    }
    return lost;
  }

  bankAt(player, loop) {
    const list = this.banks[player];
    return list[lastNotAfter(list, loop, byLoop)]?.bank ?? null;
  }

  effectsAt(loop) {
    return this.effects[lastNotAfter(this.effects, loop, byLoop)]?.list ?? [];
  }

  // Moves to a (fractional) loop. Returns { columns, known, share, x(n), y(n) }: positions between two steps are
  // drawn in proportion to the time that has passed.
  at(loop) {
    const index = lastNotAfter(this.records, loop, byLoop);
    const ahead = Math.min(index + 1, this.records.length - 1);
    this._now.goTo(index);
    this._next.goTo(ahead);
    const now = this._now.state;
    const next = this._next.state;
    const nextLoop = this.records[ahead]?.loop ?? loop;
    // After a long time in which nothing changed, the change took as long as a usual step.
    const gap = Math.max(nextLoop - (this.records[index]?.loop ?? 0), 1);
    const span = gap <= LONGEST_STEP_LOOPS ? gap : USUAL_STEP_LOOPS;
    const share = ahead === index ? 0 : Math.min(1, Math.max(0, 1 - (nextLoop - loop) / span));
    const place = (column) => {
      const from = now.columns[column];
      const to = next.columns[column];
      const flags = next.columns[COLUMN.flags];
      return (unit) => {
        const a = from[unit];
        if (share === 0 || !(flags[unit] & FLAG.present)) return a / PER_CELL;
        const way = to[unit] - a;
        // Farther than anything walks in a step: it was loaded, recalled or warped.
        return (Math.abs(way) > 8 * PER_CELL ? a : a + way * share) / PER_CELL;
      };
    };
    return { columns: now.columns, known: now.known, share, x: place(COLUMN.x), y: place(COLUMN.y) };
  }

  get stepLoops() {
    return this.trace.header?.game_step ?? 4;
  }
}
