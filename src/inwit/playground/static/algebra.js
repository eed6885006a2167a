// Vectors and matrices as the networks need them: plain arrays, tensors as { shape, data }.

/** The row of a table, multiplied by a weight and added to a vector. */
export function addRow(result, { shape: [, columns], data }, row, weight = 1) {
  for (let column = 0; column < columns; column += 1) result[column] += weight * data[row * columns + column];
}

/** matrix (rows x columns) times vector, plus a bias where there is one. */
export function affine({ shape: [rows, columns], data }, vector, bias = null) {
  const result = bias ? Float64Array.from(bias.data) : new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    let sum = 0;
    for (let column = 0; column < columns; column += 1) sum += data[row * columns + column] * vector[column];
    result[row] += sum;
  }
  return result;
}

export const sum = (one, other) => one.map((value, place) => value + other[place]);
export const dot = (one, other) => one.reduce((total, value, place) => total + value * other[place], 0);
export const joined = (...vectors) => Float64Array.from(vectors.flatMap((each) => [...each]));
export const zeros = (length) => new Float64Array(length);
export const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** Shares that add up to 1: the exponentials of the scores. */
export function softmax(scores) {
  const most = Math.max(...scores);
  const parts = scores.map((score) => Math.exp(score - most));
  const total = parts.reduce((all, part) => all + part, 0);
  return parts.map((part) => part / total);
}

/** A vector with mean 0 and variance 1, then scaled and moved unit by unit. */
export function normed(vector, weight, bias) {
  const mean = vector.reduce((all, value) => all + value, 0) / vector.length;
  const spread = vector.reduce((all, value) => all + (value - mean) ** 2, 0) / vector.length;
  const scale = 1 / Math.sqrt(spread + 1e-5);
  return vector.map((value, place) => (value - mean) * scale * weight.data[place] + bias.data[place]);
}

/** x times the share of a normal distribution that is below x. */
export function gelu(x) {
  return (x / 2) * (1 + errorFunction(x / Math.SQRT2));
}

function errorFunction(x) {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let total = x;
  for (let place = 1; Math.abs(term) > 1e-17 * Math.abs(total); place += 1) {
    term *= (2 * x * x) / (2 * place + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

/** A gated recurrent unit: what was put into its gates, the state, its recurrent weights. */
export function gated(inputs, state, weight, bias) {
  const width = state.length;
  const past = affine(weight, state, bias);
  return state.map((value, unit) => {
    const reset = sigmoid(inputs[unit] + past[unit]);
    const update = sigmoid(inputs[width + unit] + past[width + unit]);
    const candidate = Math.tanh(inputs[2 * width + unit] + reset * past[2 * width + unit]);
    return candidate + update * (value - candidate);
  });
}
