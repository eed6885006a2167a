// Countdown as people play it: what an expression makes of the numbers, and a right one.

import { evaluate } from "./counterfactual.js";
import { InvalidProblem, read } from "./expression.js";
import { apply, digits, fraction } from "./fraction.js";

const SEARCHED = 4;
const READABLE = /^([0-9 ,]+?)\s*(?:->|→|=)\s*([0-9]+)$/;

/** The numbers and the target of `4 7 8 8 -> 24`; null of anything else. */
export function readCountdown(text) {
  const found = READABLE.exec(text.trim());
  if (!found) return null;
  const numbers = found[1].split(/[ ,]+/).filter(Boolean).map(Number);
  return { numbers: numbers.sort((a, b) => a - b), target: Number(found[2]) };
}

/** Which of the numbers an unfinished expression has used, by place; and what it used besides. */
export function usedIn(text, numbers) {
  const used = new Set();
  const strange = [];
  for (const word of text.match(/\d+\.?\d*|\.\d+/g) ?? []) {
    const place = numbers.findIndex((number, each) => number === Number(word) && !used.has(each));
    if (place < 0) strange.push(word);
    else used.add(place);
  }
  return { used, strange };
}

/**
 * What a person's expression is worth: { right, note }.
 *
 * @throws InvalidProblem: it cannot be read, or does not use every number exactly once
 */
export function judge(text, { numbers, target }) {
  const given = read(text.replace(/=\s*\d+\s*$/, ""));
  const { used, strange } = usedIn(given.numbers.join(" "), numbers);
  const signed = given.numbers.find((number) => number.startsWith("-"));
  if (signed) throw new InvalidProblem(`${signed} has a sign: write a subtraction instead`);
  if (strange.length) throw new InvalidProblem(`${strange.join(", ")}: not among the numbers that are left`);
  const left = numbers.filter((_, place) => !used.has(place));
  if (left.length) throw new InvalidProblem(`${left.join(", ")}: not used yet; every number is used once`);
  const value = evaluate(given);
  if (!value) throw new InvalidProblem("this divides by zero");
  const right = digits(value) === String(target);
  return { right, note: right ? `You reached ${target}.` : `You made ${digits(value)}, not ${target}.` };
}

/** A right expression of at most four numbers: null if there is none, undefined if there are more. */
export function solution({ numbers, target }) {
  if (numbers.length > SEARCHED) return undefined;
  return search(numbers.map((number) => ({ value: fraction(String(number)), text: String(number) })), target);
}

function search(parts, target) {
  if (parts.length === 1) return digits(parts[0].value) === String(target) ? bare(parts[0].text) : null;
  for (const [first, one] of parts.entries()) {
    for (const [second, other] of parts.entries()) {
      if (first === second) continue;
      const rest = parts.filter((_, place) => place !== first && place !== second);
      for (const operator of first < second ? "+*-/" : "-/") {
        const value = apply(operator, one.value, other.value);
        const found = value && search([{ value, text: `(${one.text}${operator}${other.text})` }, ...rest], target);
        if (found) return found;
      }
    }
  }
  return null;
}

const bare = (text) => (text.startsWith("(") ? text.slice(1, -1) : text);

/** What the agent pressed, as an expression; what it left unfinished ends in `...`. */
export function expressionOf(agent, episode) {
  let frame = { text: "", tool: "" };
  const memory = [];
  const symbols = new Map(agent.tools.map(({ name, symbol }) => [name, symbol]));
  const enter = (text) => {
    frame = frame.tool ? { text: `(${frame.text}${frame.tool}${text})`, tool: "" } : { text, tool: "" };
  };
  for (const { key, wasted } of episode.presses) {
    const name = agent.keys[key];
    if (wasted || name === "ANS") continue;
    if (name === "STO") {
      memory.push(frame);
      frame = { text: "", tool: "" };
    } else if (name === "CLR") {
      memory.length = 0;
      frame = { text: "", tool: "" };
    } else if (name === "RCL") {
      const { text } = frame;
      frame = memory.pop();
      enter(text);
    } else if (symbols.has(name)) frame.tool = symbols.get(name);
    else enter(episode.operands[key]);
  }
  return episode.answered ? bare(frame.text) : `${frame.text}...`;
}
