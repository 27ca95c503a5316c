/** From starting a scorer process to its first batch: as a run does it, and the steps one by one in a process of their own. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ScorerSupervisor } from "../dist/scoring/scorer-supervisor.js";
import { defaultScoringOptions } from "../dist/scoring/settings.js";
import { median, quick, report } from "./report.mjs";

const runs = quick ? 3 : 9;
const stepsScript = fileURLToPath(new URL("start-up-steps.mjs", import.meta.url));

/** Seconds from the start of a new scorer process until the model is prepared, and until the rows of the first batch are here. */
async function startScorer(modelPath, contents) {
  const supervisor = new ScorerSupervisor();
  const stop = new AbortController();
  const started = performance.now();
  const since = () => (performance.now() - started) / 1000;
  const seconds = {};
  const job = { modelPath, contents, options: { ...defaultScoringOptions, gpu: "off" }, plan: null };
  try {
    await supervisor.score(
      job,
      {
        onPrepared: async () => {
          seconds.prepared = since();
          return new Uint8Array(contents.length);
        },
        onBatch: async () => {
          seconds.first_batch ??= since();
          stop.abort();
        },
      },
      stop.signal,
    );
  } finally {
    supervisor.dispose();
  }
  return seconds;
}

/** Seconds of each step, from a process that takes them in the order of the scorer. */
function startSteps(modelPath, contents) {
  return new Promise((resolve, reject) => {
    const child = fork(stepsScript, { serialization: "advanced" });
    let seconds = null;
    child.on("message", (message) => (seconds = message)).on("error", reject);
    child.on("exit", (code) => (seconds === null ? reject(new Error(`start-up-steps.mjs ended with exit code ${code}`)) : resolve(seconds)));
    child.send({ modelPath, contents, started: Date.now() });
  });
}

/** The median of each entry. */
const medians = (records) => Object.fromEntries(Object.keys(records[0]).map((key) => [key, median(records.map((record) => record[key]))]));

export async function reportStartUp({ name, path, contents }) {
  const modelPath = path();
  if (modelPath === null) return;
  const whole = [];
  const steps = [];
  for (let run = 0; run < runs; run++) {
    whole.push(await startScorer(modelPath, contents));
    steps.push(await startSteps(modelPath, contents));
  }
  const { prepared, first_batch } = medians(whole);
  const conditions = { runs, statistic: "median", texts: contents.length, files: "in the page cache" };
  const line = (label, seconds, more) =>
    report({ bench: "start-up", case: `${name}: ${label}`, ours: seconds, peer: null, peer_name: null, unit: "s", conditions: { ...conditions, ...more } });
  line("prepared", prepared);
  line("first batch", first_batch);
  for (const [step, seconds] of Object.entries(medians(steps))) line(`  ${step}`, seconds, { measured: "apart from the scorer process" });
}
