// How a run learns, while it does or afterwards.

import { connect } from "./backend.js";
import { chart } from "./chart.js";
import { element } from "./element.js";
import { drawnAs } from "./examples.js";
import { latest } from "./latest.js";

const PAUSE = 1500;
const LEVEL = "episodes/accuracy@";
const at = (id) => document.getElementById(id);
const page = { run: 0, lines: [], rates: [], snapshots: 0 };
const looking = latest();
const trying = latest();

function tell(error) {
  at("mistake").textContent = error?.message ?? "";
  at("mistake").hidden = !error;
}

/** The latest news of the run that is watched. */
async function look() {
  if (!page.example) {
    page.example = await looking(page.backend.ask("example", { run: page.run }));
    at("problem").value ||= page.example.problem;
  }
  const after = page.lines.at(-1)?.update ?? 0;
  const sent = await looking(page.backend.ask("progress", { run: page.run, after }));
  page.lines.push(...sent.lines);
  page.game = "environment" in sent.recipe;
  name(page.game);
  const last = page.lines.at(-1);
  if (sent.lines.length && after) page.rates.push([performance.now() / 1000, last.episodes]);
  page.done = sent.finished;
  draw(sent);
  if (sent.snapshots.length !== page.snapshots) {
    page.snapshots = sent.snapshots.length;
    retry().catch(tell);
  }
}

/** In an environment an episode is asked for by its seed; that of a live one cannot be played again. */
function name(game) {
  at("asking").textContent = game ? "One episode, played again and again on the way" : "One problem, tried again and again on the way";
  at("asked").textContent = game ? "Seed" : "Problem";
  at("trying").hidden = !page.example.problem;
}

const points = (name) => page.lines.filter((line) => name in line).map((line) => [line.update, line[name]]);
const names = (start) => [...new Set(page.lines.flatMap(Object.keys))].filter((name) => name.startsWith(start)).sort();

/** When a level was asked for the first time. */
function moves() {
  return names(LEVEL).map((name) => [points(name)[0][0], `level ${name.slice(LEVEL.length)}`]);
}

function draw(sent) {
  const opened = moves();
  const marks = opened.map(([update, level]) => [update, `${level} begins at update ${update}`]);
  const end = sent.updates;
  const levels = names(LEVEL).map((name) => ({ name: `level ${name.slice(LEVEL.length)}`, points: smooth(points(name)) }));
  const one = (title, name, options = {}) => chart(title, [{ name: "latest", points: smooth(points(name)) }], { end, marks, ...options });
  const right = () => chart("Right answers in training, by level", levels.length ? levels : [{ name: "all", points: points("episodes/accuracy") }], { end, top: 1, share: true, marks });
  const charts = [
    page.game ? one("Mean return of the episodes that ended", "episodes/return") : right(),
    one("Entropy of the policy, nats", "policy/entropy"),
    page.game ? one("Actions of an episode", "episodes/steps") : one("Presses of an episode", "episodes/presses"),
  ];
  if (names("loss/value").length) charts.push(one("Error of the value estimate", "loss/value"));
  at("charts").replaceChildren(...charts);
  facts(sent, opened);
  warn();
}

/** The mean of each point and its neighbours, so that the eye sees the way. */
function smooth(given) {
  const reach = Math.floor(given.length / 60);
  return given.map(([update], place) => {
    const near = given.slice(Math.max(0, place - reach), place + reach + 1);
    return [update, near.reduce((sum, [, value]) => sum + value, 0) / near.length];
  });
}

function rate(sent) {
  const recent = page.rates.slice(-6);
  if (!page.done && recent.length > 1) {
    const [[began, from], [now, to]] = [recent[0], recent.at(-1)];
    return (to - from) / Math.max(0.001, now - began);
  }
  return sent.seconds ? sent.seconds.episodes / sent.seconds.seconds : null;
}

function facts(sent, opened) {
  const last = page.lines.at(-1) ?? { update: 0, episodes: 0 };
  const speed = rate(sent);
  const rows = {
    update: `${last.update} of ${sent.updates}`,
    episodes: last.episodes.toLocaleString("en"),
    "episodes per second": speed === null ? "-" : Math.round(speed).toLocaleString("en"),
    ...(page.game ? { "mean return": String(points("episodes/return").at(-1)?.[1].toFixed(3) ?? "-") } : ofTask(last, opened)),
  };
  const shown = Object.entries(rows).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  at("facts").replaceChildren(...shown);
  at("state").textContent = page.done ? "finished" : "training";
}

const ofTask = (last, opened) => ({
  "right answers, exploring": "episodes/accuracy" in last ? `${(100 * last["episodes/accuracy"]).toFixed(1)} %` : "-",
  curriculum: opened.map(([update, level]) => `${level} at ${update}`).join(", ") || "-",
});

function warn() {
  const warnings = names("warning/").flatMap((name) => {
    const raised = points(name).filter(([, value]) => value);
    const first = raised[0]?.[0];
    return raised.length ? [`${name.slice(8)}: at ${raised.length} updates, the first is ${first}`] : [];
  });
  at("noted").hidden = !warnings.length;
  at("warnings").replaceChildren(...warnings.map((each) => element("li", { className: "warm" }, `⚠ ${each}`)));
}

/** The problem, tried with the weights of every snapshot that was kept. */
async function retry() {
  const problem = at("problem").value;
  if (!problem) return;
  const drawn = drawnAs({ examples: page.example ? [page.example] : [] }, problem);
  const tries = await trying(page.backend.ask("tried", { run: page.run, problem, drawn }));
  const head = element("tr", {}, ...(page.game ? ["update", "actions", "return"] : ["update", "keys", "answer", ""]).map((name) => element("th", {}, name)));
  const ends = (each) =>
    page.game
      ? [element("td", {}, String(Number(each.return.toFixed(3))))]
      : [
          element("td", { className: "keys" }, each.answer ?? "none"),
          element("td", { className: each.right ? "good" : "bad" }, each.right ? "✓ right" : "✗ wrong"),
        ];
  const rows = tries.map((each) =>
    element("tr", {}, element("td", {}, String(each.update)), element("td", { className: "keys" }, each.keys), ...ends(each)),
  );
  const none = element("tr", {}, element("td", {}, "No weights were kept on the way of this run."));
  at("tried").replaceChildren(...(rows.length ? [head, ...rows] : [none]));
}

async function watch(run) {
  Object.assign(page, { run, lines: [], rates: [], snapshots: -1, done: false, example: null });
  at("problem").value = "";
  clearTimeout(page.timer);
  await follow();
}

/** Looks again and again until the run is finished or another one is watched. */
async function follow() {
  try {
    await look();
    tell(null);
  } catch (error) {
    tell(error instanceof TypeError ? new Error("the page's server has gone; its latest data stay on the page") : error);
  }
  document.body.dataset.ready = "yes";
  if (!page.done) page.timer = setTimeout(follow, PAUSE);
}

at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  retry().then(() => tell(null), tell);
});
at("run").addEventListener("change", () => watch(Number(at("run").value)).catch(tell));

try {
  page.backend = await connect();
  const runs = await page.backend.runs();
  at("run").replaceChildren(...runs.map(({ run, name }) => element("option", { value: run }, name)));
  await watch(0);
} catch (error) {
  tell(error);
}
