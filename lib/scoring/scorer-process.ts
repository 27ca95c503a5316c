/**
 * The scorer process: started by the supervisor, it scores models one after the other and answers over Node's IPC channel.
 * It is a process of its own because a damaged model file can end it. What llama.cpp says goes to standard error, which the supervisor keeps.
 */
import { writeFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { LlmapError, messageOf } from "../errors.js";
import { defaultThreads } from "./default-threads.js";
import { gpuDevices, loadBackend, type Backend } from "./llama-backend.js";
import type { FromScorer, ScoringJob, ToScorer } from "./messages.js";
import { prepareModel, type LoadedModel, type OnStep } from "./prepare-model.js";
import { scoreTexts } from "./score-texts.js";
import type { GpuChoice } from "./settings.js";

let loaded: LoadedModel | null = null;
let stopping = false;
/** llama.cpp's latest complaint: the reason behind a bare "failed to load model". */
let lastComplaint = "";
/** Kept from model to model: finding the backend takes half a second. */
let backend: { gpu: GpuChoice; threads: number; loaded: Backend } | null = null;

function send(message: FromScorer): void {
  process.send?.(message);
}

function onLog(level: string, message: string): void {
  process.stderr.write(`llama.cpp ${level}: ${message.trim()}\n`);
  if (level === "error" || level === "fatal") lastComplaint = message.trim();
}

async function backendFor(gpu: GpuChoice, threads: number): Promise<Backend> {
  if (backend?.gpu !== gpu || backend.threads !== threads) {
    await backend?.loaded.llama.dispose();
    backend = null;
    backend = { gpu, threads, loaded: await loadBackend(gpu, threads, onLog) };
  }
  return backend.loaded;
}

let isFirstJob = true;

async function prepare(job: ScoringJob): Promise<void> {
  const started = performance.now();
  const processSeconds = isFirstJob ? started / 1000 : 0;
  isFirstJob = false;
  stopping = false;
  lastComplaint = "";
  const threads = job.options.threads ?? defaultThreads();
  const found = await backendFor(job.options.gpu, threads);
  const backendSeconds = (performance.now() - started) / 1000;
  const onStep: OnStep = (step, plan) => send({ type: "progress", step, backend: found.name, plan });
  loaded = await prepareModel(job, found, threads, onStep);
  const { seconds } = loaded.prepared;
  send({ type: "prepared", prepared: { ...loaded.prepared, seconds: { ...seconds, process: processSeconds, backend: backendSeconds } } });
}

async function score(done: Uint8Array, keep: boolean): Promise<void> {
  const model = loaded;
  if (model === null) throw new LlmapError("ERR_SCORING", "Asked to score before a model was prepared.");
  let stopped: boolean;
  let failed = true;
  try {
    stopped = await scoreTexts(model, done, {
      onBatch: (rows) => send({ type: "batch", rows }),
      shouldStop: () => stopping,
    });
    failed = false;
  } finally {
    // Before the answer: the next model wants the memory.
    if (failed || !keep) await release();
  }
  if (keep) send({ type: "part-scored", stopped });
  else tellEnd(stopped);
}

async function release(): Promise<void> {
  const model = loaded;
  loaded = null;
  await model?.dispose();
}

function tellEnd(stopped: boolean): void {
  // maxRSS is in kilobytes.
  const memory = { peakResident: process.resourceUsage().maxRSS * 1024, resident: process.memoryUsage.rss() };
  send({ type: "scored", stopped, memory });
}

async function tellDevices(gpu: GpuChoice): Promise<void> {
  const found = await backendFor(gpu, defaultThreads());
  send({ type: "devices", devices: await gpuDevices(found) });
}

function fail(error: unknown): void {
  const reason = messageOf(error);
  send({
    type: "failed",
    code: error instanceof LlmapError ? error.code : "ERR_SCORING",
    message: lastComplaint === "" || reason.includes(lastComplaint) ? reason : `${reason} (${lastComplaint})`,
  });
}

process.on("message", (message: ToScorer) => {
  switch (message.type) {
    case "prepare":
      prepare(message.job).catch(fail);
      break;
    case "score":
      score(message.done, message.keep).catch(fail);
      break;
    case "release":
      release().then(() => tellEnd(stopping), fail);
      break;
    case "stop":
      stopping = true;
      break;
    case "devices":
      tellDevices(message.gpu).catch(fail);
      break;
  }
});
// Ctrl-C, and what a job scheduler sends, reach the whole process group; the parent decides what they mean.
process.on("SIGINT", () => undefined).on("SIGTERM", () => undefined);
// A parent that is gone wants no more rows.
process.on("disconnect", () => process.exit(0));
new Worker(new URL("parent-watch.js", import.meta.url)).unref();

try {
  // Where memory runs out, Linux should end this process and not the one that keeps the results.
  writeFileSync("/proc/self/oom_score_adj", "900");
} catch {
  // Another system, or not allowed.
}
