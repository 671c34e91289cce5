// Reads traces: frames, records, arrays. docs/trace.md is the standard.

const MAGIC = [0x43, 0x42, 0x54, 0x52, 0x41, 0x43, 0x45, 0x02];
const HEADER_BYTES = 12;
const LARGEST_FRAME = 64 << 20;
const JSON_KIND = 1;
const UNITS_KIND = 2;
const BITS_KIND = 3;
const BYTES_KIND = 4;

export const COLUMNS = [
  "x", "y", "health", "health_max", "shield", "shield_max", "energy", "type", "owner", "flags", "build", "radius",
  "ability", "target", "goal_x", "goal_y", "contents", "orders",
];
export const COLUMN = Object.fromEntries(COLUMNS.map((name, index) => [name, index]));
export const PER_CELL = 64;
export const FLAG = {
  present: 1, flying: 2, burrowed: 4, cloaked: 8, hallucination: 16, snapshot: 32, placeholder: 64, firing: 128,
  minerals: 256, gas: 512,
};

const CRC_TABLE = new Uint32Array(256).map((_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

function crc32(bytes, crc = 0) {
  let value = ~crc >>> 0;
  for (let index = 0; index < bytes.length; index++) value = CRC_TABLE[(value ^ bytes[index]) & 255] ^ (value >>> 8);
  return ~value >>> 0;
}

// Inflates a zlib stream that must come to exactly `length` bytes; null where it does not.
async function inflate(payload, length) {
  const reader = new Blob([payload]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const whole = new Uint8Array(length);
  let filled = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return filled === length ? whole : null;
      if (filled + value.length > length) {
        await reader.cancel();
        return null;
      }
      whole.set(value, filled);
      filled += value.length;
    }
  } catch {
    return null;
  }
}

// An array of u16 from its planes: all low bytes, then all high bytes.
function fromPlanes(bytes, start, count) {
  const found = new Uint16Array(count);
  for (let index = 0; index < count; index++) found[index] = bytes[start + index] | (bytes[start + count + index] << 8);
  return found;
}

function running(values) {
  for (let index = 1; index < values.length; index++) values[index] += values[index - 1];
  return values;
}

// A trace that may still be growing: `push` takes bytes in the order of the file.
export class Trace {
  constructor(name) {
    this.name = name;
    this.header = null;
    this.map = null;
    this.players = {};
    this.types = {};
    this.abilities = {};
    this.records = [];
    this.units = [];
    this.grids = new Map(); // name -> { width, height, changes: [{ loop, where, flipped }], values }
    this.end = null;
    this.problem = "";
    this.bytes = 0;
    this.known = 0; // units so far
    this._rest = new Uint8Array(0);
    this._begun = false;
  }

  get live() {
    return this.end === null && this.problem === "";
  }

  async push(data) {
    if (this.problem) return;
    this.bytes += data.length;
    const joined = new Uint8Array(this._rest.length + data.length);
    joined.set(this._rest);
    joined.set(data, this._rest.length);
    let position = 0;
    if (!this._begun) {
      if (joined.length < MAGIC.length) {
        this._rest = joined;
        return;
      }
      if (MAGIC.some((byte, index) => joined[index] !== byte)) {
        this.problem = "this file does not begin as a trace does";
        return;
      }
      this._begun = true;
      position = MAGIC.length;
    }
    const view = new DataView(joined.buffer);
    while (position + HEADER_BYTES <= joined.length) {
      const length = view.getUint32(position, true);
      const rawLength = view.getUint32(position + 4, true);
      const begin = position + HEADER_BYTES;
      if (rawLength > LARGEST_FRAME) return this._damaged(position, joined.length);
      if (begin + length > joined.length) break;
      const payload = joined.subarray(begin, begin + length);
      const crc = crc32(payload, crc32(joined.subarray(position, position + 8)));
      if (crc !== view.getUint32(position + 8, true)) return this._damaged(position, joined.length);
      const raw = await inflate(payload, rawLength);
      if (raw === null) return this._damaged(position, joined.length);
      try {
        this._frame(raw);
      } catch (error) {
        this.problem = `a frame holds no records of ours (${error.message})`;
        return;
      }
      position = begin + length;
    }
    this._rest = joined.slice(position);
  }

  _damaged(position, length) {
    this.problem = `damaged ${length - position} bytes before byte ${this.bytes}; what came before is shown`;
  }

  _frame(raw) {
    const view = new DataView(raw.buffer);
    let position = 0;
    while (position < raw.length) {
      const kind = raw[position];
      const size = view.getUint32(position + 1, true);
      position += 5;
      if (position + size > raw.length) throw new Error("a record is cut off");
      if (kind === JSON_KIND) this._json(JSON.parse(new TextDecoder().decode(raw.subarray(position, position + size))));
      else if (kind === UNITS_KIND) this._units(raw, view, position, position + size);
      else if (kind === BITS_KIND || kind === BYTES_KIND) this._grid(kind, raw, view, position, position + size);
      position += size;
    }
  }

  _json(record) {
    if ("format" in record) {
      if (record.format !== "cherrypy_bot.trace" || record.version !== 2) {
        throw new Error(`version ${record.version} of ${record.format}`);
      }
      this.header ??= record;
    } else if ("end" in record) this.end = record.end;
    else if ("loop" in record) this.records.push(record);
    else {
      this.map = record.map ?? this.map;
      this.players = record.players ?? this.players;
      Object.assign(this.types, record.types);
      Object.assign(this.abilities, record.abilities);
    }
  }

  _units(raw, view, position, end) {
    const loop = view.getUint32(position, true);
    const fresh = view.getUint16(position + 4, true);
    const columns = raw[position + 6];
    position += 7;
    const tags = [];
    for (let index = 0; index < fresh; index++, position += 8) {
      tags.push(view.getUint32(position + 4, true) * 2 ** 32 + view.getUint32(position, true));
    }
    const counts = [];
    let total = 0;
    for (let index = 0; index < columns; index++, position += 2) {
      counts.push(view.getUint16(position, true));
      total += counts[index];
    }
    if (position + 4 * total !== end) throw new Error("units are cut off");
    const numbers = running(fromPlanes(raw, position, total));
    this.known += fresh;
    if (numbers.some((unit) => unit >= this.known)) throw new Error("a unit changes that was never seen");
    this.units.push({ loop, tags, counts, numbers, grown: fromPlanes(raw, position + 2 * total, total) });
  }

  _grid(kind, raw, view, position, end) {
    const size = raw[position];
    const name = new TextDecoder().decode(raw.subarray(position + 1, position + 1 + size));
    position += 1 + size;
    const loop = view.getUint32(position, true);
    const width = view.getUint16(position + 4, true);
    const height = view.getUint16(position + 6, true);
    const count = view.getUint16(position + 8, true);
    position += 10;
    if (!this.grids.has(name)) this.grids.set(name, { width, height, changes: [], values: null });
    const grid = this.grids.get(name);
    if (kind === BYTES_KIND) {
      if (position + width * height !== end) throw new Error(`grid ${name} is cut off`);
      grid.values = raw.slice(position, end);
    } else {
      if (position + 3 * count !== end) throw new Error(`grid ${name} is cut off`);
      const where = running(fromPlanes(raw, position, count));
      grid.changes.push({ loop, where, flipped: raw.slice(position + 2 * count, end) });
    }
  }
}
