/**
 * Writes llama models with random weights and a vocabulary of any size: what scoring costs does not depend on what a model learnt.
 * GGUF v3: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
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

/**
 * @param path where the model goes; an existing file is kept
 * @param shape vocabulary (at least 258), width (a multiple of 32), layers, seed
 */
export function writeRandomModel(path, { vocabulary, width = 64, layers = 2, seed = 1 }) {
  if (existsSync(path)) return path;
  const feedForward = 3 * width;
  const words = Array.from({ length: vocabulary - 258 }, (_, i) => `<word ${i}>`);
  const tensors = [["token_embd.weight", [width, vocabulary]], ["output_norm.weight", [width]], ["output.weight", [width, vocabulary]]];
  for (let layer = 0; layer < layers; layer++) {
    const add = (name, shape) => tensors.push([`blk.${layer}.${name}.weight`, shape]);
    add("attn_norm", [width]);
    for (const name of ["attn_q", "attn_k", "attn_v", "attn_output"]) add(name, [width, width]);
    add("ffn_norm", [width]);
    add("ffn_gate", [width, feedForward]);
    add("ffn_up", [width, feedForward]);
    add("ffn_down", [feedForward, width]);
  }
  const metadata = [
    ["general.architecture", "string", "llama"],
    ["general.name", "string", `random, vocabulary ${vocabulary}`],
    ["general.file_type", "uint32", 0],
    ["llama.context_length", "uint32", 2048],
    ["llama.embedding_length", "uint32", width],
    ["llama.block_count", "uint32", layers],
    ["llama.feed_forward_length", "uint32", feedForward],
    ["llama.attention.head_count", "uint32", width / 32],
    ["llama.attention.head_count_kv", "uint32", width / 32],
    ["llama.attention.layer_norm_rms_epsilon", "float32", 1e-5],
    ["llama.rope.dimension_count", "uint32", 32],
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

  const file = new Writer().bytes(Buffer.from("GGUF")).uint32(3).uint64(tensors.length).uint64(metadata.length);
  for (const [key, type, value] of metadata) file.entry(key, type, value);
  let offset = 0;
  const sizes = tensors.map(([, shape]) => shape.reduce((product, dimension) => product * dimension, 1));
  tensors.forEach(([name, shape], i) => {
    file.string(name).uint32(shape.length);
    for (const dimension of shape) file.uint64(dimension);
    file.uint32(0).uint64(offset);
    offset += Math.ceil((4 * sizes[i]) / alignment) * alignment;
  });
  file.pad();
  tensors.forEach(([name, shape], i) => {
    const ones = shape.length === 1;
    const data = ones ? Buffer.from(new Float32Array(sizes[i]).fill(1).buffer) : weights(sizes[i], name.startsWith("token") ? 1 : 1 / Math.sqrt(shape[0]), seed + i);
    file.bytes(data).pad();
  });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, file.toBuffer());
  return path;
}
