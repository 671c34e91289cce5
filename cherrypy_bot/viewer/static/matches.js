// The list of matches in the folder, what the arenas' databases say of the bots, and training runs.

import { clock, css, el, fill, number } from "./dom.js";
import { Chart, SERIES } from "./charts.js";

const MOST_ARENA_ROWS = 60; // more are behind a click

function size(bytes) {
  return bytes < 1e6 ? `${number(bytes / 1e3)} kB` : `${number(bytes / 1e6, 1)} MB`;
}

function when(seconds) {
  return new Date(seconds * 1000).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

function matchLink(name, text) {
  return el("a", { href: `/match?name=${encodeURIComponent(name)}` }, text);
}

function reportLink(name) {
  return el("a", { href: `/report?match=${encodeURIComponent(name)}`, title: "what the replay says of the match" }, "report");
}

function tableOf(classes, heads, rows) {
  return el("table", { class: classes },
    el("thead", {}, el("tr", {}, heads.map((text) => el("th", { scope: "col", class: text.startsWith("#") ? "number" : "" }, text.replace("#", ""))))),
    el("tbody", {}, rows));
}

export async function showMatches(root) {
  document.title = "Matches - cherrypy_bot";
  const filter = el("input", { type: "search", placeholder: "filter by bot, build or map", "aria-label": "filter by bot, build or map", oninput: () => draw() });
  const list = el("div");
  const builds = el("div");
  const arena = el("div");
  const training = el("div");
  fill(root,
    el("header", {}, el("h1", {}, "Matches"), el("span", { class: "grow" }), filter),
    el("div", { class: "page" }, list, builds, arena, training));
  let matches = [];
  let matrix = null;
  const draw = () => {
    const wanted = filter.value.toLowerCase();
    const rows = matches
      .filter((match) => `${match.players.join(" ")} ${match.map} ${match.name} ${match.minds.map((mind) => mind.opening).join(" ")}`.toLowerCase().includes(wanted))
      .map((match) => el("tr", {},
        el("td", {}, matchLink(match.name, match.players.join(" v ") || match.name)),
        el("td", { class: "muted" }, match.minds.map((mind) => mind.opening).join(" v ")),
        el("td", {}, match.map),
        el("td", {}, match.winner ?? (match.live ? "running" : match.ended ? "no winner" : "cut off")),
        el("td", { class: "number" }, match.loop ? clock(match.loop) : ""),
        el("td", { class: "number" }, match.seed ?? ""),
        el("td", { class: "number" }, size(match.bytes)),
        el("td", {}, match.replay ? reportLink(match.name) : ""),
        el("td", {}, when(match.written))));
    fill(list, rows.length
      ? tableOf("matches", ["match", "openings", "map", "winner", "#length [min:s]", "#seed", "#trace", "replay", "written"], rows)
      : el("p", { class: "empty" }, matches.length ? "No match fits the filter." : "There is no trace in this folder yet: play a match with cherrypy-bot play."));
    fill(builds, matrix ? el("section", { class: "arena" }, el("h2", {}, matrix.title), winTable(matrix)) : null);
  };
  const refresh = async () => {
    const answer = await fetch("/api/matches");
    if (answer.ok) {
      ({ matches, matrix } = await answer.json());
      draw();
    }
  };
  await refresh();
  setInterval(() => document.hidden || refresh(), 3000);
  const [arenas, runs] = await Promise.all(["/api/arena", "/api/training"].map((url) => fetch(url)));
  if (arenas.ok) {
    const charts = [];
    const found = await arenas.json();
    const place = ({ name }) => (name === "." ? "this folder" : name);
    fill(arena, [
      ...found.arenas.map((one) => showArena(`Arena: ${place(one)}`, one, charts)),
      ...found.leagues.map((one) => showArena(`Self-play: ${place(one)}`, one, charts)),
    ]);
    for (const draw of charts) draw();
  }
  if (runs.ok) fill(training, showTraining(await runs.json()));
}

function bare(index) {
  const swatch = el("span", { class: "swatch" });
  swatch.style.backgroundColor = SERIES[index % SERIES.length];
  return swatch;
}

// Ratings, their course, the matrices of wins and the matches; what is drawn once the canvas is on the page goes to `charts`.
function showArena(title, { ratings, history, matrix, matches }, charts) {
  const canvas = el("canvas", { class: "chart wide", role: "img", "aria-label": "rating per bot over matches played" });
  const values = history.flatMap((line) => line.points.map(([, value]) => value));
  const last = Math.max(1, ...history.map((line) => line.points.at(-1)[0]));
  if (history.length) charts.push(() => {
    const chart = new Chart(canvas, { what: "rating", unit: "mu of openskill", counts: "matches played" });
    chart.bottom = Math.floor(Math.min(...values) / 5) * 5;
    if (chart.begin(0, last, Math.max(...values) * 1.05)) {
      history.forEach((line, index) => chart.line(line.points, SERIES[index % SERIES.length], { stepped: true }));
    }
  });
  return el("section", { class: "arena" },
    el("h2", {}, title),
    el("div", { class: "columns" },
      tableOf("", ["bot", "#rating [mu]", "#sigma", "#matches"], ratings.map((row, index) => el("tr", {},
        el("td", {}, bare(index), row.name),
        el("td", { class: "number" }, number(row.rating, 1)),
        el("td", { class: "number" }, number(row.error, 1)),
        el("td", { class: "number" }, number(row.matches))))),
      history.length ? canvas : null),
    matrix.map((one) => [el("h3", {}, one.title), winTable(one)]),
    el("h3", {}, "Matches, the last first"), arenaMatches(matches));
}

function arenaMatches(matches) {
  const bot = (name, opening) => [name, opening ? el("span", { class: "muted" }, ` ${opening}`) : null];
  const row = (match) => el("tr", {},
    el("td", { class: "number" }, match.id),
    el("td", {}, bot(match.bot1, match.bot1_opening), " v ", bot(match.bot2, match.bot2_opening)),
    el("td", {}, match.map),
    el("td", {}, match.winner ?? "nobody"),
    el("td", { class: "muted" }, match.type),
    el("td", { class: "number" }, match.game_steps ? clock(match.game_steps) : ""),
    el("td", {}, match.trace ? matchLink(match.name, "trace") : ""),
    el("td", {}, match.replay ? reportLink(match.name) : ""));
  const heads = ["#match", "bots and openings", "map", "winner", "result", "#length [min:s]", "trace", "replay"];
  const shown = tableOf("matches", heads, matches.slice(0, MOST_ARENA_ROWS).map(row));
  const rest = matches.slice(MOST_ARENA_ROWS);
  return [shown, rest.length ? el("details", {}, el("summary", {}, `${rest.length} more`), tableOf("matches", heads, rest.map(row))) : null];
}

function winTable({ what, rows, columns, cells }) {
  const cell = (found) => {
    if (!found) return el("td", {}, "");
    const share = found.wins / found.games;
    const node = el("td", { class: "number", title: `${found.wins} of ${found.games}` }, `${number(100 * share)} % of ${found.games}`);
    node.style.background = `color-mix(in srgb, ${css("--good")} ${Math.round(60 * share)}%, transparent)`;
    return node;
  };
  return el("div", { class: "scroll" }, el("table", { class: "matrix" },
    el("thead", {}, el("tr", {}, el("th", {}, what), columns.map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, rows.map((name, y) => el("tr", {}, el("th", { scope: "row" }, name), columns.map((_, x) => cell(cells[y][x])))))));
}

// TensorBoard is a server of its own; here is what starts it, and where each run stands.
function showTraining({ runs, tensorboard }) {
  if (!runs.length) return null;
  const value = (found) => Number(found.toPrecision(4)).toLocaleString("en", { maximumSignificantDigits: 4 });
  return el("section", { class: "arena" },
    el("h2", {}, "Training runs"),
    el("p", { class: "muted" }, "Last value of every curve. TensorBoard draws them: ", el("code", {}, "tensorboard --logdir FOLDER"), ", then open ",
      el("a", { href: tensorboard, rel: "noreferrer" }, tensorboard), "."),
    runs.map((run) => [
      el("h3", {}, run.name === "." ? "this folder" : run.name, el("span", { class: "muted" }, `  written ${when(run.written)}`)),
      el("p", {}, el("code", {}, `tensorboard --logdir ${run.folder}`)),
      run.scalars.length
        ? tableOf("scalars", ["curve", "#step", "#value"], run.scalars.map(([tag, step, last]) => el("tr", {},
          el("td", {}, tag), el("td", { class: "number" }, number(step)), el("td", { class: "number" }, value(last)))))
        : el("p", { class: "empty" }, "No scalars in its files yet."),
    ]));
}
