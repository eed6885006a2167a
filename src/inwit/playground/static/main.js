// The page on which an agent is played with.

import { connect } from "./backend.js";
import { Breaking } from "./breaking.js";
import { Calculator } from "./calculator.js";
import { show } from "./element.js";
import { Duel } from "./duel.js";
import { another, drawnAs, showExamples } from "./examples.js";
import { latest } from "./latest.js";
import { showMind } from "./mind.js";
import { choices } from "./choices.js";
import { Player, listen } from "./player.js";
import { Presses } from "./presses.js";
import { showTape } from "./tape.js";
import { showVerdict } from "./verdict.js";

const PAUSE = 700;
const at = (id) => document.getElementById(id);
at("serve").remove();
const player = new Player(at("player"));
const breaking = new Breaking();
const calculator = new Calculator(at("calculator"), (...place) => {
  player.pause();
  breaking.ask(...place);
});
const presses = new Presses(at("presses"), (number) => player.go(number));
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const page = { backend: null, agent: null, choice: {}, episode: null, shown: "" };
const choosing = latest();
const solving = latest();

function tell(error) {
  at("mistake").textContent = error?.message ?? "";
  at("mistake").hidden = !error;
}

/** Says that an answer is waited for: a long problem takes a server some seconds. */
function busy(waits) {
  document.body.ariaBusy = String(waits);
  at("solve").textContent = waits ? "Solving" : "Solve";
}

/** Asks for an episode, and shows it from its beginning, or from a press on. */
async function solve(problem, from = 0) {
  busy(true);
  try {
    const drawn = drawnAs(page.agent, problem);
    const changes = { off: [...breaking.off], edits: breaking.edits, drawn };
    const made = await solving(page.backend.episode(page.choice, problem, changes));
    tell(null);
    document.body.dataset.problem = problem;
    load(made, from);
    return made;
  } catch (error) {
    tell(error);
    return null;
  } finally {
    busy(false);
  }
}

function load(made, from) {
  page.episode = made;
  at("stage").hidden = false;
  // Where the keys play, and no longer type: unless another problem is being typed.
  const field = at("problem");
  const typed = document.activeElement === field && field.value === document.body.dataset.problem;
  if (typed) player.runs.focus({ preventScroll: true });
  at("count").textContent = `${made.presses.length.toLocaleString("en")} in all`;
  presses.load(page.agent, made);
  player.load(made.presses.length);
  player.go(from);
  if (calm.matches) player.go(made.presses.length);
  else player.run();
}

player.addEventListener("move", () => {
  const { agent, episode } = page;
  if (!episode) return;
  const { position } = player;
  calculator.show(episode, position, breaking.off);
  showTape(at("tape"), agent, episode, position);
  showMind(at("mind"), agent, episode, position);
  showVerdict(at("verdict"), episode, position);
  presses.mark(position);
  const press = episode.presses[position - 1];
  const note = press ? `press ${position}: ${agent.keys[press.key]}${press.wasted ? ", which means nothing here" : ""}, display ${show(press.values[0])}` : "before the first press";
  at("now").textContent = note;
});

function ask(problem) {
  at("problem").value = problem;
  breaking.forget();
  return solve(problem);
}

const draw = (number) => page.backend.problem(page.choice, number);
const duel = new Duel({
  draw: () => another(page.agent, draw),
  async play(problem) {
    const made = await ask(problem);
    await player.finished();
    return page.episode === made ? made : null;
  },
  hide(problem) {
    solving(); // the agent's turn comes later
    player.pause();
    at("problem").value = problem;
    at("stage").hidden = true;
  },
});

async function choose(choice) {
  const agent = await choosing(page.backend.agent(choice));
  solving(); // what was asked of the one before no longer counts
  busy(false);
  Object.assign(page, { choice, agent, episode: null });
  at("stage").hidden = true;
  calculator.lay(page.agent);
  breaking.lay(page.agent);
  showExamples(at("examples"), page.agent, ask, draw);
  duel.lay(page.agent);
  const { task, policy, learner, parameters } = page.agent;
  at("about").textContent = `The agent: ${policy}, ${parameters.toLocaleString("en")} weights, trained on ${task} by ${learner} from a single reward, right or wrong. Space runs and pauses, the arrow keys step, Home and End go to the ends.`;
  tell(null);
  const field = at("problem");
  field.placeholder = page.agent.examples[0]?.problem ?? "";
  if (!field.value || field.value === page.shown) field.value = page.shown = page.agent.examples.at(-1)?.problem ?? "";
  if (field.value) solve(field.value);
  if (agent.forecasting) foretell(agent).catch(tell);
}

/** Adds what the probes read, once they are trained: nobody waits for them. */
async function foretell(agent) {
  while (page.agent === agent) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    const answer = await page.backend.agent(page.choice);
    const { episode } = page;
    if (page.agent !== agent || answer.forecasting) continue;
    const changes = { off: [...breaking.off], edits: breaking.edits, drawn: episode && drawnAs(agent, episode.problem) };
    const made = episode && (await page.backend.episode(page.choice, episode.problem, changes));
    if (episode !== page.episode) continue; // another one was asked meanwhile
    Object.assign(agent, { forecast: answer.forecast, forecasting: false });
    made?.presses.forEach(({ forecast }, place) => Object.assign(episode.presses[place] ?? {}, { forecast }));
    player.dispatchEvent(new Event("move"));
    return;
  }
}

at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  ask(at("problem").value);
});
breaking.addEventListener("change", () => {
  const first = breaking.edits.length ? Math.min(...breaking.edits.map((edit) => edit.press)) : 0;
  if (page.episode) solve(page.episode.problem, first);
});
listen(player);

try {
  page.backend = await connect();
  const select = at("agent");
  const options = choices(select, await page.backend.runs());
  select.addEventListener("change", () => choose(options()).catch(tell));
  await choose(options());
  document.body.dataset.ready = "yes";
} catch (error) {
  tell(error);
}
