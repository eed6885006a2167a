// What every network needs: weights from a safetensors file, shares of keys, and the probes.

import { softmax } from "./algebra.js";

const ILLEGAL = -1e9;
const ARRAYS = { F32: Float32Array, F64: Float64Array };

/** The tensors of a safetensors file, by name: { shape, data }. */
export function tensors(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  delete header.__metadata__;
  const found = {};
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of Object.entries(header)) {
    found[name] = { shape, data: new ARRAYS[dtype](buffer.slice(8 + length + from, 8 + length + to)) };
  }
  return found;
}

/** How likely each key is: softmax over the legal ones, even where none is liked. */
export function probabilities(scores, legal) {
  return softmax(scores.map((score, key) => (legal[key] ? score : ILLEGAL)));
}

/**
 * What a probe reads before a press: the state that it knows; null where it reads none (forecast.py).
 *
 * @param whole symbols of a prompt that is read as a whole, before the first press; 0: every state is
 */
export function readable(network, whole, memory, prompt, level, first) {
  if (!whole) return network.vector(memory);
  if (!first || prompt.symbols.length > whole) return null;
  const missing = Array.from({ length: whole - prompt.symbols.length });
  const symbols = [...prompt.symbols, ...missing.map(() => -1)];
  const nothing = new Float64Array(prompt.values[0]?.length ?? 0);
  const values = [...prompt.values, ...missing.map(() => nothing)];
  return network.whole(network.begin({ symbols, values }, level));
}

/** The likeliest keys of this press and the next ones, with their scores (forecast.py). */
export function forecast(weights, sizes, state, previous, seen) {
  if (!weights || !state) return [];
  const known = [...state];
  [previous, ...(seen ?? sizes.slice(1).map(() => -1))].forEach((each, place) => {
    for (let value = 0; value < sizes[place]; value += 1) known.push(Number(value === each));
  });
  known.push(1);
  const { shape: [ahead, , keys], data } = weights;
  return Array.from({ length: ahead }, (_, press) => {
    const scores = new Float64Array(keys);
    known.forEach((value, row) => {
      const start = (press * known.length + row) * keys;
      for (let key = 0; key < keys; key += 1) scores[key] += value * data[start + key];
    });
    const best = scores.indexOf(Math.max(...scores));
    return [best, scores[best]];
  });
}
