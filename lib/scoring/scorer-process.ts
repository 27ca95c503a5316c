/**
 * The scorer process: started by the supervisor, it scores models one after the other and answers over Node's IPC channel.
 * It is a process of its own because a damaged model file can end it.
 */
import { LlmapError, messageOf } from "../errors.js";
import type { FromScorer, ScoringJob, ToScorer } from "./messages.js";
import { prepareModel, type LoadedModel } from "./prepare-model.js";
import { scoreTexts } from "./score-texts.js";

let loaded: LoadedModel | null = null;
let stopping = false;
/** llama.cpp's latest complaint: the reason behind a bare "failed to load model". */
let lastComplaint = "";

function send(message: FromScorer): void {
  process.send?.(message);
}

async function prepare(job: ScoringJob): Promise<void> {
  stopping = false;
  lastComplaint = "";
  loaded = await prepareModel(job, (level, message) => {
    if (level === "error" || level === "fatal") lastComplaint = message.trim();
  });
  send({ type: "prepared", prepared: loaded.prepared });
}

async function score(done: Uint8Array): Promise<void> {
  const model = loaded;
  if (model === null) throw new LlmapError("ERR_SCORING", "Asked to score before a model was prepared.");
  loaded = null;
  let stopped: boolean;
  try {
    stopped = await scoreTexts(model, done, {
      onBatch: (rows) => send({ type: "batch", rows }),
      shouldStop: () => stopping,
    });
  } finally {
    // Before the answer: the next model wants the memory.
    await model.dispose();
  }
  send({ type: "scored", stopped });
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
      score(message.done).catch(fail);
      break;
    case "stop":
      stopping = true;
      break;
  }
});
// Ctrl-C, and what a job scheduler sends, reach the whole process group; the parent decides what they mean.
process.on("SIGINT", () => undefined).on("SIGTERM", () => undefined);
// A parent that is gone wants no more rows.
process.on("disconnect", () => process.exit(0));
