// What would be right if a stored value were another number? The twin of counterfactual.py.

import { show } from "./element.js";
import { read } from "./expression.js";
import { apply, digits, fraction, toNumber } from "./fraction.js";

const SHOWN = 60;
const named = (operands) => operands.toSorted((a, b) => a - b).join(" ");

/** Which operands every value of the machine was made from. */
export class Origins {
  frame = { values: [], waits: 0 };
  memory = [];
  reads = 0;
  replaced = new Map();

  constructor(rules) {
    this.stream = rules.stream;
    this.arity = Object.fromEntries(rules.tools.map((tool) => [tool.name, tool.arity]));
  }

  /** Follows a press that was legal. */
  press(key) {
    if (key === "STO") {
      this.memory.push(this.frame);
      this.frame = { values: [], waits: 0 };
    } else if (key === "RCL") {
      const top = this.memory.pop();
      if (top.waits || !this.stream) {
        const [value] = this.frame.values;
        this.frame = top;
        this.enter(value);
      }
    } else if (key in this.arity) {
      this.frame.waits = this.arity[key] > 1 ? this.arity[key] : 0;
    } else if (key === "CLR") {
      this.frame = { values: [], waits: 0 };
      this.memory = [];
    } else if (key !== "ANS") {
      this.enter([key === "READ" ? this.reads++ : Number(key)]);
    }
  }

  enter(value) {
    const { values, waits } = this.frame;
    if (!waits) this.frame.values = [value];
    else if (values.push(value) === waits) {
      this.frame = { values: [[...new Set(values.flat())]], waits: 0 };
    }
  }

  /** A stored value is another number from now on. */
  overwrite(place, value) {
    this.replaced.set(named(this.memory[place].values[0]), value);
  }

  /** What is right then: { exact, value, note }; null if nothing was overwritten. */
  exact(problem) {
    if (!this.replaced.size) return null;
    const note = new Map();
    const plain = readable(problem);
    if (!plain) return unknown("this problem is not plain arithmetic");
    const exact = evaluate(plain, this.replaced, note);
    const value = exact && toNumber(exact);
    if (!exact || !Number.isFinite(value)) return unknown("the changed problem has no value");
    if (note.size < this.replaced.size) return unknown("what was stored is not part of the problem");
    return { exact: digits(exact), value, note: [...note.values()].join(", ") };
  }
}

function readable(problem) {
  try {
    return read(problem);
  } catch {
    return null;
  }
}

const unknown = (note) => ({ exact: null, value: null, note });

/** The exact value of an expression, some parts of which count as other numbers; null for none. */
export function evaluate(expression, replaced = new Map(), note = new Map()) {
  const parts = [];
  for (const item of expression.postfix) {
    let part;
    if (typeof item === "number") {
      const number = expression.numbers[item];
      part = { value: fraction(number), origin: [item], text: number };
    } else {
      const [left, right] = parts.splice(-2);
      part = join(item, left, right);
    }
    const name = replaced.size ? named(part.origin) : "";
    if (replaced.has(name)) {
      const value = replaced.get(name);
      note.set(name, `${part.text} counts as ${show(value)}`);
      part.value = fraction(String(value));
    }
    if (!part.value) return null;
    parts.push(part);
  }
  return parts[0].value;
}

function join(operator, left, right) {
  const origin = [...left.origin, ...right.origin];
  const text = `(${left.text}${operator}${right.text})`;
  return {
    value: left.value && right.value && apply(operator, left.value, right.value),
    origin,
    text: text.length <= SHOWN ? text : `(${origin.length} numbers)`,
  };
}
