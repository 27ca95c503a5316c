/**
 * npm run bench:score [-- --json] [-- --quick]: the native scorer against the portable one, in one run, on the same models, texts and
 * batches. Prints the medians of tokens per second, interleaved so that a slow moment of the machine meets both.
 */
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { choosePlanParameters, planBatches } from "../dist/scoring/batch-plan.js";
import { loadBackend } from "../dist/scoring/llama-backend.js";
import { createNativeScorer } from "../dist/scoring/native-scorer.js";
import { createPortableScorer } from "../dist/scoring/portable-scorer.js";
import { defaultThreads } from "../dist/scoring/prepare-model.js";
import { defaultScoringOptions } from "../dist/scoring/settings.js";
import { sequenceOf, tokenCounts, tokeniseTexts } from "../dist/scoring/tokenise.js";
import { writeRandomModel } from "./random-model.mjs";

const json = process.argv.includes("--json");
const quick = process.argv.includes("--quick");
const runs = quick ? 3 : 5;
const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** The portable scorer is given fewer batches where it is slow, so that a run ends. */
const cases = [
  { name: "base-f16 (vocabulary 1,024)", file: path("../demo/models/base-f16.gguf"), nativeBatches: 24, portableBatches: 12 },
  {
    name: "random weights (vocabulary 32,000)",
    file: writeRandomModel(path("../build/bench/random-32000.gguf"), { vocabulary: 32_000 }),
    nativeBatches: 4,
    portableBatches: 1,
  },
];
const texts = readFileSync(path("../demo/texts.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line).text);

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Tokens per second over the first `count` batches. */
async function measure(scorer, sequences, batches, count) {
  let tokens = 0;
  const started = performance.now();
  for (const batch of batches.slice(0, count)) {
    const chosen = Array.from(batch, (text) => sequenceOf(sequences, text));
    tokens += chosen.reduce((sum, sequence) => sum + sequence.length - 1, 0);
    await scorer.scoreBatch(chosen);
  }
  return tokens / ((performance.now() - started) / 1000);
}

async function compare({ name, file, nativeBatches, portableBatches }, backend, threads) {
  const model = await backend.llama.loadModel({ modelPath: file });
  const sequences = tokeniseTexts(model, texts, "auto", model.trainContextSize);
  const vocabulary = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
  const plan = choosePlanParameters(tokenCounts(sequences), vocabulary, "cpu", defaultScoringOptions);
  const batches = planBatches(tokenCounts(sequences), plan);
  const createContext = () =>
    model.createContext({
      sequences: plan.sequences,
      contextSize: plan.contextSize,
      batchSize: plan.batchTokens,
      flashAttention: false,
      experimentalKvCacheKeyType: "F16",
      experimentalKvCacheValueType: "F32",
      threads,
    });
  const native = await createNativeScorer(await createContext(), backend, threads);
  const portable = createPortableScorer(await createContext());
  const speeds = { native: [], portable: [] };
  await measure(native, sequences, batches, 1);
  await measure(portable, sequences, batches, 1);
  for (let run = 0; run < runs; run++) {
    speeds.native.push(await measure(native, sequences, batches, nativeBatches));
    speeds.portable.push(await measure(portable, sequences, batches, portableBatches));
  }
  await native.dispose();
  await portable.dispose();
  await model.dispose();
  return { plan, case: name, ours: median(speeds.native), peer: median(speeds.portable) };
}

const threads = defaultThreads();
const backend = await loadBackend("off", threads, () => undefined);
const conditions = `${cpus()[0]?.model ?? "unknown processor"}, ${threads} threads, median of ${runs} runs`;
if (!json) console.log(`Scoring speed, tokens/s (${conditions})\n`);
for (const one of cases) {
  const { plan, ...result } = await compare(one, backend, threads);
  const ratio = result.ours / result.peer;
  if (json) console.log(JSON.stringify({ bench: "score", ...result, peer_name: "portable scorer", ratio, unit: "tokens/s", conditions: `${conditions}, batches of ${plan.batchTokens} tokens` }));
  else console.log(`${one.name.padEnd(36)} native ${result.ours.toFixed(0).padStart(7)}   portable ${result.peer.toFixed(0).padStart(7)}   ratio ${ratio.toFixed(1)}`);
}
await backend.llama.dispose();
