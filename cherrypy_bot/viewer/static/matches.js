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
  if (answer.ok) showArena(arena, await answer.json());
}

function showArena(root, { ratings, history, matrix }) {
  const parts = [];
  if (ratings?.length) {
    parts.push(el("h2", {}, "Ratings"), el("table", {},
      el("thead", {}, el("tr", {}, ["bot", "rating", "± (one sigma)", "matches"].map((text) => el("th", {}, text)))),
      el("tbody", {}, ratings.map((row) => el("tr", {}, el("td", {}, row.name), [row.rating, row.error, row.matches].map((value) => el("td", { class: "number" }, number(value, 1))))))));
  }
  let chart = null;
  if (history?.length) {
    const canvas = el("canvas", { class: "chart wide", role: "img", "aria-label": "ratings over matches" });
    const highest = Math.max(...history.flatMap((line) => line.points.map(([, value]) => value)));
    chart = () => {
      const drawn = new Chart(canvas, { what: "rating", unit: "points", time: false });
      const last = Math.max(...history.map((line) => line.points.length ? line.points.at(-1)[0] : 0));
      if (drawn.begin(0, last, highest * 1.1)) history.forEach((line, index) => drawn.line(line.points, SERIES[index % SERIES.length], { stepped: true }));
    };
    parts.push(canvas, el("ul", { class: "legend" }, history.map((line, index) => {
      const swatch = el("span", { class: "swatch" });
      swatch.style.backgroundColor = SERIES[index % SERIES.length];
      return el("li", {}, swatch, line.name);
    })));
  }
  for (const { title, rows, columns, cells } of matrix ?? []) {
    parts.push(el("h2", {}, title), el("table", { class: "matrix" },
      el("thead", {}, el("tr", {}, el("th", {}, "wins of the row [%]"), columns.map((name) => el("th", {}, name)))),
      el("tbody", {}, rows.map((name, y) => el("tr", {}, el("th", {}, name), columns.map((_, x) => {
        const cell = cells[y][x];
        if (!cell) return el("td", {}, "");
        const node = el("td", { class: "number", title: `${cell.wins} of ${cell.games}` }, `${number((100 * cell.wins) / cell.games)} (${cell.games})`);
        node.style.background = `color-mix(in srgb, ${css("--good")} ${Math.round((60 * cell.wins) / cell.games)}%, transparent)`;
        return node;
      }))))));
  }
  fill(root, parts);
  chart?.();
}
