// Where the page begins: the list of matches, one match of the server's folder, or the match that this file holds.

import { el, fill, setTheme } from "./dom.js";
import { Trace } from "./format.js";
import { Match } from "./match.js";
import { showMatches } from "./matches.js";

const POLL_MS = 250;
const SLOWEST_POLL_MS = 4000;

function say(root, text) {
  fill(root, el("p", { class: "empty big", role: "status" }, text));
}

function startTheme() {
  let theme = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
  try {
    theme = localStorage.getItem("theme") ?? theme;
  } catch {
    // No storage in files opened from disk in some browsers; the system's preference serves.
  }
  setTheme(theme);
}

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

async function showEmbedded(root, embedded) {
  const { files } = JSON.parse(embedded.textContent);
  const traces = [];
  for (const { name, data } of files) {
    const trace = new Trace(name);
    await trace.push(bytesOf(data));
    traces.push(trace);
  }
  start(root, traces);
  embedded.textContent = ""; // as large as all the rest
}

// One file of the server, read on while the match writes it. The server keeps nothing of a reader.
async function readOn(trace, url) {
  const answer = await fetch(`${url}&from=${trace.bytes}`);
  if (!answer.ok) throw new Error((await answer.text()) || answer.statusText);
  const data = new Uint8Array(await answer.arrayBuffer());
  trace.growing = answer.headers.get("x-growing") === "1";
  if (data.length) await trace.push(data);
  return data.length;
}

async function readAll(trace, url) {
  while ((await readOn(trace, url)) > 0 && trace.live);
}

async function showMatch(root, name) {
  say(root, "Reading the traces ...");
  const begun = performance.now();
  const answer = await fetch(`/api/match?name=${encodeURIComponent(name)}`);
  if (!answer.ok) {
    say(root, await answer.text());
    return;
  }
  const { files } = await answer.json();
  const traces = files.map((file) => new Trace(file));
  const urls = files.map((file) => `/api/trace?file=${encodeURIComponent(file)}`);
  await Promise.all(traces.map((trace, index) => readAll(trace, urls[index])));
  // A match that has just begun has no map yet.
  while (!traces.some((trace) => trace.map)) {
    if (!traces.some((trace) => trace.live && trace.growing)) return say(root, "These traces hold no map: the match ended before it began.");
    say(root, "Waiting for the first loop ...");
    await new Promise((done) => setTimeout(done, POLL_MS));
    await Promise.all(traces.map((trace, index) => readAll(trace, urls[index])));
  }
  const match = start(root, traces);
  match.openedMs = performance.now() - begun;
  if (match.live) {
    match.follow();
    for (const [index, trace] of traces.entries()) watch(match, trace, urls[index]);
  }
}

async function watch(match, trace, url) {
  let pause = POLL_MS;
  while (trace.live && (trace.growing || trace.bytes === 0)) {
    await new Promise((done) => setTimeout(done, pause));
    if (document.hidden) continue;
    try {
      const got = await readOn(trace, url);
      pause = got ? POLL_MS : Math.min(pause * 1.3, 1000);
      if (got) match.grown();
    } catch {
      pause = Math.min(pause * 2, SLOWEST_POLL_MS); // the server is gone or busy: what there is stays
    }
  }
  match.grown();
}

function start(root, traces) {
  const shown = traces.filter((trace) => trace.map);
  if (!shown.length) {
    say(root, traces[0]?.problem || "There is no map in this trace.");
    return null;
  }
  const match = new Match(root, shown);
  document.title = `${match.playerName(1)} v ${match.playerName(2)} - cherrypy_bot`;
  window.match = match; // for the console, and for tests
  return match;
}

async function begin() {
  startTheme();
  const root = document.getElementById("root");
  const embedded = document.getElementById("embedded");
  try {
    if (embedded) await showEmbedded(root, embedded);
    else if (location.pathname === "/match") await showMatch(root, new URLSearchParams(location.search).get("name") ?? "");
    else await showMatches(root);
  } catch (error) {
    say(root, `This page cannot show the match: ${error.message}`);
    throw error;
  }
}

begin();
