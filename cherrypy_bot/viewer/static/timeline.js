// The strip under the map: supply or army over time, markers for what happened, and a cursor to drag.

import { clock, css } from "./dom.js";
import { Chart } from "./charts.js";

const MARK_ROW = 17;
const SAME_FAULT_LOOPS = 224;

export class Timeline {
  // `onSeek(loop)` is called while the strip is dragged.
  constructor(canvas, tip, onSeek) {
    this.canvas = canvas;
    this.tip = tip;
    this.chart = new Chart(canvas, { what: "supply used", unit: "food", labelBelow: true });
    this.marks = [];
    this.world = null;
    this._drawn = document.createElement("canvas");
    this._key = "";
    const seek = (event) => onSeek(this.chart.loopAt(event.offsetX));
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this._dragging = true;
      seek(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this._dragging) seek(event);
      this._hover(event);
    });
    canvas.addEventListener("pointerup", () => (this._dragging = false));
    canvas.addEventListener("pointerleave", () => (tip.hidden = true));
  }

  // marks: [{ loop, end, kind, text }], kind one of fight, base, build, fault.
  set(world, last, marks) {
    this.world = world;
    this.last = Math.max(last, 1);
    this.marks = marks;
    this._key = "";
  }

  draw(loop) {
    if (!this.world) return;
    const { chart, canvas } = this;
    const key = `${canvas.clientWidth} ${canvas.clientHeight} ${this.last} ${document.documentElement.dataset.theme}`;
    if (key !== this._key) {
      this._key = key;
      this._all();
      this._drawn.width = canvas.width;
      this._drawn.height = canvas.height;
      this._drawn.getContext("2d").drawImage(canvas, 0, 0);
    }
    const { context } = chart;
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(this._drawn, 0, 0);
    context.restore();
    chart.cursor(loop);
  }

  _all() {
    const { chart, world } = this;
    let highest = 20;
    for (const player of [1, 2]) for (const { bank } of world.banks[player]) highest = Math.max(highest, bank[2]);
    if (!chart.begin(0, this.last, highest)) return;
    const { context } = chart;
    for (const mark of this.marks.filter((one) => one.kind === "fight")) {
      context.fillStyle = css("--fight");
      const from = chart.x(mark.loop);
      context.fillRect(from, chart.y(chart.highest), Math.max(chart.x(mark.end) - from, 2), chart.y(0) - chart.y(chart.highest));
    }
    for (const player of [1, 2]) {
      const points = world.banks[player].map(({ loop, bank }) => [loop, bank[2]]);
      chart.line(points, css(`--player-${player}`), { dash: player === 1 ? [] : [7, 3] });
    }
    for (const mark of this.marks) this._glyph(mark);
  }

  // A shape per kind, so that colour is not needed to tell them apart.
  _glyph({ loop, kind }) {
    const { chart } = this;
    const { context } = chart;
    const x = chart.x(loop);
    const y = MARK_ROW - 5;
    context.beginPath();
    if (kind === "fight") {
      context.moveTo(x - 4, y - 4);
      context.lineTo(x + 4, y + 4);
      context.moveTo(x + 4, y - 4);
      context.lineTo(x - 4, y + 4);
    } else if (kind === "base") {
      context.moveTo(x - 4, y + 4);
      context.lineTo(x, y - 5);
      context.lineTo(x + 4, y + 4);
      context.closePath();
    } else if (kind === "build") context.rect(x - 3.5, y - 3.5, 7, 7);
    else {
      context.moveTo(x, y - 5);
      context.lineTo(x, y + 1);
      context.moveTo(x, y + 3);
      context.lineTo(x, y + 5);
    }
    context.lineWidth = 2;
    context.strokeStyle = css(`--mark-${kind}`);
    context.fillStyle = css(`--mark-${kind}`);
    context.stroke();
    if (kind === "base" || kind === "build") context.fill();
  }

  _hover(event) {
    const { chart, tip } = this;
    if (!this.world) return;
    const near = this.marks
      .map((mark) => ({ mark, away: Math.abs(chart.x(mark.loop) - event.offsetX) }))
      .filter(({ away }) => away < 7)
      .sort((a, b) => a.away - b.away)[0];
    const loop = near ? near.mark.loop : chart.loopAt(event.offsetX);
    tip.textContent = near ? `${clock(loop)} ${near.mark.text}` : clock(loop);
    tip.hidden = false;
    const left = Math.min(Math.max(event.offsetX - tip.offsetWidth / 2, 4), chart.width - tip.offsetWidth - 4);
    tip.style.transform = `translateX(${Math.round(left)}px)`;
  }
}

// Everything worth a marker, in order of time.
export function marksOf(world, minds, playerName) {
  const marks = world.fights().map((fight) => ({
    loop: fight.begin, end: fight.end, kind: "fight",
    text: `fight: ${playerName(1)} lost ${fight.lost[1]}, ${playerName(2)} lost ${fight.lost[2]} (minerals + gas)`,
  }));
  for (const base of world.expansions) marks.push({ loop: base.loop, kind: "base", text: `new base of ${playerName(base.owner)}` });
  for (const mind of minds) {
    for (const { loop, build } of mind.buildSwitches()) marks.push({ loop, kind: "build", text: `${mind.name} plays ${build}` });
    const last = new Map(); // module -> loop; one that fails in every step gets a mark now and then
    for (const fault of mind.faults) {
      if (fault.loop - (last.get(fault.module) ?? -Infinity) < SAME_FAULT_LOOPS) continue;
      last.set(fault.module, fault.loop);
      marks.push({ loop: fault.loop, kind: "fault", text: `fault in ${fault.module}: ${fault.error}` });
    }
  }
  return marks.sort((a, b) => a.loop - b.loop);
}
