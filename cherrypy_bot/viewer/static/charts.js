// Small charts on canvases: axes with labels and units, lines, stacked areas, a cursor at the time shown.

import { clock, css, lastNotAfter, LOOPS_PER_SECOND } from "./dom.js";

const MARGIN = { left: 46, right: 10, top: 24, bottom: 30 };
const FONT = "11px system-ui, sans-serif";
// Told apart by all kinds of colour vision (Okabe and Ito, Tol), in an order in which neighbours differ in lightness.
export const SERIES = [
  "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999", "#882255", "#44aa99", "#ddcc77",
  "#6699cc",
];

function niceStep(range, most) {
  const raw = range / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= raw) ?? raw;
}

function timeStep(loops) {
  const seconds = loops / LOOPS_PER_SECOND;
  return [5, 10, 15, 30, 60, 120, 300, 600, 1200].find((step) => seconds / step <= 7) ?? 3600;
}

export class Chart {
  // `what` and `unit` label the y axis; `counts` the x axis where it is no game time.
  constructor(canvas, { what, unit, top = null, bottom = 0, labelBelow = false, counts = "" }) {
    Object.assign(this, { canvas, what, unit, top, bottom, labelBelow, counts });
    this.context = canvas.getContext("2d");
  }

  // Prepares for drawing loops `first` to `last` and values up to `highest`; false where there is no room.
  begin(first, last, highest) {
    const { canvas, context } = this;
    const ratio = Math.min(devicePixelRatio || 1, 2);
    this.width = canvas.clientWidth;
    this.height = canvas.clientHeight;
    if (!this.width || !this.height) return false;
    if (canvas.width !== Math.round(this.width * ratio) || canvas.height !== Math.round(this.height * ratio)) {
      canvas.width = Math.round(this.width * ratio);
      canvas.height = Math.round(this.height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    Object.assign(this, { first, last: Math.max(last, first + 1), highest: this.top ?? Math.max(highest, 1e-9) });
    this._axes();
    return true;
  }

  x(loop) {
    return MARGIN.left + ((loop - this.first) / (this.last - this.first)) * (this.width - MARGIN.left - MARGIN.right);
  }

  y(value) {
    const high = this.height - MARGIN.top - MARGIN.bottom;
    return MARGIN.top + high * (1 - (Math.min(value, this.highest) - this.bottom) / (this.highest - this.bottom));
  }

  loopAt(px) {
    const share = (px - MARGIN.left) / (this.width - MARGIN.left - MARGIN.right);
    return this.first + Math.min(1, Math.max(0, share)) * (this.last - this.first);
  }

  _axes() {
    const { context } = this;
    context.font = FONT;
    context.fillStyle = css("--muted");
    context.strokeStyle = css("--line");
    context.lineWidth = 1;
    context.textAlign = "right";
    context.textBaseline = "middle";
    const step = niceStep(this.highest - this.bottom, 4);
    for (let value = Math.ceil(this.bottom / step) * step; value <= this.highest + 1e-9; value += step) {
      const y = Math.round(this.y(value)) + 0.5;
      context.beginPath();
      context.moveTo(MARGIN.left, y);
      context.lineTo(this.width - MARGIN.right, y);
      context.stroke();
      context.fillText(String(Number(value.toPrecision(3))), MARGIN.left - 5, y);
    }
    context.textAlign = "center";
    context.textBaseline = "top";
    const range = this.last - this.first;
    const every = this.counts ? Math.max(1, niceStep(range, 8)) : timeStep(range) * LOOPS_PER_SECOND;
    for (let loop = Math.ceil(this.first / every) * every; loop <= this.last; loop += every) {
      context.fillText(this.counts ? String(loop) : clock(loop + 0.5), this.x(loop), this.height - MARGIN.bottom + 4);
    }
    context.fillText(this.counts || "game time [min:s]", (this.width + MARGIN.left) / 2, this.height - 13);
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    const label = this.unit ? `${this.what} [${this.unit}]` : this.what;
    context.fillText(label, 4, this.labelBelow ? this.height - 4 : 11);
  }

  // points: [[loop, value]] in order of time; `stepped` holds a value until the next.
  line(points, colour, { stepped = false, dash = [], width = 1.6 } = {}) {
    const { context } = this;
    context.beginPath();
    let last = null;
    for (const [loop, value] of points) {
      if (loop < this.first || loop > this.last) continue;
      if (last === null) context.moveTo(this.x(loop), this.y(value));
      else {
        if (stepped) context.lineTo(this.x(loop), this.y(last));
        context.lineTo(this.x(loop), this.y(value));
      }
      last = value;
    }
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.stroke();
    context.setLineDash([]);
  }

  // layers: [{ colour, values: [..] }] over the same `loops`, each on top of the one before.
  stack(loops, layers) {
    const { context } = this;
    const base = new Float64Array(loops.length);
    for (const { colour, values } of layers) {
      context.beginPath();
      for (let at = 0; at < loops.length; at++) context.lineTo(this.x(loops[at]), this.y(base[at]));
      for (let at = 0; at < loops.length; at++) base[at] += values[at];
      for (let at = loops.length - 1; at >= 0; at--) context.lineTo(this.x(loops[at]), this.y(base[at]));
      context.fillStyle = colour;
      context.fill();
    }
  }

  level(value, colour, text) {
    const { context } = this;
    this.line([[this.first, value], [this.last, value]], colour, { dash: [5, 4], width: 1.4 });
    context.fillStyle = colour;
    context.font = FONT;
    context.textAlign = "right";
    context.fillText(text, this.width - MARGIN.right - 2, this.y(value) - 4);
    context.textAlign = "left";
  }

  mark(loop, colour, text = "") {
    if (loop < this.first || loop > this.last) return;
    const { context } = this;
    const x = Math.round(this.x(loop)) + 0.5;
    context.strokeStyle = colour;
    context.lineWidth = 1;
    context.setLineDash([2, 3]);
    context.beginPath();
    context.moveTo(x, MARGIN.top);
    context.lineTo(x, this.height - MARGIN.bottom);
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = colour;
    context.font = FONT;
    if (text) context.fillText(text, Math.min(x + 3, this.width - 90), MARGIN.top + 9);
  }

  cursor(loop) {
    if (loop < this.first || loop > this.last) return;
    const { context } = this;
    const x = Math.round(this.x(loop)) + 0.5;
    context.strokeStyle = css("--cursor");
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(x, MARGIN.top - 4);
    context.lineTo(x, this.height - MARGIN.bottom);
    context.stroke();
  }

  dot(loop, value, colour, hollow = false) {
    const { context } = this;
    context.beginPath();
    context.arc(this.x(loop), this.y(value), 4, 0, 2 * Math.PI);
    context.fillStyle = hollow ? css("--panel") : colour;
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
  }
}

// Milliseconds per module in at most `most` bins of the steps from `first` to `last`: { loops, layers, highest }.
export function stackedTimes(mind, first, last, most = 240) {
  const { times } = mind;
  const from = Math.max(0, lastNotAfter(times, first, (entry) => entry.loop));
  const to = lastNotAfter(times, last, (entry) => entry.loop);
  const names = [...mind.modules];
  for (const entry of times.slice(from, to + 1)) for (const name of Object.keys(entry.ms)) if (!names.includes(name)) names.push(name);
  const bins = Math.max(1, Math.min(most, to - from + 1));
  const loops = [];
  const values = names.map(() => new Float64Array(bins));
  let highest = 0;
  for (let bin = 0; bin < bins; bin++) {
    const begin = from + Math.floor((bin * (to - from + 1)) / bins);
    const end = Math.max(begin + 1, from + Math.floor(((bin + 1) * (to - from + 1)) / bins));
    loops.push(times[begin]?.loop ?? first);
    names.forEach((name, index) => {
      for (let at = begin; at < end; at++) values[index][bin] += (times[at]?.ms[name] ?? 0) / (end - begin);
    });
    highest = Math.max(highest, values.reduce((sum, list) => sum + list[bin], 0));
  }
  const layers = names.map((name, index) => ({ name, colour: SERIES[index % SERIES.length], values: values[index] }));
  return { loops, layers, highest };
}
