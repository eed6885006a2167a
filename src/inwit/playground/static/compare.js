// Two agents, or two snapshots of one, at the same problem.

import { connect } from "./backend.js";
import { choices } from "./choices.js";
import { element, frameText, percent, show, stackOf } from "./element.js";
import { drawnAs } from "./examples.js";
import { latest } from "./latest.js";

const MOST = 400;
const at = (id) => document.getElementById(id);
const page = {};
const comparing = latest();

function tell(error) {
  at("mistake").textContent = error?.message ?? "";
  at("mistake").hidden = !error;
}

async function compare() {
  const problem = at("problem").value;
  const chosen = [page.first(), page.second()];
  try {
    const agents = await comparing(Promise.all(chosen.map((choice) => page.backend.agent(choice))));
    if (!problem) at("problem").value = agents[0].examples.at(-1).problem;
    const asked = at("problem").value;
    const numbers = agents.map((agent) => drawnAs(agent, asked));
    const alike = agents[0].task === agents[1].task; // then a number is the same problem for both
    const number = (side) => (alike ? (numbers[0] ?? numbers[1]) : numbers[side]);
    const ask = (choice, side) => page.backend.episode(choice, asked, { drawn: number(side) });
    const made = await comparing(Promise.all(chosen.map(ask)));
    const names = made.map((episode, side) => episode.presses.map((press) => agents[side].keys[press.key]));
    const parting = names[0].findIndex((name, place) => name !== names[1][place]);
    const parts = parting < 0 && names[0].length === names[1].length ? Infinity : parting < 0 ? names[0].length : parting;
    ["left", "right"].forEach((side, order) => at(side).replaceChildren(...shown(agents[order], made[order], parts)));
    tell(null);
  } catch (error) {
    tell(error);
  }
  document.body.dataset.ready = "yes";
}

function shown(agent, episode, parting) {
  const verdict = episode.right ? ["good", "✓ right"] : ["bad", "✗ wrong"];
  const answer = episode.answered ? show(episode.answer) : "no answer";
  const head = element("p", {}, `${answer}, exactly ${episode.exact ?? "-"} `, element("span", { className: verdict[0] }, verdict[1]));
  const note = parting === Infinity ? "The same keys as the other." : `The two differ from press ${parting + 1} on.`;
  const names = ["", "key", "share", "display", "memory"].map((name) => element("th", {}, name));
  const rows = episode.presses.slice(0, MOST).map((press, place) => line(agent, episode, press, place, parting));
  const rest = episode.presses.length > MOST ? element("p", { className: "soft" }, `and ${episode.presses.length - MOST} more`) : null;
  const table = element("table", {}, element("tr", {}, ...names), ...rows);
  return [head, element("p", { className: "soft" }, note), element("div", { className: "wide" }, table), rest].filter(Boolean);
}

function line(agent, episode, press, place, parting) {
  const memory = stackOf(episode.frames, press.top).slice(-3).map((frame) => frameText(frame) || "(");
  const cells = [`${place + 1}${place === parting ? " ≠" : ""}`, agent.keys[press.key], percent(press.probabilities[press.key]), show(press.values[0]), memory.join(" | ")];
  return element("tr", { className: place === parting ? "warm" : "" }, ...cells.map((cell) => element("td", { className: "keys" }, cell)));
}

at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  compare();
});

try {
  page.backend = await connect();
  const runs = await page.backend.runs();
  page.first = choices(at("first"), runs);
  page.second = choices(at("second"), runs, 1);
  for (const select of ["first", "second"]) at(select).addEventListener("change", compare);
  await compare();
} catch (error) {
  tell(error);
}
