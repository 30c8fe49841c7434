// What pages do beyond showing: themes, keys, and following what changes. All of it may be missing.
"use strict";

const root = document.documentElement;
const main = () => document.getElementById("main");

// --- light, dark, or as the system has it ---
const THEMES = ["", "light", "dark"];

function kept(name) {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing forgets it with the page.
  }
}

function setTheme(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
}
setTheme(kept("theme"));

function nextTheme() {
  const at = THEMES.indexOf(kept("theme"));
  const theme = THEMES[(at + 1) % THEMES.length];
  keep("theme", theme);
  setTheme(theme);
  tell();
}

// --- following what changes ---
const POLL_MS = 10000;
const FAILURES_MAX = 3;
let isPaused = kept("paused") === "yes";
let failures = 0;
let stream = null;
let polling = null;

function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

function pause() {
  isPaused = !isPaused;
  keep("paused", isPaused ? "yes" : "no");
  tell();
  if (!isPaused) look();
}

function tell() {
  const live = document.getElementById("live");
  if (!live || !main()?.dataset.asOf) return;
  const theme = kept("theme") || "system";
  live.replaceChildren(
    button(isPaused ? "Follow changes" : "Pause changes", pause),
    button(`Theme: ${theme}`, nextTheme),
  );
}

function isBusy() {
  const active = document.activeElement;
  return active && main()?.contains(active) && /^(INPUT|SELECT|TEXTAREA)$/.test(active.tagName);
}

// Where the focus is, as something that finds it again in a page that was made anew.
function spot() {
  const active = document.activeElement;
  if (!active || !main().contains(active)) return null;
  for (const name of ["id", "href", "aria-label"]) {
    const value = active.getAttribute(name);
    if (value) return `${active.tagName}[${name}="${CSS.escape(value)}"]`;
  }
  if (active.tagName !== "SUMMARY") return null;
  return [...main().querySelectorAll("summary")].indexOf(active);
}

function focusOn(spot) {
  if (spot === null) return;
  const isPlace = typeof spot === "number";
  const found = isPlace ? main().querySelectorAll("summary")[spot] : document.querySelector(spot);
  found?.focus({ preventScroll: true });
}

async function refresh() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = fresh.getElementById("main");
  if (!next) return;
  const opened = new Set([...main().querySelectorAll("details[open] > summary")]
    .map((summary) => summary.textContent));
  const focused = spot();
  main().replaceWith(document.adoptNode(next));
  for (const summary of main().querySelectorAll("details > summary")) {
    if (opened.has(summary.textContent)) summary.parentElement.open = true;
  }
  focusOn(focused);
  window.htmx?.process(main());
  charts();
}

function judged(asOf) {
  if (isPaused || isBusy() || !main() || String(asOf) === main().dataset.asOf) return;
  refresh().catch(() => {});
}

async function look() {
  const answer = await fetch("/live.json");
  // A visit that has ended leads to the form for a token, and from there back to here.
  if (answer.status === 401 && !isBusy()) return location.reload();
  if (answer.ok) judged((await answer.json()).as_of_ms);
}

function follow() {
  if (!main()?.dataset.asOf) return;
  if (!window.EventSource) return poll();
  stream = new EventSource("/live");
  stream.addEventListener("judged", (event) => {
    failures = 0;
    judged(event.lastEventId);
  });
  stream.addEventListener("error", () => {
    failures += 1;
    if (failures >= FAILURES_MAX || stream.readyState === EventSource.CLOSED) poll();
  });
}

function poll() {
  stream?.close();
  look().catch(() => {});
  polling ??= setInterval(() => look().catch(() => {}), POLL_MS);
}

// --- charts: the picture that the server drew, with a pointer that reads it ---
// A colour holds one for light and one for dark; what is drawn with it has that of its theme.
function colour(name) {
  const drawn = document.body.appendChild(document.createElement("i"));
  drawn.style.color = `var(--${name})`;
  const found = getComputedStyle(drawn).color;
  drawn.remove();
  return found;
}

function series(label, stroke, dash) {
  return { label, stroke, dash, width: 2, value: (_, v) => (v == null ? "–" : `${v.toFixed(2)} %`) };
}

async function draw(place) {
  const answer = await fetch(place.dataset.source);
  if (!answer.ok) return;
  const points = (await answer.json()).data.points;
  const share = (value) => (value == null ? null : value * 100);
  const data = [
    points.map((point) => Date.parse(point.at) / 1000),
    points.map((point) => share(point.gap)),
    points.map((point) => share(point.unseen)),
  ];
  const options = {
    width: Math.max(280, place.clientWidth),
    height: 240,
    cursor: { drag: { x: true, y: false } },
    axes: [0, 1].map(() => ({ stroke: colour("quiet"), grid: { stroke: colour("rule") } })),
    series: [{}, series("gap", colour("ink")), series("unseen", colour("link"), [4, 4])],
  };
  place.replaceChildren();
  new window.uPlot(options, data, place);
}

function charts() {
  const places = document.querySelectorAll(".chart[data-source]");
  if (!places.length) return;
  const go = () => places.forEach((place) => draw(place).catch(() => {}));
  if (window.uPlot) return go();
  const script = document.createElement("script");
  script.src = document.body.dataset.chart;
  script.addEventListener("load", go);
  document.head.append(script);
}

// --- keys ---
function step(by) {
  const rows = [...document.querySelectorAll("main tbody tr")].filter((row) => row.querySelector("a"));
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  document.querySelectorAll("tr.here").forEach((row) => row.classList.remove("here"));
  next.classList.add("here");
  next.querySelector("a").focus();
}

const KEYS = {
  "/": () => document.getElementById("q")?.focus(),
  j: () => step(1),
  k: () => step(-1),
  p: pause,
  t: nextTheme,
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName ?? "");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// A list that was narrowed has the focus, so that `j` walks it; what comes back whole has its tools.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id === "main") main().focus({ preventScroll: true });
});
document.addEventListener("htmx:historyRestore", () => {
  tell();
  charts();
});

tell();
follow();
charts();
