// Exact arithmetic: fractions of whole numbers of any length.

const BITS = 70n; // more than a float64 holds, so that rounding happens once

/** A fraction from a number as people write it: `-12.5`, `1e-7`. */
export function fraction(text) {
  const [, sign, whole, part = "", power = "0"] = /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/.exec(text);
  let over = BigInt(sign + whole + part);
  let under = 10n ** BigInt(part.length);
  if (Number(power) < 0) under *= 10n ** BigInt(-power);
  else over *= 10n ** BigInt(power);
  return reduce(over, under);
}

/** The value of an operation; null where it divides by zero. */
export function apply(operator, left, right) {
  if (operator === "+") return reduce(left.over * right.under + right.over * left.under, left.under * right.under);
  if (operator === "-") return reduce(left.over * right.under - right.over * left.under, left.under * right.under);
  if (operator === "*") return reduce(left.over * right.over, left.under * right.under);
  if (right.over === 0n) return null;
  return reduce(left.over * right.under, left.under * right.over);
}

/** All digits as a decimal, or `1/3` where they have no end. */
export function digits({ over, under }) {
  let rest = under;
  let places = 0;
  for (const factor of [2n, 5n]) {
    let count = 0;
    while (rest % factor === 0n) {
      rest /= factor;
      count += 1;
    }
    places = Math.max(places, count);
  }
  if (rest > 1n) return `${over}/${under}`;
  const size = ((over < 0n ? -over : over) * 10n ** BigInt(places)) / under;
  const shown = String(size).padStart(places + 1, "0");
  const sign = over < 0n ? "-" : "";
  return places ? `${sign}${shown.slice(0, -places)}.${shown.slice(-places)}` : sign + shown;
}

/** The nearest float64; infinite where it is too large. */
export function toNumber({ over, under }) {
  if (under === 1n) return Number(over);
  const size = over < 0n ? -over : over;
  const shift = BITS + BigInt(under.toString(2).length - size.toString(2).length);
  const scaled = shift > 0n ? size << shift : size;
  const divisor = shift > 0n ? under : under << -shift;
  let quotient = scaled / divisor;
  if (scaled % divisor !== 0n) quotient |= 1n; // so that rounding knows of the rest
  const value = Number(quotient) * 2 ** Number(-shift);
  return over < 0n ? -value : value;
}

function reduce(over, under) {
  if (under === 1n) return { over, under };
  if (under < 0n) [over, under] = [-over, -under];
  let [a, b] = [over < 0n ? -over : over, under];
  while (b) [a, b] = [b, a % b];
  return { over: over / a, under: under / a };
}
