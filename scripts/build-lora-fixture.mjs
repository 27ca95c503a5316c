/**
 * Builds the LoRA adapter of the tests, test/fixtures/base-lora-r4-f16.gguf, for demo/models/base-f16.gguf: seeded random weights, large enough to move
 * log-likelihoods by some percent; and the log-likelihoods of the 100 texts under base and adapter, from a float64 forward pass with the adapter
 * merged into the weights. The pass must first give what an independent one gave for the base alone (log-likelihood-float64.json), to the
 * last digit that is stored there; otherwise nothing is written. The same bytes come out every time, after some minutes.
 *
 *   node scripts/build-lora-fixture.mjs
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { getLlama } from "node-llama-cpp";
import { logLikelihood, readLlama, withAdapter } from "./float64-llama.mjs";
import { Writer } from "./gguf-writer.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const fixtures = join(root, "test", "fixtures");
const basePath = join(root, "demo", "models", "base-f16.gguf");
const adapterFile = "base-lora-r4-f16.gguf";
const valuesFile = "base-lora-r4-f16-float64.json";

const rank = 4;
const alpha = 8;
/** Adapted tensors by columns (what goes in) and rows (what comes out). */
const adapted = { attn_q: [128, 128], attn_v: [128, 128], ffn_down: [352, 128] };
const layers = 4;
/** Standard deviation of B's entries; A's are 1 / sqrt(columns). */
const deviation = 0.06;

/** The stored values have six decimals. */
const storedPrecision = 0.5e-6;

function adapterBytes() {
  const random = seededRandom(20250216);
  const tensors = [];
  for (let layer = 0; layer < layers; layer++) {
    for (const [name, [columns, rows]] of Object.entries(adapted)) {
      const target = `blk.${layer}.${name}.weight`;
      tensors.push({ name: `${target}.lora_a`, shape: [columns, rank], deviation: 1 / Math.sqrt(columns) });
      tensors.push({ name: `${target}.lora_b`, shape: [rank, rows], deviation });
    }
  }
  const metadata = [
    ["general.architecture", "string", "llama"],
    ["general.type", "string", "adapter"],
    ["general.name", "string", "random adapter of the tests"],
    ["adapter.type", "string", "lora"],
    ["adapter.lora.alpha", "float32", alpha],
  ];
  const file = new Writer().bytes(Buffer.from("GGUF")).uint32(3).uint64(tensors.length).uint64(metadata.length);
  for (const [key, type, value] of metadata) file.entry(key, type, value);
  const data = new Writer();
  for (const { name, shape, deviation } of tensors) {
    file.string(name).uint32(shape.length);
    for (const dimension of shape) file.uint64(dimension);
    file.uint32(1).uint64(data.size);
    data.bytes(halfPrecision(shape[0] * shape[1], deviation, random)).pad();
  }
  return file.pad().bytes(data.toBuffer()).toBuffer();
}

/** Uniform numbers of a standard deviation, as half-precision. */
function halfPrecision(count, deviation, random) {
  const bytes = Buffer.alloc(2 * count);
  for (let i = 0; i < count; i++) bytes.writeUInt16LE(toHalf((2 * random() - 1) * deviation * Math.sqrt(3)), 2 * i);
  return bytes;
}

/** The bits of the nearest half-precision number; for magnitudes below 1. */
function toHalf(value) {
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(value))));
  const steps = Math.round(Math.abs(value) / 2 ** (exponent - 10));
  // The leading bit of a normal number adds one to its exponent field.
  return (value < 0 ? 0x8000 : 0) + ((exponent + 14) << 10) + steps;
}

/** Seeded uniform numbers in [0, 1): mulberry32. */
function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Token sequences with BOS in front. The tokenizer is llama.cpp's; test/numeric compares its counts with an independent encoder's. */
async function tokenise(texts) {
  const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1 });
  const model = await llama.loadModel({ modelPath: basePath });
  try {
    return texts.map((text) => [model.tokens.bos, ...model.tokenize(text, false)]);
  } finally {
    await llama.dispose();
  }
}

function relativeDifferences(values, others) {
  return values.map((value, i) => Math.abs(value / others[i] - 1));
}

const texts = readFileSync(join(fixtures, "texts-100.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line).text);
const stored = JSON.parse(readFileSync(join(fixtures, "log-likelihood-float64.json"), "utf8")).models["base-f16.gguf"];
const sequences = await tokenise(texts);
const counts = sequences.map(({ length }) => length);
if (counts.some((count, i) => count !== stored.tokens[i])) throw new Error("The token sequences have other lengths than the stored ones.");

const base = await readLlama(basePath);
const plain = sequences.map((tokens) => logLikelihood(base, tokens));
const error = Math.max(...plain.map((value, i) => Math.abs(value - stored.log_likelihood[i])));
const worst = Math.max(...relativeDifferences(plain, stored.log_likelihood));
console.log(`base-f16 against its stored values: at most ${error.toExponential(2)} nats, ${worst.toExponential(2)} relative`);
if (!(error <= 1.1 * storedPrecision)) throw new Error(`Expected at most ${storedPrecision} nats, half of the last stored digit; nothing is written.`);

const temporary = mkdtempSync(join(tmpdir(), "lora-fixture-"));
try {
  const adapterPath = join(temporary, adapterFile);
  writeFileSync(adapterPath, adapterBytes());
  const merged = await withAdapter(base, adapterPath);
  const values = sequences.map((tokens) => logLikelihood(merged, tokens));
  const moved = relativeDifferences(values, plain);
  const mean = moved.reduce((sum, value) => sum + value, 0) / moved.length;
  console.log(`the adapter moves them by ${Math.min(...moved).toFixed(4)} to ${Math.max(...moved).toFixed(4)} relative, ${mean.toFixed(4)} on average`);
  const content = {
    base: "base-f16.gguf",
    adapter: adapterFile,
    policy: "BOS in front, first token not scored, nats",
    tokens: counts,
    log_likelihood: values.map((value) => Number(value.toFixed(6))),
  };
  writeFileSync(join(fixtures, valuesFile), `${JSON.stringify(content, null, 1)}\n`);
  copyFileSync(adapterPath, join(fixtures, adapterFile));
} finally {
  rmSync(temporary, { recursive: true });
}
