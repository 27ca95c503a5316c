/**
 * npm run bench:score [-- --json] [-- --quick]: the native scorer against the portable one, in one run, on the same models, texts and
 * batches. Prints the medians of tokens per second, interleaved so that a slow moment of the machine meets both.
 */
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { defaultThreads, prepareModel } from "../dist/scoring/prepare-model.js";
import { scoreTexts } from "../dist/scoring/score-texts.js";
import { defaultScoringOptions } from "../dist/scoring/settings.js";
import { writeRandomModel } from "./random-model.mjs";

const json = process.argv.includes("--json");
const quick = process.argv.includes("--quick");
const runs = quick ? 3 : 7;
const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** The portable scorer is given fewer texts where it is slow, so that a run ends. */
const cases = [
  { name: "base-f16 (vocabulary 1,024)", modelPath: path("../demo/models/base-f16.gguf"), nativeTexts: 60, portableTexts: 24 },
  {
    name: "random weights (vocabulary 32,000)",
    modelPath: writeRandomModel(path("../build/bench/random-32000.gguf"), { vocabulary: 32_000 }),
    nativeTexts: 12,
    portableTexts: 2,
  },
];
const contents = readFileSync(path("../demo/texts.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line).text);

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Tokens per second over the first `count` texts of the plan. */
async function measure(model, count) {
  const done = new Uint8Array(contents.length).fill(1);
  for (const text of model.batches.flatMap((batch) => Array.from(batch)).slice(0, count)) done[text] = 0;
  let tokens = 0;
  const started = performance.now();
  await scoreTexts(model, done, {
    onBatch: (rows) => (tokens += rows.tokens.reduce((sum, length) => sum + length - 1, 0)),
    shouldStop: () => false,
  });
  return tokens / ((performance.now() - started) / 1000);
}

async function compare({ modelPath, nativeTexts, portableTexts }) {
  const prepare = (scorer) =>
    prepareModel({ modelPath, contents, plan: null, options: { ...defaultScoringOptions, gpu: "off", scorer } }, () => undefined);
  const native = await prepare("native");
  const portable = await prepare("portable");
  const speeds = { native: [], portable: [] };
  await measure(native, 2);
  await measure(portable, 1);
  for (let run = 0; run < runs; run++) {
    speeds.native.push(await measure(native, nativeTexts));
    speeds.portable.push(await measure(portable, portableTexts));
  }
  const batchTokens = native.prepared.settings.batchTokens;
  await native.dispose();
  await portable.dispose();
  return { ours: median(speeds.native), peer: median(speeds.portable), batchTokens };
}

const machine = `${cpus()[0]?.model ?? "unknown processor"}, ${defaultThreads()} threads, CPU, median of ${runs} runs`;
if (!json) console.log(`Scoring speed, tokens/s (${machine})\n`);
for (const one of cases) {
  const { ours, peer, batchTokens } = await compare(one);
  const ratio = ours / peer;
  const conditions = `${machine}, batches of at most ${batchTokens} tokens`;
  if (json) {
    const line = { bench: "score", case: one.name, ours, peer, peer_name: "portable scorer", ratio, unit: "tokens/s", conditions };
    console.log(JSON.stringify(line));
  } else {
    const [native, portable] = [ours, peer].map((speed) => speed.toFixed(0).padStart(7));
    console.log(`${one.name.padEnd(36)} native ${native}   portable ${portable}   ratio ${ratio.toFixed(1)}`);
  }
}
