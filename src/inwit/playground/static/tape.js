// The problem, symbol by symbol: what is under the cursor, or which key enters which number.

import { element } from "./element.js";

const AROUND = 24;

/** Shows the symbols around the cursor. */
export function showTape(root, agent, episode, position) {
  const { symbols, presses } = episode;
  const cursor = agent.stream ? (presses[position - 1]?.cursor ?? 0) : -1;
  const middle = Math.max(0, cursor);
  const first = symbols.length > 2 * AROUND ? Math.max(0, middle - AROUND) : 0;
  const last = Math.min(symbols.length, Math.max(first + 2 * AROUND, middle + AROUND));
  const entered = used(agent, presses.slice(0, position));
  const shown = symbols.slice(first, last).map((symbol, index) => {
    const place = first + index;
    return one(agent, symbol, place, cursor, episode.entered_by[place], entered);
  });
  if (first) shown.unshift(element("span", { className: "read" }, `${first} …`));
  if (last < symbols.length) shown.push(element("span", {}, `… ${symbols.length - last}`));
  if (agent.stream && last === symbols.length) {
    shown.push(symbolOf("end", cursor === symbols.length ? "under" : "", cursor === symbols.length ? "cursor" : ""));
  }
  root.replaceChildren(...shown);
}

function used(agent, presses) {
  if (agent.stream) return new Set();
  return new Set(presses.filter((press) => !press.wasted).map((press) => press.key));
}

function one(agent, symbol, place, cursor, key, entered) {
  if (agent.stream) {
    const kind = place === cursor ? "under" : place < cursor ? "read" : "";
    return symbolOf(symbol, kind, place === cursor ? "cursor" : "");
  }
  if (key < 0) return symbolOf(symbol, "read", "");
  return symbolOf(symbol, entered.has(key) ? "read" : "", entered.has(key) ? "used" : `key ${key}`);
}

function symbolOf(text, kind, note) {
  return element("span", { className: kind }, text, note ? element("small", {}, note) : null);
}
