/**
 * A forward pass of the llama architecture in float64, in plain loops: the reference for what llama.cpp computes. It shares no code with the
 * package and knows only what the fixtures need: F16 and F32 tensors, as many key heads as query heads, the output tied to the embedding.
 * The architecture: RMS norm, rotary positions on neighbouring pairs, SwiGLU.
 */
import { readFileSync } from "node:fs";
import { readGgufFileInfo } from "node-llama-cpp";

/**
 * @typedef {{ rows: number, columns: number, values: Float64Array }} Matrix row-major; a vector has one row
 * @typedef {{ layers: number, heads: number, epsilon: number, ropeBase: number, tensors: Map<string, Matrix> }} Model
 */

/** @returns {Promise<{ metadata: object, tensors: Map<string, Matrix> }>} the tensors by name. Errors: a type that is neither F32 nor F16. */
export async function readTensors(path) {
  const bytes = readFileSync(path);
  const { metadata, fullTensorInfo } = await readGgufFileInfo(path, { logWarnings: false });
  const tensors = new Map();
  for (const { name, dimensions, ggmlType, fileOffset } of fullTensorInfo) {
    const [columns, rows = 1] = dimensions.map(Number);
    tensors.set(name, { rows, columns, values: readValues(name, bytes.subarray(Number(fileOffset)), ggmlType, rows * columns) });
  }
  return { metadata, tensors };
}

function readValues(name, bytes, ggmlType, count) {
  if (ggmlType === 0) return Float64Array.from({ length: count }, (_, i) => bytes.readFloatLE(4 * i));
  if (ggmlType === 1) return Float64Array.from({ length: count }, (_, i) => halfToDouble(bytes.readUInt16LE(2 * i)));
  throw new Error(`Expected ${name} to be F32 (0) or F16 (1) but its ggml type is ${ggmlType}.`);
}

/** The value of an IEEE 754 half-precision number. */
function halfToDouble(bits) {
  const sign = bits >> 15 === 1 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** @returns {Promise<Model>} */
export async function readLlama(path) {
  const { metadata, tensors } = await readTensors(path);
  const { block_count: layers, attention, rope } = metadata.llama;
  if (tensors.has("output.weight")) throw new Error(`Expected the output of ${path} to be tied to its embedding, but it has an output.weight.`);
  return { layers, heads: attention.head_count, epsilon: attention.layer_norm_rms_epsilon, ropeBase: rope.freq_base ?? 10_000, tensors };
}

/**
 * A model with a LoRA adapter merged: W + (alpha / rank) B A for every pair of tensors.
 * @param {Model} model left as it is
 * @returns {Promise<Model>}
 */
export async function withAdapter(model, adapterPath) {
  const { metadata, tensors } = await readTensors(adapterPath);
  const merged = new Map(model.tensors);
  for (const [name, a] of tensors) {
    if (!name.endsWith(".lora_a")) continue;
    const target = name.slice(0, -".lora_a".length);
    const b = tensors.get(`${target}.lora_b`);
    const weights = merged.get(target);
    const scale = metadata.adapter.lora.alpha / a.rows;
    const values = Float64Array.from(weights.values);
    for (let row = 0; row < weights.rows; row++) {
      for (let rank = 0; rank < a.rows; rank++) {
        const factor = scale * b.values[row * b.columns + rank];
        for (let column = 0; column < a.columns; column++) values[row * a.columns + column] += factor * a.values[rank * a.columns + column];
      }
    }
    merged.set(target, { ...weights, values });
  }
  return { ...model, tensors: merged };
}

/**
 * Log-likelihood of a token sequence in nats, the sum over its tokens but the first.
 * @param {Model} model
 * @param {readonly number[]} tokens
 */
export function logLikelihood(model, tokens) {
  const inputs = tokens.slice(0, -1);
  const embedding = tensor(model, "token_embd.weight");
  const width = embedding.columns;
  const hidden = new Float64Array(inputs.length * width);
  inputs.forEach((token, position) => hidden.set(embedding.values.subarray(token * width, (token + 1) * width), position * width));

  for (let layer = 0; layer < model.layers; layer++) {
    const weights = (name) => tensor(model, `blk.${layer}.${name}.weight`);
    const project = (name, input) => multiply(weights(name), input);

    const attentionInput = rmsNorm(hidden, weights("attn_norm"), model.epsilon);
    const queries = rotate(project("attn_q", attentionInput), width, model);
    const keys = rotate(project("attn_k", attentionInput), width, model);
    const attended = attend(queries, keys, project("attn_v", attentionInput), width, model.heads);
    add(hidden, project("attn_output", attended));

    const feedForwardInput = rmsNorm(hidden, weights("ffn_norm"), model.epsilon);
    const gate = project("ffn_gate", feedForwardInput);
    const up = project("ffn_up", feedForwardInput);
    add(hidden, project("ffn_down", up.map((value, i) => (value * gate[i]) / (1 + Math.exp(-gate[i])))));
  }

  const logits = multiply(embedding, rmsNorm(hidden, tensor(model, "output_norm.weight"), model.epsilon));
  let sum = 0;
  for (let position = 0; position < inputs.length; position++) {
    const row = logits.subarray(position * embedding.rows, (position + 1) * embedding.rows);
    const most = row.reduce((maximum, logit) => Math.max(maximum, logit), -Infinity);
    const weight = row.reduce((total, logit) => total + Math.exp(logit - most), 0);
    sum += row[tokens[position + 1]] - most - Math.log(weight);
  }
  return sum;
}

function tensor(model, name) {
  const found = model.tensors.get(name);
  if (found === undefined) throw new Error(`The model has no tensor ${name}.`);
  return found;
}

/** One output row per input row: the weights times it. */
function multiply({ rows, columns, values }, input) {
  const count = input.length / columns;
  const output = new Float64Array(count * rows);
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    for (let position = 0; position < count; position++) {
      const start = position * columns;
      let sum = 0;
      for (let i = 0; i < columns; i++) sum += values[from + i] * input[start + i];
      output[position * rows + row] = sum;
    }
  }
  return output;
}

function rmsNorm(input, { columns, values }, epsilon) {
  const output = new Float64Array(input.length);
  for (let start = 0; start < input.length; start += columns) {
    let squares = 0;
    for (let i = 0; i < columns; i++) squares += input[start + i] ** 2;
    const scale = 1 / Math.sqrt(squares / columns + epsilon);
    for (let i = 0; i < columns; i++) output[start + i] = input[start + i] * scale * values[i];
  }
  return output;
}

/** Turns each neighbouring pair of a head's values by its angle: position / base^(pair / half the head). */
function rotate(values, width, { heads, ropeBase }) {
  const head = width / heads;
  const rotated = new Float64Array(values.length);
  for (let i = 0; i < values.length; i += 2) {
    const angle = Math.floor(i / width) * ropeBase ** (-(i % head) / head);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    rotated[i] = values[i] * cos - values[i + 1] * sin;
    rotated[i + 1] = values[i] * sin + values[i + 1] * cos;
  }
  return rotated;
}

/** Causal attention, head by head. */
function attend(queries, keys, values, width, heads) {
  const head = width / heads;
  const count = queries.length / width;
  const output = new Float64Array(queries.length);
  const scores = new Float64Array(count);
  for (let offset = 0; offset < width; offset += head) {
    for (let position = 0; position < count; position++) {
      const query = position * width + offset;
      let most = -Infinity;
      for (let other = 0; other <= position; other++) {
        const key = other * width + offset;
        let sum = 0;
        for (let i = 0; i < head; i++) sum += queries[query + i] * keys[key + i];
        scores[other] = sum / Math.sqrt(head);
        most = Math.max(most, scores[other]);
      }
      let total = 0;
      for (let other = 0; other <= position; other++) total += scores[other] = Math.exp(scores[other] - most);
      for (let other = 0; other <= position; other++) {
        const weight = scores[other] / total;
        const value = other * width + offset;
        for (let i = 0; i < head; i++) output[query + i] += weight * values[value + i];
      }
    }
  }
  return output;
}

function add(sum, values) {
  for (let i = 0; i < sum.length; i++) sum[i] += values[i];
}
