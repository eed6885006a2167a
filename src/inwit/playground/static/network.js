// The network: weights from a safetensors file, one gated recurrent unit, heads for keys and value.
// The twin of policies/gru.py with its reader `Bag`.

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

/** matrix (rows x columns) times vector, plus a bias. */
function affine({ shape: [rows, columns], data }, vector, bias) {
  const result = Float64Array.from(bias.data);
  for (let row = 0; row < rows; row += 1) {
    let sum = 0;
    for (let column = 0; column < columns; column += 1) {
      sum += data[row * columns + column] * vector[column];
    }
    result[row] += sum;
  }
  return result;
}

function addRow(result, { shape: [, columns], data }, row, weight = 1) {
  for (let column = 0; column < columns; column += 1) {
    result[column] += weight * data[row * columns + column];
  }
}

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

export class Network {
  /**
   * @param weights the tensors by name
   * @param sizes how many values the previous key and each thing seen can have
   */
  constructor(weights, sizes) {
    this.weights = weights;
    this.width = weights["cell.recurrent.weight"].shape[1];
    this.offsets = sizes.map((_, place) => sizes.slice(0, place).reduce((sum, size) => sum + size, 0));
  }

  /** The state after reading: symbols by number (negative: withheld), and the level. */
  begin(symbols, level) {
    const state = new Float64Array(this.width);
    for (let each = 0; each <= level; each += 1) addRow(state, this.weights["reader.level"], each);
    const known = symbols.filter((symbol) => symbol >= 0);
    for (const symbol of known) {
      addRow(state, this.weights["reader.symbol.weight"], symbol + 1, 1 / known.length);
    }
    return state.map(Math.tanh);
  }

  /** One press: { scores, value, state }. `seen` begins with the previous key. */
  step(seen, state) {
    const width = this.width;
    const inputs = new Float64Array(3 * width);
    seen.forEach((each, place) => addRow(inputs, this.weights["cell.inputs.weight"], this.offsets[place] + each));
    const past = affine(this.weights["cell.recurrent.weight"], state, this.weights["cell.recurrent.bias"]);
    const after = new Float64Array(width);
    for (let unit = 0; unit < width; unit += 1) {
      const reset = sigmoid(inputs[unit] + past[unit]);
      const update = sigmoid(inputs[width + unit] + past[width + unit]);
      const candidate = Math.tanh(inputs[2 * width + unit] + reset * past[2 * width + unit]);
      after[unit] = candidate + update * (state[unit] - candidate);
    }
    const heads = affine(this.weights["heads.weight"], after, this.weights["heads.bias"]);
    return { scores: Array.from(heads.slice(0, -1)), value: heads.at(-1), state: after };
  }
}

/** How likely each key is: softmax over the legal ones, even where none is liked. */
export function probabilities(scores, legal) {
  const masked = scores.map((score, key) => (legal[key] ? score : ILLEGAL));
  const most = Math.max(...masked);
  const parts = masked.map((score) => Math.exp(score - most));
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
}

/** The likeliest keys of this press and the next ones, with their scores (forecast.py). */
export function forecast(weights, sizes, state, previous, seen) {
  if (!weights) return [];
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
