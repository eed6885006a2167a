// Problems to begin with.

import { element } from "./element.js";

const LONG = 1000;

/**
 * Buttons that ask a problem each: one of every level, and another one whenever it is wanted.
 *
 * @param draw gives the drawn problem of a number
 */
export function showExamples(root, agent, ask, draw) {
  const shown = agent.examples.map(({ form, problem }) => chip(problem, form, () => problem, ask));
  shown.push(chip("another one", "a problem that is drawn anew", () => another(agent, draw), ask));
  if (agent.stream && signs(agent).length) {
    shown.push(chip("1,000 operations", "a long problem that is drawn anew", () => long(LONG, agent), ask));
  }
  root.replaceChildren(...shown);
}

/** A problem that was not shown yet. It is remembered, so that it is known by its text. */
export async function another(agent, draw) {
  agent.known ??= [...agent.examples];
  const made = await draw(agent.known.length);
  agent.known.push(made);
  return made.problem;
}

/** The number of the drawn problem that has this text; null for any other text. */
export function drawnAs({ examples, known = examples }, problem) {
  const line = (text) => text.replace(/[\r\n]/g, ""); // as a field holds it
  return known.find((each) => line(each.problem) === line(problem))?.drawn ?? null;
}

function chip(label, note, problem, ask) {
  const made = element("button", { type: "button", title: note }, label);
  made.addEventListener("click", async () => ask(await problem()));
  return made;
}

const signs = ({ tools }) => ["+", "-"].filter((sign) => tools.some(({ symbol }) => symbol === sign));

/** A problem of many operations of an agent's whose values stay small enough to be exact. */
export function long(operations, agent, random = Math.random) {
  const among = (choices) => choices[Math.floor(random() * choices.length)];
  const digit = () => among([..."0123456789"]);
  const sign = () => among(signs(agent));
  const times = agent.tools.some(({ symbol }) => symbol === "*") ? () => "*" : sign;
  const parts = [digit()];
  let left = operations;
  while (left > 0) {
    const forms = [digit(), `${digit()}${times()}${digit()}`, `(${digit()}${sign()}${digit()}${times()}${digit()})`];
    const size = Math.min(left, 1 + Math.floor(3 * random()));
    parts.push(sign(), forms[size - 1]);
    left -= size;
  }
  return parts.join("");
}
