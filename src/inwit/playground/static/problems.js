// From what a person typed to what the machine and the network get: the twins of tasks/*.parse.

import { evaluate } from "./counterfactual.js";
import { InvalidProblem, plan, read } from "./expression.js";
import { readCountdown } from "./countdown.js";
import { digits, toNumber } from "./fraction.js";
import { seeNumber, seeWaves } from "./numbers.js";

const MAX_SYMBOLS = 10_000;
const KINDS = { n: "number", "(": "open", ")": "close" };

/**
 * @param agent what the export says of the agent
 * @returns { symbols, entered_by, names, prompt, script, level, operands, kinds, depth, limit, answer, exact }
 */
export function parse(agent, text) {
  if (agent.countdown) return countdown(agent, text);
  const given = read(text);
  if (given.symbols.length > MAX_SYMBOLS) {
    const note = given.symbols.length.toLocaleString("en");
    throw new InvalidProblem(`${note} symbols: the page shows at most 10,000`);
  }
  let number = 0;
  const symbols = given.symbols.map((symbol) => (symbol === "n" ? given.numbers[number++] : symbol));
  const found = (agent.rules.forms ? stage : expression)(agent, given, text);
  let key = 0;
  const entered_by = given.symbols.map((symbol) => (symbol === "n" && !agent.stream ? key++ : -1));
  return { symbols, entered_by, names: agent.stream ? [] : given.numbers, ...found };
}

function stage({ rules }, given) {
  const level = rules.forms.map((form) => plan(read(inNumbers(form)))).indexOf(plan(given));
  if (level < 0) {
    const forms = rules.forms.join(", ");
    throw new InvalidProblem(`this problem has none of the forms of this task: ${forms}`);
  }
  const strange = given.numbers.find((each) => !rules.alphabet.includes(each));
  if (strange !== undefined) {
    throw new InvalidProblem(`${strange} is not one of the digits 0 to 9 of this task`);
  }
  const operands = given.numbers.map(Number);
  const count = operands.length;
  return {
    level,
    operands,
    prompt: operands,
    script: [],
    kinds: [],
    depth: count - 1,
    limit: count + (count - 1) + 1 + 2 * (count - 2),
    ...answer(given),
  };
}

/** Numbers and a target: the twin of tasks/countdown.py, with what is seen of it. */
function countdown({ rules }, text) {
  const given = text.slice(0, 60);
  const found = readCountdown(text);
  if (!found) throw new InvalidProblem(`'${given}' is not a problem such as '4 7 8 8 -> 24'`);
  const { numbers, target } = found;
  const count = numbers.length;
  if (count < 3 || count > rules.operands) {
    throw new InvalidProblem(`'${given}' has ${count} numbers: 3 to ${rules.operands} are allowed`);
  }
  const strange = numbers.find((number) => number < 1 || number > 99);
  if (strange !== undefined) throw new InvalidProblem(`${strange} is not one of the numbers from 1 to 99`);
  if (target < 10 || target > 100) throw new InvalidProblem(`${target} is not one of the targets from 10 to 100`);
  const names = Array.from({ length: rules.operands }, (_, key) => String(numbers[key] ?? ""));
  const [symbols, entered_by] = pieces(text, names);
  const encode = (value) => (rules.waves ? [...seeNumber(value), ...seeWaves(value)] : seeNumber(value));
  return {
    symbols,
    entered_by,
    names,
    level: count,
    operands: numbers,
    prompt: [...numbers.map((number) => number - 1), target - 10 + 99],
    values: [...numbers, target].map(encode),
    see: (machine) => (rules.blind ? [] : seen(machine, { numbers, target, slots: rules.operands, encode })),
    script: [],
    kinds: [],
    depth: count - 1,
    limit: count + (count - 1) + 2 * (count - 2) + 1,
    answer: target,
    exact: String(target),
  };
}

/** The numbers that are left, the target, the display and two frames; and what is pending in each. */
function seen(machine, { numbers, target, slots, encode }) {
  const left = numbers.filter((_, key) => !machine.used.has(key));
  const rest = Array.from({ length: slots }, (_, place) => left[place] ?? NaN);
  const frames = [machine.frame, machine.memory.at(-1), machine.memory.at(-2)];
  const values = [...rest, target, ...frames.map((frame) => frame?.values[0] ?? NaN)];
  const tools = machine.rules.tools.length;
  const pending = frames.flatMap((frame) =>
    Array.from({ length: tools + 1 }, (_, tool) => Number(tool === (frame?.pending ?? -1) + 1)),
  );
  return [...values.flatMap(encode), ...pending];
}

/** The operands in a text and the words between them, and which key enters each (tape.py). */
function pieces(text, names) {
  const whole = [...new Set(names.filter(Boolean))].map((name) => `(?<!\\w)${name}(?!\\w)`);
  const symbols = text.match(new RegExp([...whole, `(?:(?!${whole.join("|")})\\S)+`].join("|"), "g"));
  const left = names.map((name, key) => [name, key]);
  const keys = symbols.map((symbol) => {
    const place = left.findIndex(([name]) => name === symbol);
    return place < 0 ? -1 : left.splice(place, 1)[0][1];
  });
  return [symbols, keys];
}

/** A form with numbers in place of its letters, so that it can be read. */
const inNumbers = (form) => form.replace(/[a-z]/g, "0");

function expression({ rules, stream }, given, text) {
  const script = given.symbols.map((symbol) => rules.alphabet.indexOf(symbol));
  const unknown = given.symbols[script.indexOf(-1)];
  if (unknown !== undefined) {
    const note = `this agent has no tool for '${unknown}': it was trained with ${rules.operators}`;
    throw new InvalidProblem(note, text, text.indexOf(unknown));
  }
  const numbers = given.numbers.map(Number);
  const operations = numbers.length - 1;
  if (!stream && numbers.length > rules.operands) {
    throw new InvalidProblem(`${numbers.length} numbers: this agent has keys for ${rules.operands}`);
  }
  const opened = given.symbols.filter((symbol) => symbol === "(").length;
  let number = 0;
  return {
    level: operations,
    operands: stream ? given.symbols.map((symbol) => (symbol === "n" ? numbers[number++] : NaN)) : numbers,
    prompt: stream ? [] : script,
    script: stream ? script : [],
    kinds: stream ? given.symbols.map((symbol) => KINDS[symbol] ?? "operator") : [],
    depth: operations + (stream ? opened : 0),
    limit: stream ? script.length + 2 * operations + 1 : Math.max(2, 4 * operations),
    ...answer(given),
  };
}

/** The right answer: with all its digits, and as a float64. */
function answer(given) {
  const value = evaluate(given);
  if (!value) throw new InvalidProblem("the value of this expression divides by zero");
  const number = toNumber(value);
  if (!Number.isFinite(number)) throw new InvalidProblem("the value of this expression is too large");
  return { answer: number, exact: digits(value) };
}
