/**
 * Writes llama models with random weights and a vocabulary of any size: what scoring costs does not depend on what a model learnt.
 * GGUF v3: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { alignment, Writer } from "../scripts/gguf-writer.mjs";

/** GPT-2's printable stand-ins for the 256 bytes. */
function byteTokens() {
  const printable = (byte) => (byte > 32 && byte < 127) || (byte > 160 && byte < 173) || byte > 173;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
}

/** Uniform float32 weights of a standard deviation, from a 32-bit linear congruential generator. */
function weights(count, deviation, seed) {
  const values = new Float32Array(count);
  let state = seed >>> 0;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = (state / 2 ** 31 - 1) * deviation * Math.sqrt(3);
  }
  return Buffer.from(values.buffer);
}

/** Names and shapes of the tensors of a llama model. */
function tensorsOf({ vocabulary, width, layers, feedForward, headSize, heads, keyValueHeads, tied }) {
  const tensors = [["token_embd.weight", [width, vocabulary]], ["output_norm.weight", [width]]];
  if (!tied) tensors.push(["output.weight", [width, vocabulary]]);
  for (let layer = 0; layer < layers; layer++) {
    const add = (name, shape) => tensors.push([`blk.${layer}.${name}.weight`, shape]);
    add("attn_norm", [width]);
    add("attn_q", [width, heads * headSize]);
    for (const name of ["attn_k", "attn_v"]) add(name, [width, keyValueHeads * headSize]);
    add("attn_output", [heads * headSize, width]);
    add("ffn_norm", [width]);
    for (const name of ["ffn_gate", "ffn_up"]) add(name, [width, feedForward]);
    add("ffn_down", [feedForward, width]);
  }
  return tensors.map(([name, shape]) => ({ name, shape, size: shape.reduce((product, dimension) => product * dimension, 1) }));
}

/** One token a byte; the other entries of the vocabulary are never met in a text. */
function metadataOf({ vocabulary, width, layers, feedForward, headSize, heads, keyValueHeads }) {
  const words = Array.from({ length: vocabulary - 258 }, (_, i) => `<word ${i}>`);
  return [
    ["general.architecture", "string", "llama"],
    ["general.name", "string", `random, vocabulary ${vocabulary}`],
    ["general.file_type", "uint32", 0],
    ["llama.context_length", "uint32", 2048],
    ["llama.embedding_length", "uint32", width],
    ["llama.block_count", "uint32", layers],
    ["llama.feed_forward_length", "uint32", feedForward],
    ["llama.attention.head_count", "uint32", heads],
    ["llama.attention.head_count_kv", "uint32", keyValueHeads],
    ["llama.attention.layer_norm_rms_epsilon", "float32", 1e-5],
    ["llama.rope.dimension_count", "uint32", headSize],
    ["llama.vocab_size", "uint32", vocabulary],
    ["tokenizer.ggml.model", "string", "gpt2"],
    ["tokenizer.ggml.pre", "string", "gpt-2"],
    ["tokenizer.ggml.tokens", "string", [...byteTokens(), ...words, "<s>", "</s>"]],
    ["tokenizer.ggml.token_type", "int32", Array.from({ length: vocabulary }, (_, i) => (i < vocabulary - 2 ? 1 : 3))],
    ["tokenizer.ggml.merges", "string", ["a b"]],
    ["tokenizer.ggml.bos_token_id", "uint32", vocabulary - 2],
    ["tokenizer.ggml.eos_token_id", "uint32", vocabulary - 1],
    ["tokenizer.ggml.add_bos_token", "bool", true],
  ];
}

/**
 * Writes a model in float32.
 * @param path where it goes; an existing file is kept, so name the shape in it
 * @param shape vocabulary (at least 258), width (a multiple of 64), layers, seed. By default: heads of 32 with keys and values of their
 *   own, a feed-forward layer of three widths, an output layer apart from the embeddings (`tied`: the same). `logitDeviation`: about
 *   the standard deviation of the logits
 * @returns the path
 */
export function writeRandomModel(path, { vocabulary, width = 128, layers = 2, headSize = 32, seed = 1, tied = false, logitDeviation = 1, ...given }) {
  if (existsSync(path)) return path;
  const heads = width / headSize;
  const shape = { vocabulary, width, layers, headSize, heads, tied, keyValueHeads: heads, feedForward: 3 * width, ...given };
  const tensors = tensorsOf(shape);
  const metadata = metadataOf(shape);

  const header = new Writer().bytes(Buffer.from("GGUF")).uint32(3).uint64(tensors.length).uint64(metadata.length);
  for (const [key, type, value] of metadata) header.entry(key, type, value);
  let offset = 0;
  for (const { name, shape: dimensions, size } of tensors) {
    header.string(name).uint32(dimensions.length);
    for (const dimension of dimensions) header.uint64(dimension);
    header.uint32(0).uint64(offset);
    offset += Math.ceil((4 * size) / alignment) * alignment;
  }

  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.unfinished`;
  const file = openSync(unfinished, "w");
  writeSync(file, header.pad().toBuffer());
  tensors.forEach(({ name, shape: dimensions, size }, i) => {
    const deviation = name.startsWith("token") && !tied ? 1 : 1 / Math.sqrt(dimensions[0]);
    const scale = name === "output_norm.weight" ? logitDeviation : 1;
    const data = dimensions.length === 1 ? Buffer.from(new Float32Array(size).fill(scale).buffer) : weights(size, deviation, seed + i);
    writeSync(file, new Writer().bytes(data).pad().toBuffer());
  });
  closeSync(file);
  renameSync(unfinished, path);
  return path;
}
