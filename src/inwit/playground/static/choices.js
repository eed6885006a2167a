// Choosing among runs and the moments of their training.

import { element } from "./element.js";

/** Fills a selection; what is returned says what is chosen: { run, moment }. */
export function choices(select, runs, first = 0) {
  const values = runs.flatMap(({ run, name, moments }) => [
    [`${name}`, { run }],
    ...moments.map((moment) => [`${name}, after update ${moment}`, { run, moment }]),
  ]);
  select.replaceChildren(...values.map(([label], value) => element("option", { value }, label)));
  select.value = String(Math.min(first, values.length - 1));
  return () => values[Number(select.value)][1];
}
