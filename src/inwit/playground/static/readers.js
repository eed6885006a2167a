// How a prompt is read: the twins of policies/encoders.py. Symbols below 0 are padding, or withheld.

import { addRow, affine, gated, joined, normed, sum, zeros } from "./algebra.js";
import { blocks, readThrough } from "./attention.js";

/** A vector for each symbol, and the state with which the pressing begins. */
export function read(weights, name, { symbols, values }, level) {
  const width = weights["reader.level"].shape[1];
  const state = zeros(width);
  for (let each = 0; each <= level; each += 1) addRow(state, weights["reader.level"], each);
  if (!symbols.length) return { vectors: [], state: state.map(Math.tanh) };
  const [vectors, whole] = READERS[name](weights, embed(weights, symbols, values, width), symbols);
  return { vectors, state: sum(state, whole).map(Math.tanh) };
}

function embed(weights, symbols, values, width) {
  const seen = weights["reader.values.weight"];
  return symbols.map((symbol, place) => {
    const row = seen ? affine(seen, values[place]) : zeros(width);
    addRow(row, weights["reader.symbol.weight"], symbol + 1);
    return row;
  });
}

const count = (symbols) => symbols.filter((symbol) => symbol >= 0).length;

function mean(rows, length) {
  return rows.reduce(sum).map((value) => value / Math.max(1, length));
}

const READERS = {
  bag(weights, rows, symbols) {
    const vectors = weights["reader.values.weight"] ? rows.map((row) => row.map(Math.tanh)) : rows;
    return [vectors, mean(vectors, count(symbols))];
  },

  recurrent(weights, rows, symbols) {
    const length = count(symbols);
    const end = Math.max(0, length - 1);
    const turn = rows.map((_, place) => Math.max(0, length - 1 - place));
    const forth = pass(weights, "reader.forth", "", rows);
    const back = pass(weights, "reader.back", "", turn.map((place) => rows[place]));
    const ends = joined(forth[end], back[end]);
    const vectors = forth.map((row, place) => joined(row, back[turn[place]]));
    return [vectors, affine(weights["reader.whole.weight"], ends, weights["reader.whole.bias"])];
  },

  text(weights, rows, symbols) {
    const length = Math.max(1, count(symbols));
    const known = rows.slice(0, length);
    const forth = pass(weights, "reader.passes", "", known);
    const back = pass(weights, "reader.passes", "_reverse", known.toReversed()).toReversed();
    const ends = joined(forth.at(-1), back[0]);
    const nothing = zeros(ends.length);
    const vectors = rows.map((_, place) => (place < length ? joined(forth[place], back[place]) : nothing));
    return [vectors, affine(weights["reader.whole.weight"], ends, weights["reader.whole.bias"])];
  },

  attentive(weights, rows, symbols) {
    const readable = symbols.map((symbol) => symbol >= 0);
    const [last] = readThrough(weights, blocks(weights, "reader.blocks"), rows, readable);
    const vectors = last.map((row, place) =>
      readable[place] ? normed(row, weights["reader.last.weight"], weights["reader.last.bias"]) : zeros(row.length),
    );
    return [vectors, mean(vectors, count(symbols))];
  },
};

/** The states of a gated recurrent pass over rows. */
function pass(weights, name, direction, rows) {
  const of = (what) => weights[`${name}.${what}_l0${direction}`];
  let state = zeros(of("weight_hh").shape[1]);
  return rows.map((row) => {
    state = gated(affine(of("weight_ih"), row, of("bias_ih")), state, of("weight_hh"), of("bias_hh"));
    return state;
  });
}
