// The map: terrain, creep, fog, resources, units, their orders; zoom, pan, picking, minimap.

import { css } from "./dom.js";
import { COLUMN, FLAG, PER_CELL } from "./format.js";
import { cellCanvas, drawShade, drawTerrain } from "./terrain.js";

const NEUTRAL = 16;
const MINIMAP = 168;
const LARGEST_SCALE = 48;
const LABEL_SCALE = 13; // pixels a cell from which on structures are labelled
const UNIT_LABEL_SCALE = 24;
const WORKERS = new Set([45, 84, 104]);

export class MapView {
  // `onPick(tag or null)` is called when a unit, or no unit, is clicked.
  constructor(canvas, onPick) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.onPick = onPick;
    this.layers = { orders: true, fog: true, labels: true };
    this.selected = null;
    this.hovered = null;
    this.scale = 5;
    this.x = 0; // of the map's cell in the middle
    this.y = 0;
    this._back = cellCanvas(1, 1); // terrain, creep and fog at the size of the view
    this._stale = true;
    this._loop = -1;
    this._listen();
  }

  setWorld(world, fogOf) {
    const before = this.world;
    this.world = world;
    this.fogOf = fogOf;
    this._stale = true;
    this._loop = -1;
    this._terrain = null;
    if (world?.trace.map && before?.trace.map?.name !== world.trace.map.name) this.fit();
  }

  setFog(fogOf) {
    this.fogOf = fogOf;
    this._loop = -1;
  }

  restyle() {
    this._terrain = null;
    this._loop = -1;
  }

  fit() {
    const map = this.world?.trace.map;
    if (!map) return;
    const [x0, y0, x1, y1] = map.playable;
    this.resize();
    this.scale = Math.min(this.width / (x1 - x0 + 4), this.height / (y1 - y0 + 4));
    this.least = this.scale * 0.8;
    this.x = (x0 + x1) / 2;
    this.y = (y0 + y1) / 2;
    this._stale = true;
  }

  resize() {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const { clientWidth, clientHeight } = this.canvas;
    if (this.width === clientWidth && this.height === clientHeight && this.ratio === ratio) return;
    this.ratio = ratio;
    this.width = clientWidth;
    this.height = clientHeight;
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    this._stale = true;
  }

  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.toCell(px, py);
    this.scale = Math.min(LARGEST_SCALE, Math.max(this.least ?? 2, this.scale * factor));
    const [nx, ny] = this.toCell(px, py);
    this.x += x - nx;
    this.y += y - ny;
    this._stale = true;
  }

  pan(dx, dy) {
    this.x += dx / this.scale;
    this.y += dy / this.scale;
    this._stale = true;
  }

  toCell(px, py) {
    return [this.x + (px - this.width / 2) / this.scale, this.y - (py - this.height / 2) / this.scale];
  }

  toPixel(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, (this.y - y) * this.scale + this.height / 2];
  }

  // -- drawing ---------------------------------------------------------------------------------

  draw(loop) {
    this.resize();
    const { context, world } = this;
    if (!world?.trace.map || !this.width) return;
    this._grids(loop);
    if (this._stale) this._drawBack();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this._back, 0, 0);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const units = (this.units = world.at(loop));
    this._effects(loop);
    this._lines(units);
    this._units(units);
    this._selection(units);
    this._minimap(units);
  }

  _grids(loop) {
    const { trace, cursors } = this.world;
    if (!this._terrain) {
      const height = trace.grids.get("height");
      if (!height?.values || !cursors.get("pathing") || !cursors.get("placement")) return;
      cursors.get("pathing").goTo(0);
      cursors.get("placement").goTo(0);
      this._terrain = drawTerrain(height, cursors.get("pathing"), cursors.get("placement"));
      this._shade = cellCanvas(height.width, height.height);
      this._stale = true;
    }
    let changed = this._loop < 0;
    for (const [name, cursor] of cursors) {
      if (name !== "pathing" && name !== "placement" && name !== "height") changed = cursor.goTo(loop) || changed;
    }
    if (changed) {
      const fogged = this.layers.fog;
      drawShade(this._shade, cursors.get("creep"), fogged && cursors.get(`visible${this.fogOf}`), fogged && cursors.get(`explored${this.fogOf}`));
      this._stale = true;
    }
    this._loop = loop;
  }

  _drawBack() {
    const { _back: back } = this;
    if (back.width !== this.canvas.width || back.height !== this.canvas.height) {
      back.width = this.canvas.width;
      back.height = this.canvas.height;
    }
    const context = back.getContext("2d", { alpha: false });
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = css("--void");
    context.fillRect(0, 0, back.width, back.height);
    if (!this._terrain) return;
    const size = this.scale * this.ratio;
    const [left, top] = this.toPixel(0, this._terrain.height);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "low";
    for (const layer of [this._terrain, this._shade]) {
      context.drawImage(layer, left * this.ratio, top * this.ratio, layer.width * size, layer.height * size);
    }
    this._stale = false;
  }

  _effects(loop) {
    const { context } = this;
    for (const [name, radius, places] of this.world.effectsAt(loop)) {
      for (const [x, y] of places) {
        const [px, py] = this.toPixel(x, y);
        context.beginPath();
        context.arc(px, py, Math.max(radius, 0.6) * this.scale, 0, 2 * Math.PI);
        context.fillStyle = css("--effect");
        context.fill();
        if (this.scale > 9) {
          context.fillStyle = css("--map-text");
          context.font = "11px system-ui, sans-serif";
          context.fillText(String(name), px + 4, py - 4);
        }
      }
    }
  }

  // Where units are going, and whom they shoot at.
  _lines(units) {
    const { context } = this;
    const { columns, known } = units;
    const flags = columns[COLUMN.flags];
    const owner = columns[COLUMN.owner];
    const aim = columns[COLUMN.target];
    const goalX = columns[COLUMN.goal_x];
    const goalY = columns[COLUMN.goal_y];
    for (const player of [1, 2]) {
      context.beginPath();
      for (let unit = 0; unit < known; unit++) {
        if (owner[unit] !== player || !(flags[unit] & FLAG.present) || flags[unit] & FLAG.firing) continue;
        if (!this.layers.orders || WORKERS.has(columns[COLUMN.type][unit])) continue;
        if (goalX[unit] === 0) continue;
        context.moveTo(...this.toPixel(units.x(unit), units.y(unit)));
        context.lineTo(...this.toPixel(goalX[unit] / PER_CELL, goalY[unit] / PER_CELL));
      }
      context.strokeStyle = css(player === 1 ? "--player-1-line" : "--player-2-line");
      context.lineWidth = 1;
      context.stroke();
    }
    context.beginPath();
    for (let unit = 0; unit < known; unit++) {
      if (!(flags[unit] & FLAG.present) || !(flags[unit] & FLAG.firing) || aim[unit] === 0) continue;
      const prey = aim[unit] - 1;
      if (!(flags[prey] & FLAG.present)) continue;
      context.moveTo(...this.toPixel(units.x(unit), units.y(unit)));
      context.lineTo(...this.toPixel(units.x(prey), units.y(prey)));
    }
    context.strokeStyle = css("--shot");
    context.lineWidth = 1.4;
    context.stroke();
  }

  _units(units) {
    const { context, scale } = this;
    const { columns, known } = units;
    const flags = columns[COLUMN.flags];
    const owner = columns[COLUMN.owner];
    const type = columns[COLUMN.type];
    const radius = columns[COLUMN.radius];
    const { types } = this.world.trace;
    const groups = new Map(); // style -> [[unit, px, py, r]]
    const add = (style, entry) => {
      const group = groups.get(style);
      if (group) group.push(entry);
      else groups.set(style, [entry]);
    };
    const bars = [];
    this._pixels = [];
    for (let unit = 0; unit < known; unit++) {
      const flag = flags[unit];
      if (!(flag & FLAG.present)) continue;
      const [px, py] = this.toPixel(units.x(unit), units.y(unit));
      const structure = types[type[unit]]?.structure === 1;
      const neutral = owner[unit] === NEUTRAL || owner[unit] === 0;
      const r = Math.max((radius[unit] / PER_CELL) * scale, neutral ? 1.4 : WORKERS.has(type[unit]) ? 1.8 : 2.6);
      if (px < -r || py < -r || px > this.width + r || py > this.height + r) continue;
      const entry = [unit, px, py, r];
      this._pixels.push(entry);
      if (neutral) {
        const name = types[type[unit]]?.name ?? "";
        add(/mineral/i.test(name) ? "mineral" : /geyser/i.test(name) ? "geyser" : "rock", entry);
        continue;
      }
      const faint = flag & (FLAG.snapshot | FLAG.placeholder | FLAG.hallucination | FLAG.burrowed);
      add(`${owner[unit]}${structure ? "s" : flag & FLAG.flying ? "f" : "g"}${faint ? "-" : ""}`, entry);
      const full = columns[COLUMN.health_max][unit] + columns[COLUMN.shield_max][unit];
      const left = columns[COLUMN.health][unit] + columns[COLUMN.shield][unit];
      if (full > 0 && left > 0 && left < full && r > 2) bars.push([px, py - r - 4, Math.max(r * 2, 7), left / full]);
    }
    this._group(groups.get("rock"), css("--rock"), null, "square");
    this._group(groups.get("mineral"), css("--mineral"), null, "wide");
    this._group(groups.get("geyser"), css("--geyser"), null, "square");
    for (const player of [1, 2]) {
      const colour = css(`--player-${player}`);
      const edge = css("--edge");
      for (const [kind, shape] of [["s", "square"], ["g", player === 1 ? "circle" : "diamond"], ["f", player === 1 ? "circle" : "diamond"]]) {
        context.globalAlpha = 0.45;
        this._group(groups.get(`${player}${kind}-`), colour, edge, shape);
        context.globalAlpha = 1;
        this._group(groups.get(`${player}${kind}`), colour, kind === "f" ? css("--air-edge") : edge, shape);
      }
    }
    this._progress(units);
    context.fillStyle = css("--bar-back");
    for (const [x, y, width] of bars) context.fillRect(x - width / 2 - 0.5, y - 0.5, width + 1, 3);
    context.fillStyle = css("--bar");
    for (const [x, y, width, share] of bars) context.fillRect(x - width / 2, y, width * share, 2);
    if (this.layers.labels && scale >= LABEL_SCALE) this._labels(units);
  }

  _group(entries, colour, edge, shape) {
    if (!entries) return;
    const { context } = this;
    context.beginPath();
    for (const [, x, y, r] of entries) {
      if (shape === "circle") {
        context.moveTo(x + r, y);
        context.arc(x, y, r, 0, 2 * Math.PI);
      } else if (shape === "diamond") {
        const d = r * 1.2;
        context.moveTo(x, y - d);
        context.lineTo(x + d, y);
        context.lineTo(x, y + d);
        context.lineTo(x - d, y);
        context.closePath();
      } else if (shape === "wide") context.rect(x - r * 0.9, y - r * 0.45, r * 1.8, r * 0.9);
      else context.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76);
    }
    context.fillStyle = colour;
    context.fill();
    if (edge && (shape === "square" || this.scale > 6)) {
      context.strokeStyle = edge;
      context.lineWidth = 1;
      context.stroke();
    }
  }

  // Unfinished structures are hatched from the top down.
  _progress({ columns }) {
    const { context } = this;
    context.fillStyle = css("--unfinished");
    for (const [unit, x, y, r] of this._pixels) {
      const build = columns[COLUMN.build][unit];
      if (build >= 1000 || build === 0 || columns[COLUMN.owner][unit] === NEUTRAL) continue;
      const s = r * 0.88;
      context.fillRect(x - s, y - s, 2 * s, 2 * s * (1 - build / 1000));
    }
  }

  _labels({ columns }) {
    const { context } = this;
    const { types } = this.world.trace;
    context.font = `${Math.min(12, 6 + this.scale / 5)}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.lineWidth = 3;
    context.strokeStyle = css("--edge");
    context.fillStyle = css("--map-text");
    for (const [unit, x, y, r] of this._pixels) {
      const { name = "", structure } = types[columns[COLUMN.type][unit]] ?? {};
      if (columns[COLUMN.owner][unit] === NEUTRAL || (!structure && this.scale < UNIT_LABEL_SCALE)) continue;
      context.strokeText(name, x, y + r + 11);
      context.fillText(name, x, y + r + 11);
    }
    context.textAlign = "left";
  }

  _selection(units) {
    const { context } = this;
    const unit = this.selected === null ? undefined : this.world.numberOf.get(this.selected);
    if (unit === undefined || !(units.columns[COLUMN.flags][unit] & FLAG.present)) return;
    const { columns } = units;
    const [x, y] = this.toPixel(units.x(unit), units.y(unit));
    const r = Math.max((columns[COLUMN.radius][unit] / PER_CELL) * this.scale, 4) + 4;
    context.strokeStyle = css("--select");
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, r, 0, 2 * Math.PI);
    context.stroke();
    const aim = columns[COLUMN.target][unit] - 1;
    let goal = null;
    if (aim >= 0 && columns[COLUMN.flags][aim] & FLAG.present) goal = this.toPixel(units.x(aim), units.y(aim));
    else if (columns[COLUMN.goal_x][unit]) goal = this.toPixel(columns[COLUMN.goal_x][unit] / PER_CELL, columns[COLUMN.goal_y][unit] / PER_CELL);
    if (!goal) return;
    context.setLineDash([6, 4]);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(...goal);
    context.stroke();
    context.setLineDash([]);
    context.strokeRect(goal[0] - 4, goal[1] - 4, 8, 8);
  }

  // With the whole map in view a small one would only hide a corner of it.
  get _zoomedIn() {
    return Boolean(this._terrain) && this.scale > 1.4 * this.least;
  }

  _minimapBox() {
    const { width, height } = this._terrain;
    const [x0, y0, x1, y1] = this.world.trace.map.playable;
    const size = MINIMAP / Math.max(x1 - x0, y1 - y0);
    return { left: 8, top: this.height - (y1 - y0) * size - 8, size, x0, y0, x1, y1, width, height };
  }

  _minimap({ columns, known, x, y }) {
    if (!this._zoomedIn) return;
    const { context } = this;
    const box = this._minimapBox();
    const { left, top, size, x0, y0, x1, y1 } = box;
    const wide = (x1 - x0) * size;
    const high = (y1 - y0) * size;
    const source = [x0, box.height - y1, x1 - x0, y1 - y0];
    context.globalAlpha = 0.92;
    context.drawImage(this._terrain, ...source, left, top, wide, high);
    context.drawImage(this._shade, ...source, left, top, wide, high);
    context.globalAlpha = 1;
    const flags = columns[COLUMN.flags];
    for (const player of [1, 2]) {
      context.fillStyle = css(`--player-${player}`);
      for (let unit = 0; unit < known; unit++) {
        if (columns[COLUMN.owner][unit] !== player || !(flags[unit] & FLAG.present)) continue;
        const dot = columns[COLUMN.radius][unit] > PER_CELL ? 4 : 2;
        context.fillRect(left + (x(unit) - x0) * size - dot / 2, top + (y1 - y(unit)) * size - dot / 2, dot, dot);
      }
    }
    context.strokeStyle = css("--line");
    context.lineWidth = 1;
    context.strokeRect(left - 0.5, top - 0.5, wide + 1, high + 1);
    const [cx0, cy1] = this.toCell(0, 0);
    const [cx1, cy0] = this.toCell(this.width, this.height);
    const a = [Math.max(cx0, x0), Math.max(cy0, y0), Math.min(cx1, x1), Math.min(cy1, y1)];
    context.strokeStyle = css("--map-text");
    context.strokeRect(left + (a[0] - x0) * size, top + (y1 - a[3]) * size, (a[2] - a[0]) * size, (a[3] - a[1]) * size);
  }

  // -- the mouse -------------------------------------------------------------------------------

  pick(px, py) {
    let best = null;
    let least = Infinity;
    for (const [unit, x, y, r] of this._pixels ?? []) {
      const distance = Math.hypot(x - px, y - py) - r;
      // Small units lie over large ones.
      const rank = distance + r * 0.05;
      if (distance < 6 && rank < least) {
        least = rank;
        best = unit;
      }
    }
    return best === null ? null : this.world.tags[best];
  }

  _overMinimap(px, py) {
    if (!this._zoomedIn) return null;
    const { left, top, size, x0, y0, x1, y1 } = this._minimapBox();
    const x = x0 + (px - left) / size;
    const y = y1 - (py - top) / size;
    return x >= x0 && x <= x1 && y >= y0 && y <= y1 ? [x, y] : null;
  }

  _listen() {
    const { canvas } = this;
    let drag = null;
    canvas.addEventListener("pointerdown", (event) => {
      const place = this._overMinimap(event.offsetX, event.offsetY);
      drag = { x: event.offsetX, y: event.offsetY, moved: false, minimap: place !== null };
      canvas.setPointerCapture(event.pointerId);
      if (place) this._centre(place);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!drag) return;
      if (drag.minimap) {
        const place = this._overMinimap(event.offsetX, event.offsetY);
        if (place) this._centre(place);
        return;
      }
      const dx = event.offsetX - drag.x;
      const dy = event.offsetY - drag.y;
      if (!drag.moved && Math.hypot(dx, dy) < 4) return;
      drag.moved = true;
      this.pan(-dx, dy);
      drag.x = event.offsetX;
      drag.y = event.offsetY;
    });
    canvas.addEventListener("pointerup", (event) => {
      if (drag && !drag.moved && !drag.minimap) this.onPick(this.pick(event.offsetX, event.offsetY));
      drag = null;
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * 0.0015), event.offsetX, event.offsetY);
    }, { passive: false });
  }

  _centre([x, y]) {
    this.x = x;
    this.y = y;
    this._stale = true;
  }
}

