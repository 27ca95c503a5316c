/**
 * npm run bench:memory [-- --json] [-- --quick]: memory of one scorer process that scores many models in a row: whether it grows, and its
 * peak over the size of the model and the logits of a batch. A process of a run is replaced after a hundred models; here it is not.
 */
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ScorerSupervisor } from "../dist/scoring/scorer-supervisor.js";
import { defaultScoringOptions } from "../dist/scoring/settings.js";
import { models } from "./models.mjs";
import { gpu, json, quick, report, say } from "./report.mjs";

const mebibyte = 1024 * 1024;
const demo = (name) => ({ name: `${name} (tiny)`, path: () => fileURLToPath(new URL(`../demo/models/${name}.gguf`, import.meta.url)), contents: models.base.contents });
const cases = [
  { model: demo("small-f16"), times: quick ? 40 : 1000 },
  { model: models.hundredMillion, times: quick ? 3 : 20 },
  { model: models.random152k, times: quick ? 3 : 20 },
];

/** Scores a few texts of one model again and again, in one process. */
async function scoreAgainAndAgain({ name, path, contents }, times) {
  const modelPath = path();
  if (modelPath === null) return;
  const texts = contents.slice(0, 4);
  const supervisor = new ScorerSupervisor({}, { modelsPerProcess: Infinity });
  const job = { modelPath, contents: texts, options: { ...defaultScoringOptions, gpu }, stored: null };
  let logits = 0;
  const resident = [];
  let peak = 0;
  try {
    for (let i = 0; i < times; i++) {
      const { memory } = await supervisor.score(job, {
        onPrepared: async ({ settings, vocabulary }) => {
          logits = 4 * vocabulary * settings.batchTokens;
          return new Uint8Array(texts.length);
        },
        onBatch: async () => undefined,
      });
      resident.push(memory.resident);
      peak = memory.peakResident;
    }
  } finally {
    supervisor.dispose();
  }
  const size = statSync(modelPath).size;
  const conditions = {
    times,
    model_bytes: size,
    logits_bytes_per_context: logits,
    peak_bytes: peak,
    resident_after_bytes: Object.fromEntries([1, 20, 100, 200, 500, 1000].filter((count) => count <= times).map((count) => [count, resident[count - 1]])),
    resident_at_end_bytes: resident.at(-1),
  };
  const over = (peak - size - logits) / mebibyte;
  report({ bench: "memory", case: `${name}: peak over model and logits`, ours: over, peer: null, peer_name: null, unit: "MiB", conditions });
  if (json) return;
  const after = Object.entries(conditions.resident_after_bytes).map(([count, bytes]) => `${(bytes / mebibyte).toFixed(0)} after ${count}`);
  say(`  peak ${(peak / mebibyte).toFixed(0)} MiB; model ${(size / mebibyte).toFixed(1)}, logits of a batch ${(logits / mebibyte).toFixed(1)}; resident between models, MiB: ${after.join(", ")}, ${(resident.at(-1) / mebibyte).toFixed(0)} at the end`);
}

say("Memory of a scorer process, one run each\n");
for (const { model, times } of cases) await scoreAgainAndAgain(model, times);
