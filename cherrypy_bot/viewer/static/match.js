// One match: its traces, the time shown, and everything that is drawn of it.

import { clock, el, fill, LOOPS_PER_SECOND, number, setTheme } from "./dom.js";
import { COLUMN, FLAG } from "./format.js";
import { MapView } from "./map.js";
import { Mind } from "./mind.js";
import { PANELS, Panels } from "./panels.js";
import { marksOf, Timeline } from "./timeline.js";
import { World } from "./world.js";

const SPEEDS = [0.5, 1, 2, 4, 8, 16];
const PANEL_EVERY_MS = 200;
const TIMELINE_EVERY_MS = 50;
const RACES = { 1: "Terran", 2: "Zerg", 3: "Protoss", 4: "random" };
const KEYS = [
  ["space", "play, pause"], ["← →", "5 s back, forward (Shift: 30 s)"], [", .", "one step back, forward"],
  ["Home End", "begin, end"], ["[ ]", "slower, faster"], ["+ −", "zoom (or wheel)"], ["W A S D", "pan (or drag)"],
  ["0", "whole map"], ["n p", "next, previous marker"], ["1 ... 7", "panels"], ["o f l", "orders, fog, names on and off"],
  ["t", "dark or light"], ["Esc", "select nothing"], ["?", "this list"],
];

export class Match {
  // `traces`: read or still growing, the world's first where there is one.
  constructor(root, traces) {
    this.root = root;
    this.traces = traces;
    this.loop = 0;
    this.playing = false;
    this.following = false;
    this.speed = 2;
    this.selected = null;
    this.worlds = traces.map((trace) => new World(trace));
    this.minds = traces.filter((trace) => trace.header?.bot !== "world").map((trace) => new Mind(trace));
    this.world = this.worlds.find((world) => world.trace.header?.bot === "world") ?? this.worlds[0];
    this.mind = this.minds[0] ?? null;
    this._pressing = false;
    this._panelsAt = -Infinity;
    this._timelineAt = -Infinity;
    this._dirty = true;
    this._build();
    this.setWorld(this.world);
    this.grown();
    this._frame = (now) => this._draw(now);
    requestAnimationFrame(this._frame);
    addEventListener("keydown", (event) => this._key(event));
    addEventListener("resize", () => this._redraw());
  }

  get lastLoop() {
    return Math.max(1, ...this.worlds.map((world) => world.lastLoop));
  }

  get live() {
    return this.traces.some((trace) => trace.live && trace.growing);
  }

  playerName(player) {
    if (player === 16 || player === 0) return "neutral";
    for (const { players, header } of this.traces) {
      if (players[player]?.name) return players[player].name;
      if (players[player]?.me) return header.bot;
    }
    return this.traces[0]?.header?.opponent ?? `player ${player}`;
  }

  // -- what others call ------------------------------------------------------------------------

  // The traces have got more to show.
  grown() {
    for (const world of this.worlds) world.update();
    for (const mind of this.minds) mind.update();
    this.timeline.set(this.world, this.lastLoop, marksOf(this.world, this.minds, (player) => this.playerName(player)));
    this.map._loop = -1;
    this._status();
    this._redraw();
  }

  seek(loop) {
    this.loop = Math.min(Math.max(loop, 0), this.lastLoop);
    this.following = this.live && this.loop >= this.lastLoop - 1;
    this._redraw();
  }

  select(tag) {
    this.selected = tag;
    this.map.selected = tag;
    if (tag !== null) this.showPanel("unit");
    this._redraw();
  }

  play(playing = !this.playing) {
    if (playing && this.loop >= this.lastLoop && !this.live) this.loop = 0;
    this.playing = playing;
    this.following = playing && this.live && this.loop >= this.lastLoop - 2 * LOOPS_PER_SECOND;
    this.parts.play.textContent = playing ? "Pause" : "Play";
    this.parts.play.setAttribute("aria-pressed", String(playing));
    this._redraw();
  }

  follow() {
    this.loop = this.lastLoop;
    this.playing = true;
    this.following = true;
    this.parts.play.textContent = "Pause";
    this._redraw();
  }

  setSpeed(speed) {
    this.speed = speed;
    this.parts.speed.value = String(speed);
  }

  setWorld(world) {
    this.world = world;
    const bot = world.trace.header?.bot;
    const fogs = bot === "world" ? [["", "no fog"], ["1", `fog of ${this.playerName(1)}`], ["2", `fog of ${this.playerName(2)}`]] : [["", `fog of ${bot}`]];
    fill(this.parts.fog, fogs.map(([value, text]) => el("option", { value }, text)));
    // The truth begins without fog: the page is for looking on.
    this.map.setWorld(world, bot === "world" ? "none" : "");
    this.timeline.set(world, this.lastLoop, marksOf(world, this.minds, (player) => this.playerName(player)));
    this._redraw();
  }

  showPanel(name) {
    for (const [key, button] of Object.entries(this.tabs)) button.setAttribute("aria-selected", String(key === name));
    this.panels.show(name);
  }

  // -- the page --------------------------------------------------------------------------------

  _build() {
    const parts = (this.parts = {});
    parts.status = el("span", { class: "status-line", role: "status" });
    parts.world = el("select", { "aria-label": "what the map shows", onchange: () => this.setWorld(this.worlds[Number(parts.world.value)]) },
      this.worlds.map((world, index) => el("option", { value: index, selected: world === this.world },
        world.trace.header?.bot === "world" ? "map: everything" : `map: seen by ${world.trace.header?.bot ?? world.trace.name}`)));
    parts.fog = el("select", { "aria-label": "whose fog", onchange: () => {
      this.map.setFog(parts.fog.value || (this.world.trace.header?.bot === "world" ? "none" : ""));
      this._redraw();
    } });
    parts.mind = el("select", { "aria-label": "whose mind", disabled: this.minds.length < 2, onchange: () => {
      this.mind = this.minds[Number(parts.mind.value)];
      this._redraw();
    } }, this.minds.length ? this.minds.map((mind, index) => el("option", { value: index }, `mind: ${mind.name}`)) : el("option", {}, "no mind traced"));
    parts.map = el("canvas", { class: "map", tabindex: "0", role: "img", "aria-label": "map of the match; click a unit to select it" });
    parts.banks = el("div", { class: "banks" });
    parts.timeline = el("canvas", { class: "timeline", role: "slider", "aria-label": "time", tabindex: "0" });
    parts.tip = el("div", { class: "tip", hidden: true });
    parts.play = el("button", { class: "play", onclick: () => this.play() }, "Play");
    parts.clock = el("span", { class: "clock" }, "0:00");
    parts.live = el("button", { class: "live", hidden: true, onclick: () => this.follow() }, "Live");
    parts.speed = el("select", { "aria-label": "speed", onchange: () => (this.speed = Number(parts.speed.value)) },
      SPEEDS.map((speed) => el("option", { value: speed, selected: speed === this.speed }, `${speed}x`)));
    parts.help = el("dialog", { class: "help" }, el("h2", {}, "Keys"), el("dl", {}, KEYS.map(([key, text]) => [el("dt", {}, key), el("dd", {}, text)])),
      el("button", { onclick: () => parts.help.close() }, "Close"));
    const body = el("div", { class: "panel-body", role: "tabpanel" });
    this.tabs = Object.fromEntries(PANELS.map(([name, text]) => [name, el("button", { role: "tab", onclick: () => this.showPanel(name) }, text)]));
    const names = [1, 2].map((player) => el("span", { class: `player-${player}` }, this.playerName(player)));
    const race = (player) => RACES[this.world.trace.players[player]?.race] ?? "";
    fill(this.root,
      el("header", {},
        el("h1", {}, names[0], el("small", {}, ` ${race(1)} `), "v ", names[1], el("small", {}, ` ${race(2)}`)),
        parts.status, parts.world, parts.fog,
        el("button", { title: "dark or light (t)", onclick: () => this.toggleTheme() }, "Theme"),
        el("button", { title: "keys (?)", onclick: () => parts.help.showModal() }, "Keys"),
        document.getElementById("embedded") ? null : el("a", { class: "button", href: "/" }, "Matches")),
      el("main", {},
        el("section", { class: "stage" }, el("div", { class: "bar" }, parts.banks), el("div", { class: "ground" }, parts.map)),
        el("aside", {}, el("div", { class: "bar" }, parts.mind), el("div", { class: "tabs", role: "tablist" }, Object.values(this.tabs)), body)),
      el("footer", {},
        el("div", { class: "controls" }, parts.play, parts.clock, parts.speed, parts.live),
        el("div", { class: "strip" }, parts.timeline, parts.tip)),
      parts.help);
    this.map = new MapView(parts.map, (tag) => this.select(tag));
    this.timeline = new Timeline(parts.timeline, parts.tip, (loop) => this.seek(loop));
    this.panels = new Panels(body, this);
    this.showPanel("unit");
    // A link that is renewed between press and release would miss its click.
    body.addEventListener("pointerdown", () => (this._pressing = true));
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => setTimeout(() => (this._pressing = false), 0));
    parts.map.addEventListener("pointermove", () => (this._dirty = true));
    parts.map.addEventListener("wheel", () => (this._dirty = true), { passive: true });
    parts.map.addEventListener("pointerdown", () => (this._dirty = true));
  }

  _status() {
    const { trace } = this.world;
    const end = this.traces.map((one) => one.end).find(Boolean);
    const winner = Object.entries(end?.results ?? {}).find(([, result]) => result === "Victory")?.[0];
    const results = winner ? `${winner} wins (Victory)` : end?.results ? Object.values(end.results)[0] : end?.result ?? "";
    const problem = this.traces.map((one) => one.problem).find(Boolean);
    const state = problem ? `incomplete: ${problem}` : end ? results : this.live ? "running" : "the trace has no end: the match was cut off";
    this.parts.status.textContent = `${trace.map?.name ?? ""}  ${clock(this.lastLoop)}  ${state}`;
    this.parts.live.hidden = !this.live;
  }

  toggleTheme() {
    const theme = document.documentElement.dataset.theme === "light" ? "dark" : "light";
    setTheme(theme);
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // A file opened from disk may have no storage; the theme then lasts as long as the page.
    }
    this.map.restyle();
    this._redraw();
  }

  _redraw() {
    this._dirty = true;
    this._panelsAt = -Infinity;
  }

  _draw(now) {
    requestAnimationFrame(this._frame);
    const passed = Math.min(now - (this._drawnAt ?? now), 250) / 1000;
    this._drawnAt = now;
    if (this.playing) this._advance(passed);
    if (!this._dirty && !this.playing) return;
    this._dirty = false;
    this.map.draw(this.loop);
    if (!this.playing || now - this._timelineAt >= TIMELINE_EVERY_MS) {
      this._timelineAt = now;
      this.timeline.draw(this.loop);
    }
    this.parts.live.classList.toggle("on", this.following);
    if (now - this._panelsAt < PANEL_EVERY_MS || this._pressing) {
      this._dirty = true; // what the panels have missed they show in a later frame
      return;
    }
    this._panelsAt = now;
    this.parts.clock.textContent = `${clock(this.loop)} / ${clock(this.lastLoop)}`;
    this.parts.clock.title = `loop ${Math.floor(this.loop)}`;
    this.parts.timeline.setAttribute("aria-valuetext", clock(this.loop));
    this._banks();
    this.panels.update();
  }

  _advance(seconds) {
    const { lastLoop } = this;
    if (this.following) {
      // Catches up with the match smoothly, whatever its speed is.
      this.loop += (lastLoop - this.loop) * Math.min(1, seconds * 2.5);
      return;
    }
    this.loop += seconds * LOOPS_PER_SECOND * this.speed;
    if (this.loop < lastLoop) return;
    this.loop = lastLoop;
    if (this.live) this.following = true;
    else this.play(false);
  }

  _banks() {
    const { columns, known } = this.world.at(this.loop);
    const units = { 1: 0, 2: 0 };
    for (let unit = 0; unit < known; unit++) if (columns[COLUMN.flags][unit] & FLAG.present && columns[COLUMN.owner][unit] in units) units[columns[COLUMN.owner][unit]]++;
    fill(this.parts.banks, [1, 2].map((player) => {
      const bank = this.world.bankAt(player, this.loop);
      const entry = (value, what) => el("span", { title: what }, el("b", {}, value), ` ${what}`);
      return el("div", {}, el("span", { class: `name player-${player}`, title: this.playerName(player) }, this.playerName(player)), bank
        ? [entry(number(bank[0]), "minerals"), entry(number(bank[1]), "gas"), entry(`${number(bank[2])}/${number(bank[3])}`, "supply"),
          entry(number(bank[4]), "workers"), entry(number(units[player]), "units")]
        : entry(number(units[player]), "units seen"));
    }));
  }

  _key(event) {
    if (event.target.closest?.("input, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
    const seconds = (event.shiftKey ? 30 : 5) * LOOPS_PER_SECOND;
    const step = this.world.stepLoops;
    const panel = PANELS[Number(event.key) - 1];
    const marker = (way) => {
      const marks = this.timeline.marks.map((mark) => mark.loop);
      const loop = way > 0 ? marks.find((at) => at > this.loop + 1) : marks.findLast((at) => at < this.loop - 1);
      if (loop !== undefined) this.seek(loop);
    };
    const actions = {
      " ": () => this.play(),
      ArrowLeft: () => this.seek(this.loop - seconds),
      ArrowRight: () => this.seek(this.loop + seconds),
      ",": () => this.seek(this.loop - step),
      ".": () => this.seek(this.loop + step),
      Home: () => this.seek(0),
      End: () => this.seek(this.lastLoop),
      "[": () => this.setSpeed(SPEEDS[Math.max(0, SPEEDS.indexOf(this.speed) - 1)]),
      "]": () => this.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, SPEEDS.indexOf(this.speed) + 1)]),
      "+": () => this.map.zoom(1.25), "=": () => this.map.zoom(1.25),
      "-": () => this.map.zoom(0.8),
      0: () => this.map.fit(),
      w: () => this.map.pan(0, 60), s: () => this.map.pan(0, -60), a: () => this.map.pan(-60, 0), d: () => this.map.pan(60, 0),
      n: () => marker(1), p: () => marker(-1),
      o: () => this._toggle("orders"), f: () => this._toggle("fog"), l: () => this._toggle("labels"),
      t: () => this.toggleTheme(),
      Escape: () => this.select(null),
      "?": () => this.parts.help.showModal(),
    };
    const action = panel ? () => this.showPanel(panel[0]) : actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
    this._dirty = true;
  }

  _toggle(layer) {
    this.map.layers[layer] = !this.map.layers[layer];
    this.map._loop = -1;
  }
}
