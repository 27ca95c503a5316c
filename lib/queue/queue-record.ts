/** queue.json: the run that a folder has on a queue, so that the caller may leave and come back. Gone when everything is collected. */
import { readFile, rm } from "node:fs/promises";
import { z } from "zod";
import { LlmapError, messageOf } from "../errors.js";
import { writeFileAtomic } from "../files/atomic-write.js";
import { fileSourceSchema, runIdSchema, runSchema } from "./protocol.js";

const factsSchema = z.object({
  architecture: z.string(),
  title: z.string().nullable(),
  parameters: z.number(),
  quantization: z.string().nullable(),
  bytes: z.number(),
  contextLength: z.number().nullable(),
  vocabularySize: z.number().nullable(),
  tokenizer: z.string().nullable(),
});

const callerModelSchema = z.object({
  name: z.string(),
  fileName: z.string(),
  /** The path here, or the URI of a model that is not here. */
  path: z.string(),
  adapters: z.array(z.string()),
  /** Null until a worker has told, of a model that is not here. */
  sha256: z.string().nullable(),
  facts: factsSchema.nullable(),
  labels: z.record(z.string(), z.string()),
  /** Where workers find its file and its adapters. */
  files: z.tuple([fileSourceSchema]).rest(fileSourceSchema),
});
/** A model as the caller knows it; its number on the queue is its place in queue.json. */
export type CallerModel = z.infer<typeof callerModelSchema>;

const queueRecordSchema = z.object({
  format: z.literal(1),
  run: runIdSchema,
  /** The address, without user and password. */
  queue: z.string(),
  prefix: z.string(),
  createdAt: z.string(),
  settings: runSchema,
  models: z.array(callerModelSchema),
});
export type QueueRecord = z.infer<typeof queueRecordSchema>;

/** Null where the folder has no run on a queue. Errors: ERR_RUN_FOLDER. */
export async function readQueueRecord(path: string): Promise<QueueRecord | null> {
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new LlmapError("ERR_RUN_FOLDER", `Cannot read ${path}: ${messageOf(error)}.`, { cause: error });
  }
  try {
    return queueRecordSchema.parse(JSON.parse(content));
  } catch (error) {
    throw new LlmapError("ERR_RUN_FOLDER", `${path} does not say which run is on the queue: it is damaged or of another version. Delete it, and run again what is missing.`, { cause: error });
  }
}

export async function writeQueueRecord(path: string, record: QueueRecord): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(record, null, 2)}\n`);
}

export async function removeQueueRecord(path: string): Promise<void> {
  await rm(path, { force: true });
}
