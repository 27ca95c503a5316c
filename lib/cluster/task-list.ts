/** What the tasks of an array work on: one model each, by its index, and the settings of the run. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { LlmapError, messageOf } from "../errors.js";
import type { InspectedModel } from "../models/model.js";
import { bosPolicies, gpuChoices, kvCacheTypes, scorerChoices, type ScoringOptions } from "../scoring/settings.js";
import type { TextSet } from "../texts/text-set.js";

const whole = z.number().int().nullable();
const scoringSchema = z.strictObject({
  gpu: z.enum(gpuChoices),
  threads: whole,
  bos: z.enum(bosPolicies),
  flashAttention: z.boolean(),
  kvCacheType: z.enum(kvCacheTypes).nullable(),
  batchTokens: whole,
  sequences: whole,
  logitsBudget: z.number(),
  scorer: z.enum(scorerChoices),
  gpuLayers: whole,
  contexts: whole,
  tokenLogProbs: z.boolean(),
  stallTimeout: z.number(),
}) satisfies z.ZodType<ScoringOptions>;

const taskModelSchema = z.strictObject({
  name: z.string().min(1),
  /** Also the name of the model's files in the run folder, so it must not lead out of it. */
  fileName: z.string().regex(/^[^/\\]+$/),
  /** Absolute, of the first part of a split model. */
  path: z.string().min(1),
  adapters: z.array(z.string().min(1)),
  reference: z.string(),
  labels: z.record(z.string(), z.string()),
});

const taskListSchema = z.strictObject({
  /** Version of this format; another number is refused. */
  format: z.literal(1),
  texts: z.strictObject({ name: z.string(), hash: z.string() }),
  scoring: scoringSchema,
  /** Of a task: it takes no more threads unless `scoring` says how many, whatever the node has. */
  cpus: z.number().int().min(1),
  /** The index of a task is its model's place here. */
  models: z.array(taskModelSchema).min(1),
});

export type TaskModel = z.infer<typeof taskModelSchema>;
export type TaskList = z.infer<typeof taskListSchema>;

/**
 * The list as JSON, and a name from its content: what queued tasks read is never overwritten by another list.
 * @param cpus of a task
 */
export function encodeTaskList(
  models: readonly InspectedModel[],
  { name, hash }: Pick<TextSet, "name" | "hash">,
  scoring: ScoringOptions,
  cpus: number,
): { json: string; id: string } {
  const tasks = models.map((model): TaskModel => ({
    name: model.name,
    fileName: model.fileName,
    path: model.path,
    adapters: model.adapters,
    reference: model.reference,
    labels: model.labels,
  }));
  const list: TaskList = { format: 1, texts: { name, hash }, scoring, cpus, models: tasks };
  const json = `${JSON.stringify(taskListSchema.parse(list), null, 1)}\n`;
  return { json, id: createHash("sha256").update(json).digest("hex").slice(0, 10) };
}

/** Errors: ERR_NOT_FOUND; ERR_RUN_FOLDER where it is damaged or of another version. */
export async function readTaskList(path: string): Promise<TaskList> {
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch (error) {
    throw new LlmapError("ERR_NOT_FOUND", `Cannot read the list of tasks ${path}: ${messageOf(error)}. \`llmap-native slurm\` and \`llmap-native kubernetes\` write one.`, { cause: error });
  }
  try {
    return taskListSchema.parse(JSON.parse(content));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : messageOf(error);
    throw new LlmapError("ERR_RUN_FOLDER", `${path} is no list of tasks of this version: ${reason}. Write it anew with this version.`, { cause: error });
  }
}
