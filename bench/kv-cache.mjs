/**
 * npm run bench:kv-cache [-- --json] [-- --quick]: what the type of the attention cache and flash attention cost and give: tokens per
 * second, and the worst relative error of a log-likelihood against the independent float64 computation of test/fixtures. The peer is the default.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { scoreTexts } from "../dist/scoring/score-texts.js";
import { openBackend, prepare } from "./contexts.mjs";
import { json, machine, median, plural, quick, report, say } from "./report.mjs";
import { scoredTokens } from "./throughput.mjs";

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const references = JSON.parse(readFileSync(path("test/fixtures/log-likelihood-float64.json"), "utf8")).models;
const texts = readFileSync(path("test/fixtures/texts-100.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line).text);

const runs = quick ? 1 : 5;
const contents = texts.slice(0, quick ? 16 : texts.length);
const settings = [
  { name: "F16/F32 (default)", options: { kvCacheType: "F16/F32" } },
  { name: "F16", options: { kvCacheType: "F16" } },
  { name: "F32", options: { kvCacheType: "F32" } },
  { name: "F16, flash attention", options: { kvCacheType: "F16", flashAttention: true } },
];
const groups = [
  { name: "F16 models", files: Object.keys(references).filter((file) => /-f16\.gguf$/.test(file)) },
  { name: "quantized models", files: Object.keys(references).filter((file) => !/-f16\.gguf$/.test(file)) },
];

const backend = await openBackend();

/** Scores all texts: tokens per second, and the worst relative error. */
async function measure(file, options) {
  const model = await prepare(backend, path(`demo/models/${file}`), contents, { scorer: "native", ...options });
  const expected = references[file].log_likelihood;
  let error = 0;
  const onBatch = ({ text, logLikelihood }) =>
    text.forEach((position, i) => (error = Math.max(error, Math.abs(logLikelihood[i] / expected[position] - 1))));
  const started = performance.now();
  await scoreTexts(model, new Uint8Array(contents.length), { onBatch, shouldStop: () => false });
  const seconds = (performance.now() - started) / 1000;
  await model.dispose();
  return { error, tokens: scoredTokens(model, model.batches), seconds };
}

say(`Attention cache: tokens/s and worst relative error of a log-likelihood (${machine.processor}, ${machine.threads} threads, CPU;`);
say(`${contents.length} texts; speeds are medians of ${plural(runs, "interleaved run")}, errors the worst over models and texts)\n`);
for (const { name, files } of groups) {
  const speeds = settings.map(() => []);
  const errors = settings.map(() => 0);
  for (let run = 0; run < runs; run++) {
    const sums = settings.map(() => ({ tokens: 0, seconds: 0 }));
    for (const file of files) {
      for (const [i, { options }] of settings.entries()) {
        const { error, tokens, seconds } = await measure(file, options);
        errors[i] = Math.max(errors[i], error);
        sums[i].tokens += tokens;
        sums[i].seconds += seconds;
      }
    }
    sums.forEach(({ tokens, seconds }, i) => speeds[i].push(tokens / seconds));
  }
  const peer = median(speeds[0]);
  settings.forEach((setting, i) => {
    const ours = median(speeds[i]);
    if (json) {
      const conditions = { runs, statistic: "median", models: files.length, texts: contents.length, worst_relative_error: errors[i] };
      report({ bench: "kv-cache", case: `${name}: ${setting.name}`, ours, peer, peer_name: settings[0].name, unit: "tokens/s", conditions });
    } else {
      say(`${`${name} (${files.length})`.padEnd(22)} ${setting.name.padEnd(22)} ${errors[i].toExponential(1)}   ${Math.round(ours).toLocaleString("en-US").padStart(7)} tokens/s   ratio ${(ours / peer).toFixed(2)}`);
    }
  });
}
