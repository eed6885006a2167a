// One episode of an agent in this browser: the twin of episodes.py, record for record.

import { Origins } from "./counterfactual.js";
import { FAULT, Machine } from "./machine.js";
import { forecast, probabilities, readable } from "./network.js";
import { parse } from "./problems.js";

const plain = (value) => (Math.abs(value) === FAULT ? "fault" : value);

/** A greedy episode at a problem: `off` is taken away, `edits` overwrite stored values. */
export function episode(agent, network, text, { off = [], edits = [] } = {}) {
  const recorder = new Recorder(agent, network, text, new Set(off));
  const { limit } = recorder.problem;
  for (let press = 1; press <= limit; press += 1) {
    recorder.press();
    edits.filter((edit) => edit.press === press).forEach((edit) => recorder.overwrite(edit));
    if (recorder.ended) break;
  }
  const late = edits.find((edit) => edit.press > recorder.presses.length);
  if (late) throw new Error(`press ${late.press}: there are ${recorder.presses.length} presses`);
  return recorder.episode(text);
}

class Recorder {
  presses = [];
  frames = [];
  top = -1;
  seen = null;

  constructor(agent, network, text, off) {
    Object.assign(this, { agent, network, off });
    this.problem = parse(agent, text);
    this.rules = { ...agent, once: agent.rules.once };
    this.machine = new Machine(this.rules, this.problem);
    this.origins = new Origins(agent);
    const { prompt, level } = this.problem;
    const shown = agent.rules.shows_level && !off.has("level") ? level : 0;
    const hidden = (each) => (off.has("prompt") ? -1 : each);
    const values = this.problem.values ?? [];
    const nothing = new Float64Array(values[0]?.length ?? 0);
    this.prompt = { symbols: prompt.map(hidden), values: off.has("prompt") ? values.map(() => nothing) : values };
    this.level = shown;
    this.fresh = network.begin(this.prompt, shown);
    this.memory = this.fresh;
    this.previous = agent.keys.indexOf("CTX");
    this.takenKeys = agent.keys.map(
      (name) => off.has(name) || (off.has("memory") && (name === "STO" || name === "RCL")),
    );
  }

  get ended() {
    return this.machine.answered || !this.machine.legal.includes(true);
  }

  /** What is seen of a streamed problem: the symbol, the next one, the kind of the top frame. */
  look() {
    if (!this.agent.stream) return [];
    const { script } = this.problem;
    const end = this.agent.rules.alphabet.length;
    const at = (place) => script[place] ?? end;
    return [at(this.machine.cursor), at(this.machine.cursor + 1), this.machine.top];
  }

  /** The same without what is taken away. */
  blinded(seen) {
    const end = this.agent.rules.alphabet.length;
    const blank = { symbol: end, next: end, top: 0 };
    return seen.map((each, place) => {
      const name = ["symbol", "next", "top"][place];
      return this.off.has(name) ? blank[name] : each;
    });
  }

  press() {
    const { agent, machine, network } = this;
    const memory = this.off.has("state") ? this.fresh : this.memory;
    const seen = this.look();
    const known = readable(network, agent.forecast?.length, memory, this.prompt, this.level, !this.seen);
    const ahead = forecast(network.weights.forecast, agent.sizes, known, this.previous, this.seen);
    const legal = agent.rules.masks ? machine.legal : agent.kinds.map((kind) => kind !== "never");
    const allowed = legal.map((each, key) => each && !this.takenKeys[key]);
    const observation = { previous: this.previous, seen: this.blinded(seen), values: this.problem.see?.(machine) ?? [], legal: allowed };
    const { scores, value, memory: after } = network.step(observation, memory);
    const liked = scores.map((score, key) => (this.takenKeys[key] ? -2e9 : score));
    const shares = probabilities(liked, legal);
    const key = shares.indexOf(Math.max(...shares));
    const depth = machine.memory.length;
    const frame = machine.frame;
    const meant = machine.press(key);
    if (meant) this.origins.press(agent.keys[key]);
    if (machine.memory.length > depth) this.push({ below: this.top, ...this.written(frame) });
    else if (machine.memory.length < depth) this.top = this.frames[this.top].below;
    Object.assign(this, { memory: after, previous: key, seen });
    this.presses.push({
      key,
      wasted: !meant,
      probabilities: shares,
      legal,
      value,
      forecast: ahead,
      ...this.written(machine.frame),
      top: this.top,
      cursor: machine.cursor,
    });
  }

  written({ values, pending }) {
    return { values: values.map(plain), pending: this.agent.tools[pending]?.name ?? "" };
  }

  push(frame) {
    this.frames.push(frame);
    this.top = this.frames.length - 1;
  }

  overwrite({ press, place, value }) {
    const { memory } = this.machine;
    if (!memory[place]?.values.length) {
      throw new Error(`frame ${place + 1} after press ${press}: no value is stored there`);
    }
    if (!Number.isFinite(value)) {
      throw new Error("a stored value can be overwritten by a finite number alone");
    }
    memory[place] = { ...memory[place], values: [value, ...memory[place].values.slice(1)] };
    this.origins.overwrite(place, value);
    const above = [];
    while (above.length < memory.length - place) {
      above.push(this.frames[this.top]);
      this.top = above.at(-1).below;
    }
    const old = above.pop();
    this.push({ ...old, values: [value, ...old.values.slice(1)] });
    for (const frame of above.toReversed()) this.push({ ...frame, below: this.top });
    this.presses.at(-1).top = this.top;
  }

  episode(problem) {
    const { answered, frame } = this.machine;
    const answer = answered ? frame.values[0] : null;
    const { symbols, entered_by, names, exact, answer: number } = this.problem;
    const { tolerance } = this.agent;
    const near = Math.abs(answer - number) <= tolerance + tolerance * Math.abs(number);
    return {
      problem,
      symbols,
      entered_by,
      operands: names,
      presses: this.presses,
      frames: this.frames,
      answer: answered ? plain(answer) : null,
      answered,
      exact,
      right: answered && near,
      counterfactual: this.origins.exact(problem),
    };
  }
}
