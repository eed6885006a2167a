// Problems to begin with.

import { element } from "./element.js";

const LONG = 1000;

/** Buttons that ask an example each. */
export function showExamples(root, agent, ask) {
  const shown = agent.examples.map(({ form, problem }) => chip(problem, form, problem, ask));
  if (agent.stream) shown.push(chip("1,000 operations", "drawn anew", () => long(LONG), ask));
  root.replaceChildren(...shown);
}

/** The number of the drawn problem that has this text; null for any other text. */
export function drawnAs({ examples }, problem) {
  const line = (text) => text.replace(/[\r\n]/g, ""); // as a field holds it
  return examples.find((each) => line(each.problem) === line(problem))?.drawn ?? null;
}

function chip(label, told, problem, ask) {
  const made = element("button", { type: "button", title: told }, label);
  made.addEventListener("click", () => ask(typeof problem === "function" ? problem() : problem));
  return made;
}

/** A problem of many operations whose values stay small enough to be exact. */
export function long(operations, random = Math.random) {
  const digit = () => Math.floor(10 * random());
  const sign = () => (random() < 0.5 ? "+" : "-");
  const parts = [`${digit()}`];
  let left = operations;
  while (left > 0) {
    const forms = [`${digit()}`, `${digit()}*${digit()}`, `(${digit()}-${digit()}*${digit()})`];
    const size = Math.min(left, 1 + Math.floor(3 * random()));
    parts.push(sign(), forms[size - 1]);
    left -= size;
  }
  return parts.join("");
}
