// The list of matches in the folder, and what the arena's database says of the bots.

import { clock, css, el, fill, number } from "./dom.js";
import { Chart, SERIES } from "./charts.js";

function size(bytes) {
  return bytes < 1e6 ? `${number(bytes / 1e3)} kB` : `${number(bytes / 1e6, 1)} MB`;
}

export async function showMatches(root) {
  document.title = "Matches - cherrypy_bot";
  const filter = el("input", { type: "search", placeholder: "filter by bot or map", "aria-label": "filter by bot or map", oninput: () => draw() });
  const list = el("div");
  const arena = el("div");
  fill(root,
    el("header", {}, el("h1", {}, "Matches"), el("span", { class: "grow" }), filter),
    el("div", { class: "page" }, list, arena));
  let matches = [];
  const draw = () => {
    const wanted = filter.value.toLowerCase();
    const rows = matches
      .filter((match) => `${match.players.join(" ")} ${match.map} ${match.name}`.toLowerCase().includes(wanted))
      .map((match) => el("tr", {},
        el("td", {}, el("a", { href: `/match?name=${encodeURIComponent(match.name)}` }, match.players.join(" v ") || match.name)),
        el("td", {}, match.map),
        el("td", {}, match.winner ?? (match.live ? "running" : match.ended ? "no winner" : "cut off")),
        el("td", { class: "number" }, match.loop ? clock(match.loop) : ""),
        el("td", { class: "number" }, match.seed ?? ""),
        el("td", { class: "number" }, size(match.bytes)),
        el("td", {}, new Date(match.written * 1000).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" }))));
    fill(list, rows.length
      ? el("table", { class: "matches" }, el("thead", {}, el("tr", {}, ["match", "map", "winner", "length [min:s]", "seed", "trace", "written"].map((text) => el("th", {}, text)))), el("tbody", {}, rows))
      : el("p", { class: "empty" }, matches.length ? "No match fits the filter." : "There is no trace in this folder yet: play a match with cherrypy-bot play."));
  };
  const refresh = async () => {
    const answer = await fetch("/api/matches");
    if (answer.ok) {
      ({ matches } = await answer.json());
      draw();
    }
  };
  await refresh();
  setInterval(() => document.hidden || refresh(), 3000);
  const answer = await fetch("/api/arena");
  if (!answer.ok) return;
  const charts = [];
  fill(arena, (await answer.json()).arenas.map((one) => showArena(one, charts)));
  for (const draw of charts) draw();
}

function bare(index) {
  const swatch = el("span", { class: "swatch" });
  swatch.style.backgroundColor = SERIES[index % SERIES.length];
  return swatch;
}

// Ratings, their course and the matrix of wins; what is drawn once the canvas is on the page goes to `charts`.
function showArena({ name, ratings, history, matrix }, charts) {
  const canvas = el("canvas", { class: "chart wide", role: "img", "aria-label": "rating per bot over matches played" });
  const values = history.flatMap((line) => line.points.map(([, value]) => value));
  const last = Math.max(1, ...history.map((line) => line.points.at(-1)[0]));
  charts.push(() => {
    const chart = new Chart(canvas, { what: "rating", unit: "mu of openskill", counts: "matches played" });
    chart.bottom = Math.floor(Math.min(...values) / 5) * 5;
    if (chart.begin(0, last, Math.max(...values) * 1.05)) {
      history.forEach((line, index) => chart.line(line.points, SERIES[index % SERIES.length], { stepped: true }));
    }
  });
  return el("section", { class: "arena" },
    el("h2", {}, `Arena: ${name}`),
    el("div", { class: "columns" },
      el("table", {},
        el("thead", {}, el("tr", {}, ["bot", "rating [mu]", "sigma", "matches"].map((text) => el("th", {}, text)))),
        el("tbody", {}, ratings.map((row, index) => el("tr", {},
          el("td", {}, bare(index), row.name),
          el("td", { class: "number" }, number(row.rating, 1)),
          el("td", { class: "number" }, number(row.error, 1)),
          el("td", { class: "number" }, number(row.matches)))))),
      canvas),
    matrix.map((one) => [el("h3", {}, one.title), winTable(one)]));
}

function winTable({ rows, columns, cells }) {
  const cell = (found) => {
    if (!found) return el("td", {}, "");
    const share = found.wins / found.games;
    const node = el("td", { class: "number", title: `${found.wins} of ${found.games}` }, `${number(100 * share)} % of ${found.games}`);
    node.style.background = `color-mix(in srgb, ${css("--good")} ${Math.round(60 * share)}%, transparent)`;
    return node;
  };
  return el("table", { class: "matrix" },
    el("thead", {}, el("tr", {}, el("th", {}, "wins of the row over"), columns.map((name) => el("th", {}, name)))),
    el("tbody", {}, rows.map((name, y) => el("tr", {}, el("th", {}, name), columns.map((_, x) => cell(cells[y][x]))))));
}
