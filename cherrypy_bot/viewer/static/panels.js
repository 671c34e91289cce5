// The panels beside the map: what the bot thought at the time shown. All text from traces goes in as text.

import { Chart, SERIES, stackedTimes } from "./charts.js";
import { clock, css, el, fill, lastNotAfter, byLoop, LOOPS_PER_SECOND, number } from "./dom.js";
import { COLUMN, FLAG, PER_CELL } from "./format.js";
import { plain } from "./mind.js";

const RECENT_LOOPS = 34; // a value that changed within a second and a half is highlighted
const MOST_LINES = 200;
const BUDGET_MS = 40; // mean per step that the ladder asks for

export const PANELS = [
  ["unit", "Unit"],
  ["tasks", "Tasks"],
  ["upcs", "UPCs"],
  ["board", "Board"],
  ["times", "Times"],
  ["odds", "Odds"],
  ["logs", "Log"],
];

function place(position) {
  if (!Array.isArray(position)) return "";
  const [x, y, radius] = position;
  return ` at (${number(x, 1)}, ${number(y, 1)})${radius != null ? ` within ${number(radius, 1)}` : ""}`;
}

function commandText(command) {
  if (typeof command === "string") return command;
  return Object.entries(command).map(([name, share]) => `${name} ${number(100 * share)} %`).join(", ");
}

function postText(post) {
  return `${commandText(post.cmd)}${post.what ? ` ${post.what}` : ""}${place(post.pos)}`;
}

function empty(text) {
  return el("p", { class: "empty" }, text);
}

function table(head, rows, attributes = {}) {
  return el("table", attributes,
    el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))),
    el("tbody", {}, rows));
}

function pairs(entries) {
  return el("dl", {}, entries.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

export class Panels {
  // `app` gives world, mind, loop, selected, and select(tag), seek(loop).
  constructor(body, app) {
    this.body = body;
    this.app = app;
    this.shown = "unit";
    this.filters = { board: "", logs: "", level: "" };
    this._frames = {};
  }

  show(name) {
    this.shown = name;
    this._frame = null;
    this.update();
  }

  update() {
    const { mind } = this.app;
    if (this._frame !== this.shown || this._mind !== mind) {
      this._frame = this.shown;
      this._mind = mind;
      this._parts = {};
      fill(this.body);
    }
    if (this.shown === "unit") this._unit();
    else if (!mind) fill(this.body, empty("No bot of modules wrote a trace of its decisions in this match."));
    else this[`_${this.shown}`](mind);
  }

  // -- one unit --------------------------------------------------------------------------------

  _unit() {
    const { world, mind, loop, selected } = this.app;
    if (selected === null) {
      fill(this.body, empty("Click a unit on the map to read its story: its task, its orders, and why."), this._legend(), this._banks());
      return;
    }
    const unit = world.numberOf.get(selected);
    const { columns } = world.at(loop);
    if (unit === undefined) {
      fill(this.body, empty(`Unit ${selected} is not in this trace.`));
      return;
    }
    const value = (column) => columns[COLUMN[column]][unit];
    const flags = value("flags");
    const there = (flags & FLAG.present) !== 0;
    const owner = value("owner");
    const name = world.typeName(value("type"));
    const state = [
      !there && "not there at this time",
      flags & FLAG.flying && "flying",
      flags & FLAG.burrowed && "burrowed",
      flags & FLAG.cloaked && "cloaked",
      flags & FLAG.hallucination && "hallucination",
      flags & FLAG.snapshot && "remembered, not in sight",
      value("build") < 1000 && value("build") > 0 && `${number(value("build") / 10)} % built`,
    ].filter(Boolean);
    const facts = [["owner", this.app.playerName(owner)]];
    if (state.length) facts.push(["state", state.join(", ")]);
    if (value("health_max")) facts.push(["health", `${value("health")} / ${value("health_max")}`]);
    if (value("shield_max")) facts.push(["shield", `${value("shield")} / ${value("shield_max")}`]);
    if (value("energy")) facts.push(["energy", String(value("energy"))]);
    if (value("contents")) facts.push(["left in it", String(value("contents"))]);
    facts.push(["position", `(${number(value("x") / PER_CELL, 1)}, ${number(value("y") / PER_CELL, 1)}) cells`]);
    if (value("ability")) facts.push(["order", world.abilityName(value("ability"))]);
    const aim = value("target") - 1;
    if (aim >= 0) facts.push(["target", world.typeName(columns[COLUMN.type][aim])]);
    facts.push(["tag", String(selected)]);
    fill(this.body,
      el("h2", { class: `player-${owner}`, "data-unit": selected }, name),
      pairs(facts),
      mind && owner === mind.player ? this._story(mind, loop, selected) : el("p", { class: "empty" }, mind ? `${mind.name} does not order this unit about.` : ""));
  }

  _story(mind, loop, tag) {
    const { task, order, chain } = mind.story(tag, loop);
    const parts = [el("h3", {}, "Task")];
    if (task) {
      parts.push(pairs([
        ["task", `${task.id} ${task.name ?? ""}`],
        ["of", task.by ?? "?"],
        ["status", `${task.status}${task.why ? `: ${task.why}` : ""}`],
        ["units", String(task.units?.length ?? 0)],
      ]));
    } else parts.push(empty("No task holds it."));
    parts.push(el("h3", {}, "Last order, and why"));
    if (!order) return [...parts, empty("It was given no order yet.")];
    const [, ability, target, queued] = order.order;
    const aim = Array.isArray(target) ? place(target) : target != null ? ` on ${this._nameOf(target)}` : "";
    parts.push(pairs([
      ["order", `${mind.trace.abilities[ability] ?? this.app.world.abilityName(ability)}${aim}${queued ? ", queued" : ""}`],
      ["given", el("a", { href: "#", onclick: (event) => this._go(event, order.loop) }, clock(order.loop))],
      ["decided by", chain[0] ? `${chain[0].post.by ?? "?"}${chain[0].post.note ? `: ${chain[0].post.note}` : ""}` : "unknown"],
    ]));
    parts.push(el("ol", { class: "chain" }, chain.map(({ post, loop: posted }) =>
      el("li", {},
        el("strong", {}, post.by ?? "?"), " ", postText(post),
        post.note ? el("span", { class: "note" }, ` ${post.note}`) : null,
        el("span", { class: "muted" }, ` #${post.id}, ${clock(posted)}`)))));
    return parts;
  }

  _nameOf(tag) {
    const { world, loop } = this.app;
    const unit = world.numberOf.get(tag);
    return unit === undefined ? String(tag) : world.typeName(world.at(loop).columns[COLUMN.type][unit]);
  }

  _legend() {
    const item = (style, text) => el("li", {}, el("span", { class: `swatch ${style}` }), text);
    return [el("h3", {}, "On the map"), el("ul", { class: "legend" },
      item("p1", `${this.app.playerName(1)} (circles)`),
      item("p2", `${this.app.playerName(2)} (diamonds)`),
      item("square1", "squares: structures"),
      item("mineral", "minerals"),
      item("geyser", "gas"),
      item("creep", "creep"),
      item("shot", "attacks"))];
  }

  _banks() {
    const { world, loop } = this.app;
    const rows = [1, 2].map((player) => {
      const bank = world.bankAt(player, loop);
      return el("tr", {}, el("th", { scope: "row", class: `player-${player}` }, this.app.playerName(player)),
        (bank ? [number(bank[0]), number(bank[1]), `${number(bank[2])}/${number(bank[3])}`, number(bank[4]), number(bank[5])] : ["?", "?", "?", "?", "?"])
          .map((text) => el("td", { class: "number" }, text)));
    });
    const army = world.trace.header?.bot === "world" ? "army [min+gas]" : "army [supply]";
    return [el("h3", {}, "Both sides"), table(["", "minerals", "gas", "supply", "workers", army], rows)];
  }

  _go(event, loop) {
    event.preventDefault();
    this.app.seek(loop);
  }

  // -- tasks -----------------------------------------------------------------------------------

  _tasks(mind) {
    const { loop } = this.app;
    const tasks = mind.tasksAt(loop).sort((a, b) => (a.ended === null) === (b.ended === null) ? a.task.id - b.task.id : a.ended === null ? -1 : 1);
    const rows = tasks.map(({ task, since, ended }) =>
      el("tr", { class: ended === null ? "" : "ended", "data-task": task.id },
        el("td", { class: "number" }, String(task.id)),
        el("td", {}, task.name ?? "", el("span", { class: "muted" }, ` ${task.by ?? ""}`)),
        el("td", {}, el("span", { class: `status ${task.status}` }, task.status), task.why ? ` ${task.why}` : ""),
        el("td", { class: "units" }, this._unitLinks(task.units ?? [])),
        el("td", { class: "number" }, clock(since))));
    fill(this.body,
      el("p", { class: "muted" }, `${tasks.filter((one) => one.ended === null).length} run; those that ended in the last 10 s are faint`),
      rows.length ? table(["id", "task", "status", "units", "since"], rows) : empty("No task yet."));
  }

  _unitLinks(tags) {
    const { world, loop } = this.app;
    const kinds = new Map();
    const { columns } = world.at(loop);
    for (const tag of tags) {
      const unit = world.numberOf.get(tag);
      const name = unit === undefined ? "?" : world.typeName(columns[COLUMN.type][unit]);
      if (!kinds.has(name)) kinds.set(name, []);
      kinds.get(name).push(tag);
    }
    return [...kinds].map(([name, list]) =>
      el("a", { href: "#", title: "select the next of them", onclick: (event) => {
        event.preventDefault();
        const at = list.indexOf(this.app.selected);
        this.app.select(list[(at + 1) % list.length]);
      } }, `${list.length} ${name} `));
  }

  // -- UPC tuples ------------------------------------------------------------------------------

  _upcs(mind) {
    const { loop } = this.app;
    const { loop: step, roots } = mind.upcsAt(loop);
    const branch = (node) => {
      const consumer = mind.consumed.get(node.post.id);
      const units = Array.isArray(node.post.units) ? node.post.units : [];
      return el("li", { class: node.now ? "now" : "" },
        el("span", { class: "upc" },
          el("strong", {}, postText(node.post)),
          el("span", { class: "muted" }, ` #${node.post.id} by ${node.post.by ?? "?"}${node.post.pr ? `, priority ${number(node.post.pr, 1)}` : ""}`),
          units.length ? [" ", this._unitLinks(units)] : null,
          node.post.note ? el("span", { class: "note" }, ` ${node.post.note}`) : null,
          consumer && consumer.loop <= loop ? el("span", { class: "consumed" }, ` → ${consumer.by}`) : null),
        node.children.length ? el("ul", {}, node.children.map(branch)) : null);
    };
    fill(this.body,
      el("p", { class: "muted" }, `Posted at ${clock(step)} (loop ${step}), under what they were refined from; → says who consumed them`),
      roots.length ? el("ul", { class: "tree" }, roots.map(branch)) : empty("Nothing was posted yet."));
  }

  // -- blackboard ------------------------------------------------------------------------------

  _board(mind) {
    this._filtered("board", "filter keys and values");
    const { loop } = this.app;
    const wanted = this.filters.board.toLowerCase();
    const rows = mind.boardAt(loop)
      .map((entry) => ({ ...entry, text: plain(entry.value) }))
      .filter(({ key, text }) => `${key} ${text}`.toLowerCase().includes(wanted))
      .map(({ key, text, changed }) =>
        el("tr", { class: loop - changed <= RECENT_LOOPS ? "changed" : "", "data-key": key },
          el("th", { scope: "row" }, key),
          el("td", { class: "value" }, text.length > 320 ? `${text.slice(0, 320)}...` : text),
          el("td", { class: "number" }, el("a", { href: "#", title: "go to the change", onclick: (event) => this._go(event, changed) }, clock(changed)))));
    fill(this._parts.list, rows.length ? table(["key", "value", "changed"], rows) : empty("No key matches."));
  }

  // A filter field that keeps its text and focus while the list under it is renewed.
  _filtered(name, label, ...more) {
    if (this._parts.list) return;
    const input = el("input", { type: "search", placeholder: label, "aria-label": label, value: this.filters[name], oninput: () => {
      this.filters[name] = input.value;
      this.update();
    } });
    this._parts.list = el("div");
    fill(this.body, el("div", { class: "filter" }, input, ...more), this._parts.list);
  }

  // -- times -----------------------------------------------------------------------------------

  _times(mind) {
    if (!this._parts.chart) {
      const canvas = el("canvas", { class: "chart tall", role: "img", "aria-label": "milliseconds per module over game time" });
      this._parts.chart = new Chart(canvas, { what: "time per step", unit: "ms" });
      this._parts.list = el("div");
      fill(this.body, canvas, this._parts.list);
      canvas.addEventListener("click", (event) => this.app.seek(this._parts.chart.loopAt(event.offsetX)));
    }
    const { loop } = this.app;
    const { chart, list } = this._parts;
    const last = this.app.lastLoop;
    const { loops, layers, highest } = stackedTimes(mind, 0, last);
    const budget = mind.trace.header?.budget_ms ?? BUDGET_MS;
    // The budget line belongs into the picture only where the times come near it.
    const near = highest > budget / 4;
    if (chart.begin(0, last, near ? Math.max(highest, budget) * 1.1 : highest * 1.15)) {
      chart.stack(loops, layers);
      if (near) chart.level(budget, css("--mark-fault"), `budget ${budget} ms`);
      chart.cursor(loop);
    }
    const at = mind.times[lastNotAfter(mind.times, loop, byLoop)]?.ms ?? {};
    const total = Object.values(at).reduce((sum, value) => sum + value, 0);
    const rows = layers.map(({ name, colour, values }) => {
      const swatch = el("span", { class: "swatch" });
      swatch.style.backgroundColor = colour;
      const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
      return el("tr", { "data-module": name }, el("td", {}, swatch, name), el("td", { class: "number" }, number(at[name] ?? 0, 2)), el("td", { class: "number" }, number(mean, 2)));
    });
    rows.push(el("tr", {}, el("td", {}, "all modules"), el("td", { class: "number" }, number(total, 2)), el("td", { class: "number" }, "")));
    fill(list,
      el("p", { class: "muted" }, near ? "" : `budget ${budget} ms a step (above the chart)`),
      table(["module", "this step [ms]", "mean [ms]"], rows));
  }

  // -- selector and predictions ----------------------------------------------------------------

  _odds(mind) {
    const { loop, world } = this.app;
    const last = this.app.lastLoop;
    if (!this._parts.selector) {
      const chartOf = (label, what) => {
        const canvas = el("canvas", { class: "chart", role: "img", "aria-label": label });
        canvas.addEventListener("click", (event) => this.app.seek(chart.loopAt(event.offsetX)));
        const chart = new Chart(canvas, { what, unit: "", top: 1 });
        return chart;
      };
      this._parts.selector = chartOf("probability of winning per build over game time", "win probability per build");
      this._parts.fights = chartOf("predicted fights and what came of them", "win predicted ● and share of losses that the enemy had ○");
      this._parts.list = el("div");
      this._parts.key = el("div");
      const hasSelector = mind.selector.length > 0;
      fill(this.body,
        el("h3", {}, "Build orders"),
        hasSelector ? this._parts.selector.canvas : empty(mind.choices.length
          ? `Policy ${mind.choices[0].policy ?? "?"} gave no probabilities. Builds it played:` : "This bot had no selector. Builds it played:"),
        this._parts.key,
        el("h3", {}, "Fights: predicted, and what then happened"), this._parts.fights.canvas, this._parts.list);
    }
    const { selector, fights, list, key } = this._parts;
    const switches = mind.buildSwitches();
    if (mind.selector.length && selector.begin(0, last, 1)) {
      const builds = [...new Set(mind.selector.flatMap((entry) => Object.keys(entry.values)))];
      builds.forEach((build, index) => {
        const points = mind.selector.filter((entry) => build in entry.values).map((entry) => [entry.loop, entry.values[build]]);
        // A ninth build has the first one's colour, so it is dashed.
        selector.line(points, SERIES[index % SERIES.length], { stepped: true, dash: index < SERIES.length ? [] : [4, 3] });
      });
      switches.forEach(({ loop: at }, index) => selector.mark(at, css("--mark-build"), String(index + 1)));
      selector.cursor(loop);
      const now = mind.selector[lastNotAfter(mind.selector, loop, byLoop)]?.values ?? {};
      const choice = mind.choices[lastNotAfter(mind.choices, loop, byLoop)];
      const played = switches[lastNotAfter(switches, loop, byLoop)]?.build;
      fill(key,
        el("ul", { class: "legend" }, builds.map((build, index) => {
          const swatch = el("span", { class: "swatch" });
          swatch.style.backgroundColor = SERIES[index % SERIES.length];
          const spread = choice?.spread?.[build];
          return el("li", { class: build === played ? "played" : "", "data-build": build }, swatch, build,
            build in now ? ` ${number(100 * now[build])} %` : "", build in now && spread ? el("span", { class: "muted" }, ` ± ${number(100 * spread)}`) : null);
        })),
        choice ? el("p", { class: "muted choice" }, `${clock(choice.loop)} ${choice.policy ?? "selector"}${choice.abstained ? " abstains" : ""}: ${choice.why || "no decision"}`) : null,
        this._switches(switches));
    } else fill(key, this._switches(switches));
    const outcomes = mind.outcomes(world);
    if (fights.begin(0, last, 1)) {
      for (const one of outcomes) {
        if (one.share !== null) {
          fights.line([[one.loop, one.win], [one.loop + 1, one.share]], css("--muted"), { width: 1 });
          fights.dot(one.loop, one.share, css("--accent"), true);
        }
        fights.dot(one.loop, one.win, css("--accent"));
      }
      fights.cursor(loop);
    }
    const rows = outcomes.slice(-MOST_LINES).map((one) =>
      el("tr", { class: one.loop <= loop && loop - one.loop <= 15 * LOOPS_PER_SECOND ? "changed" : "" },
        el("td", { class: "number" }, el("a", { href: "#", onclick: (event) => this._go(event, one.loop) }, clock(one.loop))),
        el("td", { class: "number" }, `${number(100 * one.win)} %`),
        el("td", { class: "number" }, number(one.lostOwn)),
        el("td", { class: "number" }, number(one.lostEnemy))));
    fill(list, rows.length
      ? table(["at", "win predicted", "we lost in 15 s [min+gas]", "they lost [min+gas]"], rows)
      : empty("No fight was predicted."));
  }

  // Which build order from when on, numbered as in the chart, and why.
  _switches(switches) {
    return el("ol", { class: "switches" }, switches.map(({ loop: at, build, why }) =>
      el("li", {}, el("a", { href: "#", onclick: (event) => this._go(event, at) }, clock(at)), ` ${build}`, why ? el("span", { class: "note" }, ` ${why}`) : null)));
  }

  // -- log -------------------------------------------------------------------------------------

  _logs(mind) {
    const levels = ["", "NOTE", "INFO", "WARNING", "ERROR", "FAULT", "CHAT"];
    const choice = el("select", { "aria-label": "level", onchange: () => {
      this.filters.level = choice.value;
      this.update();
    } }, levels.map((level) => el("option", { value: level, selected: level === this.filters.level }, level || "all levels")));
    this._filtered("logs", "filter by module or text", choice);
    const { loop } = this.app;
    const wanted = this.filters.logs.toLowerCase();
    const lines = mind.logs.filter((line) => line.loop <= loop
      && (!this.filters.level || line.level === this.filters.level)
      && `${line.module} ${line.text}`.toLowerCase().includes(wanted)).slice(-MOST_LINES).reverse();
    const rows = lines.map((line) => el("tr", { class: loop - line.loop <= RECENT_LOOPS ? "changed" : "" },
      el("td", { class: "number" }, el("a", { href: "#", onclick: (event) => this._go(event, line.loop) }, clock(line.loop))),
      el("td", {}, el("span", { class: `level ${line.level}` }, line.level)),
      el("td", {}, line.module),
      el("td", { class: "value" }, line.text)));
    fill(this._parts.list, rows.length ? table(["at", "level", "module", "text, newest first"], rows) : empty("Nothing was said up to now."));
  }
}
