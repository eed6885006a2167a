// The networks that press: the twins of policies/*.py, for one episode.
//
// Each has `begin({ symbols, values }, level)`, which gives a memory, `step(observation, memory)`,
// which gives { scores, value, memory }, and what a probe reads: `vector(memory)` before each press,
// or, of a network that looks back at its prompt, `whole(memory)` after reading.

import { addRow, affine, dot, gated, gelu, joined, normed, sigmoid, softmax, sum, zeros } from "./algebra.js";
import { append, blocks, readThrough } from "./attention.js";
import { read } from "./readers.js";

const ILLEGAL = -1e9;

class Base {
  constructor(weights, agent) {
    this.weights = weights;
    this.options = agent.network;
    const { sizes } = agent;
    this.offsets = sizes.map((_, place) => sizes.slice(0, place).reduce((total, size) => total + size, 0));
  }

  affine(name, vector) {
    return affine(this.weights[`${name}.weight`], vector, this.weights[`${name}.bias`]);
  }

  read(prompt, level) {
    return read(this.weights, this.options.reader ?? "bag", prompt, level);
  }

  /** What an observation puts into a layer: a row for each thing seen, and the numbers seen. */
  inputs(layer, { previous, seen, values }) {
    const table = this.weights[`${layer}inputs.weight`];
    const seenNumbers = `${layer}values`;
    const known = `${seenNumbers}.weight` in this.weights;
    const result = known ? this.affine(seenNumbers, values) : zeros(table.shape[1]);
    [previous, ...seen].forEach((each, place) => addRow(result, table, this.offsets[place] + each));
    return result;
  }

  cell(observation, state, further = null) {
    const inputs = this.inputs("cell.", observation);
    const { "cell.recurrent.weight": weight, "cell.recurrent.bias": bias } = this.weights;
    return gated(further ? sum(inputs, further) : inputs, state, weight, bias);
  }

  judged(vector, memory) {
    const heads = this.affine("heads", vector);
    return { scores: Array.from(heads.slice(0, -1)), value: heads.at(-1), memory };
  }

  vector(memory) {
    return memory;
  }
}

class GRU extends Base {
  begin(prompt, level) {
    return this.read(prompt, level).state;
  }

  step(observation, memory) {
    const state = this.cell(observation, memory);
    return this.judged(state, state);
  }
}

class Memoryless extends GRU {
  step(observation, memory) {
    return this.judged(this.cell(observation, memory), memory);
  }
}

class FeedForward extends GRU {
  step(observation, memory) {
    let hidden = sum(memory, this.inputs("", observation)).map((value) => Math.max(0, value));
    let layer = 0;
    for (; `layers.${layer}.parts.weight` in this.weights; layer += 1) hidden = this.layer(`layers.${layer}`, hidden);
    const { [`layers.${layer}.weight`]: weight, [`layers.${layer}.bias`]: bias } = this.weights;
    const made = this.judged(normed(hidden, weight, bias), memory);
    return { ...made, scores: this.byKey(made.scores, observation.legal) };
  }

  layer(name, hidden) {
    const ready = normed(hidden, this.weights[`${name}.norm.weight`], this.weights[`${name}.norm.bias`]);
    const parts = this.affine(`${name}.parts`, ready);
    const mixed = hidden.map((_, unit) => parts[unit] * sigmoid(parts[unit]) * parts[hidden.length + unit]);
    return sum(hidden, this.affine(`${name}.joined`, mixed));
  }

  /** Scores of operand keys from those of their ranks among the legal ones, where that is wanted. */
  byKey(scores, legal) {
    if (!this.options.by_rank) return scores;
    let rank = -1;
    return scores.map((score, key) => {
      if (key >= this.options.operands) return score;
      if (legal[key]) rank += 1;
      return scores[Math.max(0, rank)];
    });
  }
}

class Aggregated extends Base {
  begin(prompt, level) {
    const { state } = this.read(prompt, level);
    return [state, state.map(() => -1)];
  }

  step(observation, [averages, most]) {
    const seen = sum(this.inputs("", observation), this.weights.bias.data);
    const features = seen.map(Math.tanh);
    const width = averages.length;
    const rate = this.weights.rate.data;
    const mixed = averages.map((old, unit) => features[unit] + rate[unit] * (old - features[unit]));
    const peaks = most.map((old, unit) => Math.max(old, features[width + unit]));
    const hidden = this.affine("hidden", joined(features, mixed, peaks)).map(gelu);
    return this.judged(hidden, [mixed, peaks]);
  }

  vector(memory) {
    return joined(...memory);
  }
}

class Pointer extends Base {
  begin(prompt, level) {
    const { vectors, state } = this.read(prompt, level);
    const { operands: count, operand_symbols: numbers } = this.options;
    const found = vectors.filter((_, place) => numbers.includes(prompt.symbols[place]));
    const operands = Array.from({ length: count }, (_, place) => found[place] ?? zeros(state.length));
    return {
      state,
      last: -1,
      vectors,
      readable: prompt.symbols.map((symbol) => symbol >= 0),
      pointers: operands.map((each) => this.affine("point", each)),
      gates: operands.map((each) => this.affine("entered", each)),
    };
  }

  step(observation, memory) {
    const { previous } = observation;
    const entered = previous < this.options.operands;
    const state = this.cell(observation, memory.state, entered ? memory.gates[previous] : null);
    const after = { ...memory, state, last: entered ? previous : memory.last };
    const mixed = this.affine("mix", joined(state, this.attended(after))).map(Math.tanh);
    const made = this.judged(mixed, after);
    const moves = this.weights.moves.data;
    const pointed = after.pointers.map(
      (each, operand) => dot(mixed, each) + moves[operand - after.last - 1 + this.options.operands],
    );
    return { ...made, scores: [...pointed, ...made.scores] };
  }

  attended({ state, vectors, readable }) {
    const query = this.affine("query", state);
    const match = vectors.map((each, place) => (readable[place] ? dot(query, each) / Math.sqrt(state.length) : ILLEGAL));
    const shares = softmax(match);
    return vectors.reduce((total, each, place) => total.map((value, unit) => value + shares[place] * each[unit]), zeros(state.length));
  }

  vector({ state }) {
    return state;
  }

  whole({ state, vectors, pointers, gates }) {
    return joined(state, ...vectors, ...pointers, ...gates);
  }
}

class Transformer extends Base {
  begin({ symbols, values }, level) {
    const readable = symbols.map((symbol) => symbol >= 0);
    const seen = this.weights["prompt_values.weight"];
    const rows = symbols.map((symbol, place) => {
      const row = seen ? affine(seen, values[place]) : zeros(this.weights["symbol.weight"].shape[1]);
      addRow(row, this.weights["symbol.weight"], symbol + 1);
      addRow(row, this.weights["level.weight"], level);
      return row;
    });
    const [, caches] = readThrough(this.weights, blocks(this.weights, "blocks"), rows, readable);
    return { caches, visible: readable, place: readable.filter(Boolean).length };
  }

  step({ previous, seen, values }, { caches, visible, place }) {
    let row = this.weights["values.weight"] ? this.affine("values", values) : zeros(this.weights["last.weight"].shape[0]);
    [previous, ...seen].forEach((each, column) => addRow(row, this.weights[`press.${column}.weight`], each));
    const shown = [...visible, true];
    const grown = caches.map((cache, block) => {
      const [next, longer] = append(this.weights, `blocks.${block}`, row, place, cache, shown);
      row = next;
      return longer;
    });
    const last = normed(row, this.weights["last.weight"], this.weights["last.bias"]);
    return this.judged(last, { caches: grown, visible: shown, place: place + 1 });
  }

  /** The latest row of each block: its key and its value. */
  vector({ caches }) {
    const width = this.weights["last.weight"].shape[0];
    return joined(...caches.map((cache) => joined(...(cache.at(-1) ?? [zeros(width), zeros(width)]))));
  }

  whole({ caches }) {
    return joined(...caches.flat(2));
  }
}

const POLICIES = {
  gru: GRU,
  memoryless: Memoryless,
  feedforward: FeedForward,
  aggregated: Aggregated,
  pointer: Pointer,
  transformer: Transformer,
};

/** A network whose second head masks its own scores (policies/masks.py). */
class SelfMasked {
  constructor(network, { sizes: [keys], network: { floor, firmness } }) {
    Object.assign(this, { network, keys, firmness, least: Math.log(floor), weights: network.weights });
  }

  begin(...given) {
    return this.network.begin(...given);
  }

  step(observation, memory) {
    const { scores: both, value, memory: after } = this.network.step(observation, memory);
    const scores = both.slice(0, this.keys);
    return { scores: scores.map((score, key) => score + this.meant(both[this.keys + key])), value, memory: after };
  }

  /** What the belief that a key means something adds to its score: log sigmoid, with a floor. */
  meant(score) {
    return this.firmness * Math.max(Math.min(score, 0) - Math.log1p(Math.exp(-Math.abs(score))), this.least);
  }

  vector(memory) {
    return this.network.vector(memory);
  }

  whole(memory) {
    return this.network.whole(memory);
  }
}

/** The network of an agent. */
export function networkOf(weights, agent) {
  const network = new POLICIES[agent.network.name](weights, agent);
  return agent.network.floor ? new SelfMasked(network, agent) : network;
}
