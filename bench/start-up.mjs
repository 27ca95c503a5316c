/** From starting a scorer process to its first batch, and the seconds of each step on the way. */
import { ScorerSupervisor } from "../dist/scoring/scorer-supervisor.js";
import { defaultScoringOptions } from "../dist/scoring/settings.js";
import { gpu, median, quick, report } from "./report.mjs";

const runs = quick ? 1 : 9;

/** Seconds from the start of a new scorer process until the model is prepared, until the rows of the first batch are here, and of each step. */
async function startScorer(modelPath, contents) {
  const supervisor = new ScorerSupervisor();
  const stop = new AbortController();
  const started = performance.now();
  const since = () => (performance.now() - started) / 1000;
  const seconds = {};
  const job = { modelPath, contents, options: { ...defaultScoringOptions, gpu }, stored: null };
  const handlers = {
    onPrepared: async (prepared) => {
      Object.assign(seconds, { prepared: since(), steps: prepared.seconds });
      return new Uint8Array(contents.length);
    },
    onBatch: async () => {
      seconds.firstBatch ??= since();
      stop.abort();
    },
  };
  try {
    await supervisor.score(job, handlers, stop.signal);
  } finally {
    supervisor.dispose();
  }
  return seconds;
}

const stepNames = {
  process: "process started, modules imported",
  backend: "backend found",
  load: "model loaded",
  tokenise: "texts tokenised",
  context: "contexts made",
};

export async function reportStartUp({ name, path, contents }) {
  const modelPath = path();
  if (modelPath === null) return;
  const starts = [];
  for (let run = 0; run < runs; run++) starts.push(await startScorer(modelPath, contents));
  const conditions = { runs, statistic: "median", texts: contents.length, files: "in the page cache" };
  const line = (label, seconds) =>
    report({ bench: "start-up", case: `${name}: ${label}`, ours: median(seconds), peer: null, peer_name: null, unit: "s", conditions });
  line("first batch", starts.map(({ firstBatch }) => firstBatch));
  line("prepared", starts.map(({ prepared }) => prepared));
  for (const [step, label] of Object.entries(stepNames)) line(`  ${label}`, starts.map(({ steps }) => steps[step]));
}
