// Attention among rows: the twin of policies/attention.py, for one episode.

import { affine, gelu, normed, softmax, sum, zeros } from "./algebra.js";

const HEADS = 4;

/** The blocks of a network, by the beginning of their names. */
export function blocks(weights, prefix) {
  const found = [];
  while (`${prefix}.${found.length}.out.weight` in weights) found.push(`${prefix}.${found.length}`);
  return found;
}

/** Rows that have attended to one another in both directions, and what each block keeps. */
export function readThrough(weights, names, rows, readable) {
  const caches = [];
  for (const name of names) {
    const cache = [];
    const queries = rows.map((row, place) => {
      const [query, ...kept] = projected(weights, name, row, place);
      cache.push(kept);
      return query;
    });
    rows = rows.map((row, place) => {
      const visible = cache.map((_, other) => readable[other] || other === place);
      return after(weights, name, row, queries[place], cache, visible);
    });
    caches.push(cache);
  }
  return [rows, caches];
}

/** A new row after one block, which also sees the rows before; the cache grows by it. */
export function append(weights, name, row, place, cache, visible) {
  const [query, ...kept] = projected(weights, name, row, place);
  const grown = [...cache, kept];
  return [after(weights, name, row, query, grown, visible), grown];
}

function projected(weights, name, row, place) {
  const before = normed(row, weights[`${name}.before.weight`], weights[`${name}.before.bias`]);
  const all = affine(weights[`${name}.project.weight`], before, weights[`${name}.project.bias`]);
  const width = row.length;
  const [query, key, value] = [0, 1, 2].map((part) => all.slice(part * width, (part + 1) * width));
  return [rotated(query, place), rotated(key, place), value];
}

function after(weights, name, row, query, cache, visible) {
  const seen = cache.filter((_, place) => visible[place]);
  const mixed = attended(query, seen, row.length / HEADS);
  const first = sum(row, affine(weights[`${name}.out.weight`], mixed, weights[`${name}.out.bias`]));
  const hidden = normed(first, weights[`${name}.hidden.0.weight`], weights[`${name}.hidden.0.bias`]);
  const wide = affine(weights[`${name}.hidden.1.weight`], hidden, weights[`${name}.hidden.1.bias`]).map(gelu);
  return sum(first, affine(weights[`${name}.hidden.3.weight`], wide, weights[`${name}.hidden.3.bias`]));
}

/** Head by head, the values of the rows that are seen, each by how well its key matches. */
function attended(query, seen, part) {
  const result = zeros(query.length);
  for (let start = 0; start < query.length; start += part) {
    const match = seen.map(([key]) => {
      let total = 0;
      for (let unit = start; unit < start + part; unit += 1) total += query[unit] * key[unit];
      return total / Math.sqrt(part);
    });
    const shares = softmax(match);
    seen.forEach(([, value], place) => {
      for (let unit = start; unit < start + part; unit += 1) result[unit] += shares[place] * value[unit];
    });
  }
  return result;
}

/** Each pair of a head's units, turned by an angle that grows with the place. */
function rotated(row, place) {
  const half = row.length / HEADS / 2;
  const turned = row.slice();
  for (let head = 0; head < HEADS; head += 1) {
    for (let unit = 0; unit < half; unit += 1) {
      const [one, other] = [2 * head * half + unit, (2 * head + 1) * half + unit];
      const angle = place * 10_000 ** (-unit / half);
      turned[one] = row[one] * Math.cos(angle) - row[other] * Math.sin(angle);
      turned[other] = row[one] * Math.sin(angle) + row[other] * Math.cos(angle);
    }
  }
  return turned;
}
