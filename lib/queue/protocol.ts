/**
 * What callers and workers write into Redis for each other, and the checks that everything read from there passes: exact shapes, unknown fields
 * refused, sizes bounded. Whoever can write to the Redis can send anything, so neither side trusts it (docs/distributed.md).
 */
import { z } from "zod";
import { LlmapError, messageOf } from "../errors.js";
import { bosPolicies, fallbacks, gpuChoices, kvCacheTypes, scorerChoices, type ScoringOptions, type ScoringSettings } from "../scoring/settings.js";
import type { ModelFacts } from "../models/model.js";

/** Raised when what is written into Redis changes its meaning; callers and workers of another number do not meet. */
export const protocolVersion = 1;

/** Largest sizes: characters of a string, characters of a message, bytes of a text set (packed, and its texts), bytes of one batch of rows. */
export const limits = {
  name: 500,
  reference: 4096,
  sentence: 4000,
  sentences: 100,
  log: 70_000,
  message: 1 << 20,
  packedTexts: 256 << 20,
  texts: 1 << 30,
  rows: 64 << 20,
  models: 1_000_000,
  parts: 10_000,
} as const;

/** Text for a person to read, of a sender that is not trusted: control characters, which steer terminals, become spaces. */
const printable = (most: number) => z.string().max(most).transform((text) => text.replace(/\p{Cc}+/gu, " "));
const lines = (most: number) => z.string().max(most).transform((text) => text.replace(/[^\P{Cc}\n\t]+/gu, " "));
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const positive = whole.min(1);
const chosen = positive.nullable();

/** 16 random bytes in hex. */
export const runIdSchema = z.string().regex(/^[0-9a-f]{32}$/);
const modelId = whole.max(limits.models);
/** Counts how often a model was begun anew with other settings. */
export const generationSchema = whole.max(100);

const scoringOptionsSchema = z.strictObject({
  gpu: z.enum(gpuChoices),
  threads: z.null(),
  bos: z.enum(bosPolicies),
  flashAttention: z.boolean(),
  kvCacheType: z.enum(kvCacheTypes).nullable(),
  batchTokens: chosen,
  sequences: chosen,
  logitsBudget: positive,
  scorer: z.enum(scorerChoices),
  gpuLayers: whole.nullable(),
  contexts: chosen,
  tokenLogProbs: z.boolean(),
  stallTimeout: z.number().positive().max(1e9),
}) satisfies z.ZodType<ScoringOptions>;

/** In the order in which the scorer process has them: the run folder keeps them as JSON, and its files are to be those of a local run. */
const settingsSchema = z.strictObject({
  bos: z.enum(bosPolicies),
  flashAttention: z.enum(["on", "off"]),
  kvCacheType: z.enum(kvCacheTypes),
  batchTokens: positive,
  sequences: positive,
  contextSize: positive,
  scorer: z.enum(["native", "portable"]),
  backend: z.string().max(limits.name),
  device: printable(limits.name),
  llamaCpp: z.string().max(limits.name),
  gpuLayers: whole,
}) satisfies z.ZodType<ScoringSettings>;

const factText = printable(limits.name).nullable();
const factsSchema = z.strictObject({
  architecture: printable(limits.name),
  title: factText,
  parameters: whole,
  quantization: factText,
  bytes: whole,
  contextLength: whole.nullable(),
  vocabularySize: whole.nullable(),
  tokenizer: factText,
  addBosToken: z.boolean().nullable(),
}) satisfies z.ZodType<ModelFacts>;

export const partCountSchema = positive.max(limits.parts);

/** A run: what all its models have in common. */
export const runSchema = z.strictObject({
  protocol: z.literal(protocolVersion),
  texts: z.strictObject({ hash: sha256, count: positive.max(2 ** 31 - 1), bytes: whole.max(limits.texts) }),
  scoring: scoringOptionsSchema,
  /** Parts of each model; null: by the size of the model. */
  parts: partCountSchema.nullable(),
  /** Workers may die so many times while they have a model in hand. */
  maxStalled: whole.max(1000),
});
export type QueuedRun = z.infer<typeof runSchema>;

/** Where a worker finds a file: a URI, or a path below the folder that caller and worker share, with / between its parts. */
export const fileSourceSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("uri"), uri: z.string().min(1).max(limits.reference) }),
  z.strictObject({ kind: z.literal("shared"), path: z.string().min(1).max(limits.reference) }),
]);
export type FileSource = z.infer<typeof fileSourceSchema>;

/** A model of a run: its (first) file, then its adapters. */
export const modelSchema = z.strictObject({
  /** For people only. */
  name: printable(limits.name),
  files: z.tuple([fileSourceSchema]).rest(fileSourceSchema).refine((files) => files.length <= 33, "more than 32 adapters"),
  /** Null where the caller does not have the file: then the first worker's counts. */
  sha256: sha256.nullable(),
});
export type QueuedModel = z.infer<typeof modelSchema>;

/** How a model is scored after it failed as asked. */
export const attemptSchema = z.strictObject({ fallback: z.enum(fallbacks).nullable(), batchTokens: chosen, reason: printable(limits.sentence).nullable() });
export type QueuedAttempt = z.infer<typeof attemptSchema>;

/** A job of the queue of tickets: help with a model of a run. */
export const ticketSchema = z.strictObject({ run: runIdSchema, model: modelId });
export type Ticket = z.infer<typeof ticketSchema>;

/** A job of a model's queue of parts. */
export const partSchema = z.strictObject({ part: whole.max(limits.parts - 1), of: partCountSchema }).refine(({ part, of }) => part < of, "no such part");
export type Part = z.infer<typeof partSchema>;

/** What the first worker that has prepared a model fixes for all others. */
export const pinSchema = z.strictObject({
  sha256,
  facts: factsSchema,
  settings: settingsSchema,
  firstToken: z.enum(["BOS", "EOS", "none"]),
  tokenCountsHash: sha256,
  /** Batches of the plan, and texts that are in none. */
  batches: positive,
  emptyTexts: whole,
  fallback: z.enum(fallbacks).nullable(),
  warnings: z.array(printable(limits.sentence)).max(limits.sentences),
});
export type PinnedModel = z.infer<typeof pinSchema>;

const workerId = z.string().regex(/^[0-9a-f]{16}$/);
const workerSchema = z.strictObject({ id: workerId, name: printable(limits.name) });
export type WorkerName = z.infer<typeof workerSchema>;

/** A worker that is there; written anew while it lives. */
export const presenceSchema = z.strictObject({ worker: workerSchema, version: printable(limits.name), queue: z.string().max(limits.name) });
export type Presence = z.infer<typeof presenceSchema>;

const errorCode = z.string().regex(/^ERR_[A-Z_]{1,40}$/);
const ofModel = { model: modelId, generation: generationSchema, worker: workerSchema };
/** An entry of a run's stream of events. */
export const eventSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("prepared"), ...ofModel, seconds: z.number().min(0).max(1e9) }),
  /** The entry's field `rows` has the rows: unit 0 is the texts without a scored token, unit b + 1 is batch b of the plan. */
  z.strictObject({ type: z.literal("rows"), ...ofModel, unit: whole }),
  /** It failed, and is begun anew: `generation` is the new one. */
  z.strictObject({ type: z.literal("retry"), ...ofModel, fallback: z.enum(fallbacks), reason: printable(limits.sentence), log: lines(limits.log) }),
  z.strictObject({ type: z.literal("failed"), ...ofModel, code: errorCode, reason: printable(limits.sentence), log: lines(limits.log) }),
  /** This worker cannot score it, others may. */
  z.strictObject({ type: z.literal("refused"), model: modelId, worker: workerSchema, reason: printable(limits.sentence) }),
]);
export type QueueEvent = z.infer<typeof eventSchema>;

/**
 * What `text` says, checked. Errors: ERR_QUEUE naming what is wrong.
 * @param what it should be, for the message
 */
export function parseMessage<Schema extends z.ZodType>(schema: Schema, what: string, text: string): z.output<Schema> {
  if (text.length > limits.message) throw new LlmapError("ERR_QUEUE", `${what} has ${text.length} characters, more than the ${limits.message} allowed.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LlmapError("ERR_QUEUE", `${what} is not JSON: ${messageOf(error)}`, { cause: error });
  }
  return checkMessage(schema, what, value);
}

/** Like {@link parseMessage}, of a value that is parsed already (job data of BullMQ). */
export function checkMessage<Schema extends z.ZodType>(schema: Schema, what: string, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { message, path } = result.error.issues[0] ?? { message: "invalid", path: [] };
  const where = path.length === 0 ? "" : ` at ${path.map(String).join(".").slice(0, limits.name)}`;
  throw new LlmapError("ERR_QUEUE", `${what} is not what this version writes: ${message.slice(0, limits.name)}${where}.`);
}
