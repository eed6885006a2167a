// How numbers are seen: the twin of see_number and see_waves in tasks/observations.py.

const SMALL = Array.from({ length: 15 }, (_, place) => place - 2);
const MODULI = [2, 3, 5, 10];
const PERIODS = [2, 3, 4, 5, 7, 10, 20, 50, 100, 200];
const RATES = [1, 2, 4, 8];
const [SCALE, TINY, SPREAD, MOST] = [4, 1e-3, 20, 9];

/** Sign, magnitude, small whole numbers, remainders, and flags: empty (NaN), fault (infinite). */
export function seeNumber(value) {
  const flags = [Number.isNaN(value), Math.abs(value) === Infinity, false].map(Number);
  const known = Number.isFinite(value);
  const number = known ? value : 0;
  const remainders = MODULI.map((modulus) => (((number % modulus) + modulus) % modulus) / modulus);
  const small = SMALL.map((each) => Number(known && each === number));
  return [Math.sign(number), Math.log1p(Math.abs(number)) / SCALE, ...small, ...remainders, ...flags].map(Math.fround);
}

/** The value and its logarithm, and sines and cosines of both; zeros for what is not a number. */
export function seeWaves(value) {
  const width = 2 + 2 * (PERIODS.length + RATES.length);
  if (!Number.isFinite(value)) return new Array(width).fill(0);
  const logarithm = Math.log(Math.abs(value) + TINY);
  const turns = [...PERIODS.map((period) => (2 * Math.PI * value) / period), ...RATES.map((rate) => logarithm * rate)];
  const plain = [Math.max(-SPREAD, Math.min(SPREAD, value / SPREAD)), Math.min(MOST, logarithm)];
  return [...plain, ...turns.map(Math.sin), ...turns.map(Math.cos)].map(Math.fround);
}
