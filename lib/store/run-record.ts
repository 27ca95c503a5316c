/** run.json: settings, versions, hashes and timings; enough to repeat the run. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { LlmapError, messageOf } from "../errors.js";
import { bosPolicies, kvCacheTypes, type SharedSettings } from "../scoring/settings.js";
import { writeFileAtomic } from "../files/atomic-write.js";

const noiseFloorSchema = z.object({
  /** The largest KL divergence of a model from itself, over the comparisons. */
  bitsPerByte: z.number(),
  model: z.string(),
  /** Number of texts. */
  texts: z.number().int(),
  /** Two ways of computing each: backend, device and batch shape. */
  comparisons: z.array(z.object({ conditions: z.tuple([z.string(), z.string()]), bitsPerByte: z.number() })),
  measuredAt: z.string(),
});
/** KL divergence of a model from itself, by batch shape and backend alone. */
export type NoiseFloor = z.infer<typeof noiseFloorSchema>;

const mapMethod = z.enum(["mds", "pca", "tsne", "umap"]);
/** How t-SNE or UMAP made a map; null for the other methods. */
const embedding = z
  .union([
    z.object({
      seed: z.number(),
      perplexity: z.number(),
      metric: z.enum(["euclidean", "squared-euclidean"]),
      iterations: z.number().int(),
      kl: z.number(),
    }),
    z.object({ seed: z.number(), neighbours: z.number().int(), minDist: z.number(), epochs: z.number().int() }),
  ])
  .nullable()
  .default(null);

const runRecordSchema = z.object({
  /** Version of the folder's format; another number is refused. */
  format: z.literal(1),
  createdAt: z.string(),
  updatedAt: z.string(),
  versions: z.record(z.string(), z.string()),
  texts: z.object({
    name: z.string(),
    reference: z.string(),
    count: z.number().int(),
    meanBytes: z.number(),
    hash: z.string(),
  }),
  settings: z.object({
    bos: z.enum(bosPolicies),
    flashAttention: z.enum(["on", "off"]),
    kvCacheType: z.enum(kvCacheTypes),
  }),
  /** The other options of the latest `score`, as asked for (null: left to it); what became of them is with the rows of each model. */
  scoring: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable().default(null),
  /** Files that were found beside the models and are not models to score. */
  skipped: z.array(z.object({ path: z.string(), reason: z.string() })),
  map: z
    .object({
      models: z.number().int(),
      /** Texts used, and texts left out because a model had no scored token there. */
      texts: z.number().int(),
      leftOutTexts: z.array(z.number().int()),
      meanBytes: z.number(),
      /** null with one model: nothing is clipped. Threshold in nats. */
      clip: z.object({ quantile: z.number(), threshold: z.number(), share: z.number() }).nullable(),
      method: mapMethod.nullable(),
      dimensions: z.number().int().default(2),
      embedding,
      /** Maps by further methods, which the page offers beside the first. */
      further: z.array(z.object({ method: mapMethod, embedding })).default([]),
      linkage: z.enum(["average", "complete", "ward"]).default("average"),
      /** The model that kl_to_reference of map.arrow is measured from. */
      reference: z.string().nullable().default(null),
      /** The resamples behind the intervals of neighbours.arrow and the ellipses of map.arrow (0: no ellipses); null without. */
      bootstrap: z
        .object({ resamples: z.number().int(), ellipseResamples: z.number().int(), confidence: z.number(), seed: z.number().int() })
        .nullable()
        .default(null),
      seconds: z.number(),
    })
    .nullable(),
  /** What `doctor --noise --out` measured; null where it was not asked to. */
  noiseFloor: noiseFloorSchema.nullable().default(null),
});

/** What run.json holds. */
export type RunRecord = z.infer<typeof runRecordSchema>;
export type MapRecord = NonNullable<RunRecord["map"]>;

/** Reads run.json; null where there is none. Errors: ERR_RUN_FOLDER where it is damaged or of another format. */
export async function readRunRecord(path: string): Promise<RunRecord | null> {
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new LlmapError("ERR_RUN_FOLDER", `Cannot read ${path}: ${messageOf(error)}. Choose another folder with --out.`, { cause: error });
  }
  try {
    return runRecordSchema.parse(JSON.parse(content));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : messageOf(error);
    throw new LlmapError(
      "ERR_RUN_FOLDER",
      `${path} is not a run record of this version: ${reason}. Choose another folder with --out.`,
      { cause: error },
    );
  }
}

export async function writeRunRecord(path: string, record: RunRecord): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(record, null, 2)}\n`);
}

const settingNames: Record<keyof SharedSettings, string> = {
  bos: "the BOS policy (--bos)",
  flashAttention: "flash attention (--flash-attention)",
  kvCacheType: "the type of the KV cache (--kv-cache-type)",
};

/** Throws ERR_RUN_MISMATCH, naming the difference, where texts or settings cannot share a map with what the folder holds. */
export function requireSameRun(
  directory: string,
  record: RunRecord,
  texts: { name: string; hash: string },
  settings: SharedSettings,
): void {
  if (record.texts.hash !== texts.hash) {
    throw new LlmapError(
      "ERR_RUN_MISMATCH",
      `${directory} holds a run on the text set "${record.texts.name}" (${record.texts.hash.slice(0, 12)}), ` +
        `not on "${texts.name}" (${texts.hash.slice(0, 12)}). Choose another folder with --out.`,
    );
  }
  requireSameSettings(directory, record.settings, settings);
}

/**
 * Throws ERR_RUN_MISMATCH, naming the difference, where rows made with `settings` cannot share a map with the run's.
 * @param model whose rows they are; absent: what the user asks for
 */
export function requireSameSettings(
  directory: string,
  run: SharedSettings,
  settings: SharedSettings,
  model?: string,
): void {
  for (const key of Object.keys(settingNames) as (keyof SharedSettings)[]) {
    if (run[key] === settings[key]) continue;
    const whose = model === undefined ? "not" : `but ${model} with`;
    throw new LlmapError(
      "ERR_RUN_MISMATCH",
      `${directory} was scored with ${settingNames[key]} = ${run[key]}, ${whose} ${settings[key]}: ` +
        "such rows cannot share a map. Use the same setting, or another folder with --out.",
    );
  }
}
