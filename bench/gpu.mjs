/**
 * npm run bench:gpu -- --gpu cuda|metal|vulkan [--json] [--quick]: what to know of scoring on a GPU, in one command: whether its values are the
 * CPU's and the float64 reference's, and what a second context (gather while the other decodes) and wider batches bring. bench:score
 * and bench:on-device-gather have the rest; scripts/gpu-check.sh runs all of them.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { scoreTexts } from "../dist/scoring/score-texts.js";
import { openBackend, prepare } from "./contexts.mjs";
import { models } from "./models.mjs";
import { gpu, json, machine, median, quick, report, rounded, say } from "./report.mjs";
import { batchesFor, decodeBatches, scoreBatches } from "./throughput.mjs";

const runs = quick ? 3 : 9;
const seconds = quick ? 0.3 : 2;
const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const references = JSON.parse(readFileSync(path("test/fixtures/log-likelihood-float64.json"), "utf8")).models;
const texts = readFileSync(path("test/fixtures/texts-100.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line).text).slice(0, quick ? 8 : 100);
const meanBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / texts.length;

const device = await openBackend();
const cpu = await openBackend("off");

/** Log-likelihoods of the fixture texts, nats. */
async function logLikelihoods(backend, file) {
  const model = await prepare(backend, path(`demo/models/${file}`), texts, { scorer: "native" });
  const values = new Float64Array(texts.length);
  const onBatch = ({ text, logLikelihood }) => text.forEach((position, i) => (values[position] = logLikelihood[i]));
  await scoreTexts(model, new Uint8Array(texts.length), { onBatch, shouldStop: () => false });
  await model.dispose();
  return values;
}

const worstRelative = (values, expected) => Math.max(...values.map((value, i) => Math.abs(value / expected[i] - 1)));

/** Var / (2 B ln 2), docs/method.md. */
function klBitsPerByte(one, other) {
  const differences = Array.from(one, (value, i) => value - other[i]);
  const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / differences.length;
  return variance / (2 * meanBytes * Math.LN2);
}

async function compareValues(file) {
  const onCpu = await logLikelihoods(cpu, file);
  const onDevice = await logLikelihoods(device, file);
  const conditions = {
    texts: texts.length,
    kl_to_cpu_bits_per_byte: klBitsPerByte(onDevice, onCpu),
    worst_relative_to_cpu: worstRelative(onDevice, onCpu),
  };
  const [ours, peer] = [onDevice, onCpu].map((values) => worstRelative(values, references[file].log_likelihood));
  const result = { bench: "gpu", case: `${file}: worst relative error against float64`, ours, peer, peer_name: "CPU", unit: "relative", conditions };
  if (json) report(result);
  else say(`${file.padEnd(26)} ${ours.toExponential(1)} (CPU ${peer.toExponential(1)}); from the CPU ${conditions.worst_relative_to_cpu.toExponential(1)}, KL ${conditions.kl_to_cpu_bits_per_byte.toExponential(1)} bits/byte`);
}

/** Interleaved medians of tokens per second: one context and two, of the default batch and of others. */
async function compareContexts({ name, path: modelPath, contents }) {
  const found = modelPath();
  if (found === null) return;
  const choices = [
    { label: "1 context", options: { contexts: 1 } },
    { label: "2 contexts", options: { contexts: 2 } },
    ...(quick ? [] : [512, 1024, 4096].map((batchTokens) => ({ label: `2 contexts, ${batchTokens} tokens`, options: { contexts: 2, batchTokens } }))),
  ];
  const opened = [];
  for (const { label, options } of choices) {
    const model = await prepare(device, found, contents, { scorer: "native", ...options });
    opened.push({ label, model, batches: await batchesFor(model, seconds, 2), speeds: [], raw: [] });
  }
  for (let run = 0; run < runs; run++) {
    for (const one of run % 2 === 0 ? opened : opened.toReversed()) {
      one.speeds.push(await scoreBatches(one.model, one.batches));
      one.raw.push(await decodeBatches(one.model, one.batches));
    }
  }
  for (const { label, model, speeds, raw } of opened) {
    const { batchTokens, sequences, gpuLayers } = model.prepared.settings;
    const conditions = { runs, statistic: "median", batch_tokens: batchTokens, sequences, gpu_layers: gpuLayers, raw_decode: median(raw) };
    report({ bench: "gpu", case: `${name}: ${label}`, ours: median(speeds), peer: median(opened[0].speeds), peer_name: "1 context", unit: "tokens/s", conditions });
    say(`${"".padEnd(44)} raw decode in the same contexts ${rounded(median(raw))} tokens/s, batches of ${batchTokens}`);
    await model.dispose();
  }
}

say(`Scoring on ${machine.device} (--gpu ${gpu}), ${machine.processor}, ${machine.threads} threads\n\nValues, worst over ${texts.length} texts`);
for (const file of Object.keys(references).slice(0, quick ? 4 : undefined)) await compareValues(file);
say(`\nOverlap and width of batches, medians of ${runs} interleaved runs`);
for (const model of [models.random32k, models.random152k, models.hundredMillion]) await compareContexts(model);
