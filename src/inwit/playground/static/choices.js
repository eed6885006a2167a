// Choosing among runs and the snapshots of their training.

import { element } from "./element.js";

/** Fills a selection; what is returned says what is chosen: { run, snapshot }. */
export function choices(select, runs, first = 0) {
  const values = runs.flatMap(({ run, name, snapshots }) => [
    [`${name}`, { run }],
    ...snapshots.map((snapshot) => [`${name}, after update ${snapshot}`, { run, snapshot }]),
  ]);
  select.replaceChildren(...values.map(([label], value) => element("option", { value }, label)));
  select.value = String(Math.min(first, values.length - 1));
  return () => values[Number(select.value)][1];
}
