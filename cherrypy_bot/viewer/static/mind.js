// A bot's mind from its trace: what was on the blackboard, which tasks held whom, and why a unit was ordered about.

import { byLoop, lastNotAfter } from "./dom.js";

const RUNNING = new Set(["waiting", "ongoing"]);
const OUTCOME_LOOPS = 336; // 15 seconds: what a prediction is compared with

export class Mind {
  constructor(trace) {
    this.trace = trace;
    this.loops = []; // of records
    this.tasks = new Map(); // id -> [{ loop, task }]
    this.holders = new Map(); // tag -> [{ loop, id }], id null: free
    this.orders = new Map(); // tag -> [{ loop, order }]
    this.posts = new Map(); // id -> { loop, post }
    this.children = new Map(); // id -> [id]
    this.consumed = new Map(); // id -> { loop, by }
    this.board = new Map(); // key -> [{ loop, value }]
    this.modules = [];
    this.times = []; // { loop, ms: {module: ms} }
    this.logs = []; // { loop, level, module, text }
    this.faults = []; // { loop, module, hook, error, upcs }
    this.predictions = []; // { loop, module, win, x, y, own, enemy }
    this.selector = []; // { loop, values }
    this.choices = []; // { loop, policy, build, decided, values, spread, abstained, random, why }
    this.notes = new Map(); // loop -> [facts]
    this.postLoops = []; // { loop, ids }
    this._held = new Map(); // task id -> Set of tags
    this._taken = 0;
    this.update();
  }

  get name() {
    return this.trace.header?.bot ?? this.trace.name;
  }

  get player() {
    const mine = Object.entries(this.trace.players).find(([, player]) => player.me);
    return mine ? Number(mine[0]) : 1;
  }

  update() {
    for (; this._taken < this.trace.records.length; this._taken++) this._take(this.trace.records[this._taken]);
    this.modules = this.trace.header?.modules ?? this.modules;
  }

  _take(record) {
    const { loop } = record;
    this.loops.push(loop);
    for (const post of record.posts ?? []) {
      this.posts.set(post.id, { loop, post });
      if (post.parent != null) push(this.children, post.parent, post.id);
    }
    if (record.posts) this.postLoops.push({ loop, ids: record.posts.map((post) => post.id) });
    for (const [id, by] of record.consumes ?? []) this.consumed.set(id, { loop, by });
    for (const task of record.tasks ?? []) this._task(loop, task);
    for (const order of record.orders ?? []) push(this.orders, order[0], { loop, order });
    for (const [key, value] of Object.entries(record.board ?? {})) push(this.board, key, { loop, value });
    if (record.ms) this.times.push({ loop, ms: record.ms });
    for (const [level, module, text] of record.logs ?? []) this.logs.push({ loop, level, module, text });
    for (const fault of record.faults ?? []) {
      this.faults.push({ loop, ...fault });
      this.logs.push({ loop, level: "FAULT", module: fault.module, text: `${fault.hook}: ${fault.error}` });
    }
    for (const [module, facts] of record.notes ?? []) {
      push(this.notes, loop, facts);
      if (facts.selector !== null && typeof facts.selector === "object") this._noted(loop, facts.selector, record.selector);
      // The selector's values are drawn; as text they would bury the rest.
      const text = Object.entries(facts).filter(([key]) => key !== "selector").map(([key, value]) => `${key} ${plain(value)}`).join(", ");
      if (text) this.logs.push({ loop, level: "NOTE", module, text });
      if (typeof facts.win === "number") this.predictions.push({ loop, module, win: facts.win });
    }
    for (const [module, facts] of record.predicted ?? []) this.predictions.push({ loop, module, ...facts });
    if (record.selector) this._selected(loop, record.selector);
    for (const [player, text] of record.chat ?? []) this.logs.push({ loop, level: "CHAT", module: `player ${player}`, text });
  }

  // A note of the selector: {policy, build, decided, values, spread, abstained, random, why}, or the values alone.
  _noted(loop, found, known) {
    if ("values" in found || "why" in found) {
      this.choices.push({ loop, ...found });
      if (!known) this._selected(loop, found.values ?? {});
    } else if (!known) this._selected(loop, found);
  }

  _selected(loop, found) {
    const values = Object.fromEntries(Object.entries(found).filter(([, value]) => typeof value === "number"));
    if (Object.keys(values).length) this.selector.push({ loop, values });
  }

  _task(loop, task) {
    push(this.tasks, task.id, { loop, task });
    const before = this._held.get(task.id) ?? new Set();
    const now = new Set(RUNNING.has(task.status) ? (task.units ?? []) : []);
    for (const tag of before) if (!now.has(tag)) this._holder(loop, tag, null, task.id);
    for (const tag of now) if (!before.has(tag)) this._holder(loop, tag, task.id);
    this._held.set(task.id, now);
  }

  _holder(loop, tag, id, leaving = null) {
    const list = this.holders.get(tag);
    // Taken over by another task in the same step: that entry stands.
    if (leaving !== null && list?.at(-1)?.id !== leaving) return;
    push(this.holders, tag, { loop, id });
  }

  taskAt(id, loop) {
    const list = this.tasks.get(id);
    return list?.[lastNotAfter(list, loop, byLoop)]?.task ?? null;
  }

  // Tasks that run at a loop, and those that ended in the last `recent` loops: [{ task, since, ended }].
  tasksAt(loop, recent = 224) {
    const found = [];
    for (const list of this.tasks.values()) {
      const at = lastNotAfter(list, loop, byLoop);
      if (at < 0) continue;
      const { task, loop: changed } = list[at];
      const running = RUNNING.has(task.status);
      if (running || loop - changed <= recent) found.push({ task, since: list[0].loop, ended: running ? null : changed });
    }
    return found;
  }

  holderAt(tag, loop) {
    const list = this.holders.get(tag) ?? [];
    const id = list[lastNotAfter(list, loop, byLoop)]?.id ?? null;
    return id === null ? null : this.taskAt(id, loop);
  }

  orderAt(tag, loop) {
    const list = this.orders.get(tag) ?? [];
    return list[lastNotAfter(list, loop, byLoop)] ?? null;
  }

  // Why a unit does what it does: task, last order, and the posts from the order to its root, newest first.
  story(tag, loop) {
    const order = this.orderAt(tag, loop);
    const chain = (order?.order[4] ?? []).map((id) => this.posts.get(id)).filter(Boolean);
    return { task: this.holderAt(tag, loop), order, chain };
  }

  // Values of the blackboard at a loop: [{ key, value, changed }].
  boardAt(loop) {
    const found = [];
    for (const [key, list] of this.board) {
      const at = lastNotAfter(list, loop, byLoop);
      if (at >= 0) found.push({ key, value: list[at].value, changed: list[at].loop });
    }
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  // Posts of the last step with any, with their ancestors, as a forest: [{ post, loop, children, now }].
  upcsAt(loop) {
    const at = lastNotAfter(this.postLoops, loop, byLoop);
    if (at < 0) return { loop: 0, roots: [] };
    const step = this.postLoops[at];
    const nodes = new Map();
    const roots = [];
    const node = (id, now) => {
      const known = nodes.get(id);
      if (known) {
        known.now ||= now;
        return known;
      }
      const found = this.posts.get(id);
      if (!found) return null;
      const made = { ...found, now, children: [] };
      nodes.set(id, made);
      const parent = found.post.parent != null ? node(found.post.parent, false) : null;
      (parent ? parent.children : roots).push(made);
      return made;
    };
    for (const id of step.ids) node(id, true);
    return { loop: step.loop, roots };
  }

  // What the predicted fights came to: win is the probability given, share the part of all losses that the other had.
  outcomes(world) {
    const me = this.player;
    return this.predictions.map((prediction) => {
      const { loop, x = null, y = null } = prediction;
      const lost = world.losses(loop, OUTCOME_LOOPS, x, y);
      const total = lost[1] + lost[2];
      return { ...prediction, lostOwn: lost[me], lostEnemy: lost[3 - me], share: total > 0 ? lost[3 - me] / total : null };
    });
  }

  // The reason in the notes of the step in which the build order changed: the selector's, a reaction of the build's own,
  // or a note's about build orders.
  _whyBuild(loop, build) {
    const notes = this.notes.get(loop) ?? [];
    const choice = notes.map((facts) => facts.selector).find((found) => found?.why && (found.decided === build || (!found.build && !found.decided)));
    if (choice) return `${choice.policy ? `${choice.policy}: ` : ""}${choice.why}`;
    const reaction = notes.find((facts) => facts.changes?.length);
    if (reaction) return `reaction of ${reaction.build}: ${reaction.changes.join(", ")}`;
    return String(notes.find((facts) => facts.why && ["build", "switch", "opening"].some((key) => key in facts))?.why ?? "");
  }

  buildSwitches() {
    return (this.board.get("build") ?? []).filter((entry) => entry.value).map(({ loop, value }) => ({ loop, build: String(value), why: this._whyBuild(loop, String(value)) }));
  }
}

function push(map, key, value) {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

// A value for people: numbers with two decimals, one line per entry of what is nested.
export function plain(value, nested = false) {
  if (typeof value === "number") return String(Number.isInteger(value) ? value : Number(value.toFixed(2)));
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) {
    const deep = value.some((item) => item !== null && typeof item === "object" && !Array.isArray(item));
    if (value.length === 0) return "none";
    const items = value.map((item) => plain(item, true));
    return deep ? items.join("\n") : `(${items.join(", ")})`;
  }
  const entries = Object.entries(value);
  if (!entries.length) return "none";
  const deep = !nested && entries.some(([, item]) => item !== null && typeof item === "object" && !Array.isArray(item));
  return entries.map(([key, item]) => `${key} ${plain(item, true)}`).join(deep ? "\n" : ", ");
}
