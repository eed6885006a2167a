// What a key does: a pocket calculator with tools, a pending tool and a memory of frames.
// The twin of machine.py, for one episode; docs/architecture.md has the table of keys.

const TOOLS = {
  ADD: (a, b) => a + b,
  SUB: (a, b) => a - b,
  MUL: (a, b) => a * b,
  DIV: (a, b) => a / b,
  NEG: (a) => -a,
};
export const FAULT = Infinity;
export const TOP = { none: 0, paren: 1, term: 2 };

const empty = () => ({ values: [], pending: -1, ran: false });

export class Machine {
  /**
   * @param rules { keys, kinds, tools, stream, once }
   * @param problem { operands, kinds, depth }: operands by key, or by place in the stream
   */
  constructor(rules, problem) {
    this.rules = rules;
    this.problem = problem;
    this.tool = new Map(rules.tools.map((tool, number) => [rules.keys.indexOf(tool.name), number]));
    this.frame = empty();
    this.memory = [];
    this.used = new Set();
    this.cursor = 0;
    this.answered = false;
    this.legal = this.#legal();
  }

  /** The kind of the frame on top of the memory. */
  get top() {
    const top = this.memory.at(-1);
    return top === undefined ? TOP.none : top.pending >= 0 ? TOP.term : TOP.paren;
  }

  /** Presses a key; says whether it meant anything. One that does not changes nothing. */
  press(key) {
    if (!this.legal[key] || this.answered) return false;
    this.#act(this.rules.kinds[key], key);
    this.legal = this.#legal();
    return true;
  }

  #act(kind, key) {
    if (kind === "operand") {
      this.used.add(key);
      this.#enter(this.problem.operands[key]);
    } else if (kind === "read") {
      this.#enter(this.problem.operands[this.cursor]);
      this.cursor += 1;
    } else if (kind === "tool") {
      this.#call(this.tool.get(key));
      if (this.rules.stream) this.cursor += 1;
    } else if (kind === "store") {
      if (this.rules.stream && this.frame.pending < 0) this.cursor += 1;
      this.memory.push(this.frame);
      this.frame = empty();
    } else if (kind === "recall") {
      this.#recall();
    } else {
      this.answered = true;
    }
  }

  #recall() {
    const top = this.memory.pop();
    if (this.rules.stream && top.pending < 0) {
      this.cursor += 1; // a parenthesis is closed: what stands in it stays
      return;
    }
    const value = this.frame.values[0];
    this.frame = top;
    this.#enter(value);
  }

  #enter(value) {
    const { values, pending, ran } = this.frame;
    if (pending < 0) {
      this.frame = { values: [value], pending, ran };
      return;
    }
    const given = [...values, value];
    const tool = this.rules.tools[pending];
    this.frame =
      given.length === tool.arity
        ? { values: [call(tool, given)], pending: -1, ran: true }
        : { values: given, pending, ran };
  }

  #call(number) {
    const tool = this.rules.tools[number];
    const { values, ran } = this.frame;
    this.frame =
      tool.arity === 1
        ? { values: [call(tool, values)], pending: -1, ran: true }
        : { values, pending: number, ran };
  }

  #legal() {
    const means = this.rules.stream ? this.#inStream() : this.#byAddress();
    return this.rules.kinds.map((kind, key) => kind !== "never" && means(kind, key));
  }

  #byAddress() {
    const { operands, depth } = this.problem;
    const once = this.rules.once;
    const unused = (key) => !Number.isNaN(operands[key] ?? NaN) && !(once && this.used.has(key));
    const left = operands.filter((_, key) => unused(key)).length;
    const filled = this.frame.values.length > 0;
    const waiting = this.frame.pending >= 0;
    const ready = filled && !waiting;
    const stored = this.memory.length > 0;
    const room = this.memory.length < depth;
    const missing = waiting ? this.rules.tools[this.frame.pending].arity - this.frame.values.length : 0;
    const rest = {
      store: filled && room && (!once || (waiting && left > missing)),
      recall: ready && stored && (!once || this.frame.ran),
      answer: ready && (!once || (!stored && left === 0)),
    };
    return (kind, key) => {
      if (kind === "operand") return unused(key) && (!once || waiting || !filled);
      if (kind === "tool") return ready && (!once || left >= this.rules.tools[this.tool.get(key)].arity - 1);
      return rest[kind] ?? false;
    };
  }

  #inStream() {
    const symbol = this.problem.kinds[this.cursor] ?? "end";
    const filled = this.frame.values.length > 0;
    const waiting = this.frame.pending >= 0;
    const ready = filled && !waiting;
    const room = this.memory.length < this.problem.depth;
    const number = symbol === "number";
    const opening = symbol === "open";
    const term = this.top === TOP.term && ["operator", "end", "close"].includes(symbol);
    const closing = this.top === TOP.paren && symbol === "close";
    const meanings = {
      read: number && (!filled || waiting),
      tool: ready && symbol === "operator",
      store: room && ((waiting && (number || opening)) || (!filled && opening)),
      recall: ready && (term || closing),
      answer: ready && symbol === "end",
    };
    return (kind) => meanings[kind] ?? false;
  }
}

function call(tool, given) {
  const result = TOOLS[tool.name](...given);
  return Number.isFinite(result) && given.every(Number.isFinite) ? result : FAULT;
}
