/** What a run is asked to do; every field has a default but the models and the texts. */
import { z } from "zod";
import { LlmapError } from "../errors.js";
import type { MapMethod } from "../map/coordinates.js";
import {
  bosPolicies,
  defaultScoringOptions,
  gpuChoices,
  kvCacheTypes,
  scorerChoices,
  type ScoringOptions,
} from "../scoring/settings.js";
import type { OnEvent } from "./events.js";

export interface RunFolderOptions {
  /** The run folder. */
  out: string;
  /** Stops after the batch in hand; everything finished is kept, and the promise rejects with ERR_ABORTED. */
  signal?: AbortSignal;
  onEvent?: OnEvent;
}

export interface ScoreOptions extends RunFolderOptions {
  /** Paths, globs, folders, hf: URIs or URLs of GGUF models. */
  models?: string[];
  /** A CSV list of models with a column `model`; its other columns become labels. */
  list?: string;
  /** JSONL or JSON file, folder of .txt files, URL, or "builtin". */
  texts: string;
  scoring?: Partial<ScoringOptions>;
}

export interface MapOptions extends RunFolderOptions {
  /** Quantile at which log-likelihoods are clipped, 0 to 0.5; default 0.02. */
  clip?: number;
  /** Default auto: classical MDS. */
  map?: MapMethod | "auto";
  /** Threads for the matrix; default: the cores this process may use. */
  threads?: number | null;
}

export const defaultClip = 0.02;

const wholeNumber = z.number().int().positive().nullable();
const scoringSchema = z.object({
  gpu: z.enum(gpuChoices),
  threads: wholeNumber,
  bos: z.enum(bosPolicies),
  flashAttention: z.boolean(),
  kvCacheType: z.enum(kvCacheTypes).nullable(),
  batchTokens: wholeNumber,
  sequences: wholeNumber,
  logitsBudget: z.number().positive(),
  scorer: z.enum(scorerChoices),
});

/** The scoring options with defaults filled in. Errors: ERR_USAGE naming the option. */
export function scoringOptions(chosen: Partial<ScoringOptions> | undefined): ScoringOptions {
  const parsed = scoringSchema.safeParse({ ...defaultScoringOptions, ...chosen });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new LlmapError("ERR_USAGE", `The option ${issue?.path.join(".") ?? ""} is wrong: ${issue?.message ?? "unknown"}.`);
}

/** The map's options with defaults filled in. Errors: ERR_USAGE naming the option. */
export function mapOptions({ clip = defaultClip, map = "auto", threads = null }: MapOptions): {
  clip: number;
  method: MapMethod;
  threads: number | null;
} {
  if (!(clip >= 0 && clip <= 0.5)) {
    throw new LlmapError("ERR_USAGE", `Expected a clip quantile from 0 to 0.5 but received ${clip}. The paper's is 0.02.`);
  }
  if (threads !== null && !(Number.isInteger(threads) && threads > 0)) {
    throw new LlmapError("ERR_USAGE", `Expected a whole number of threads from 1 but received ${threads}.`);
  }
  return { clip, method: map === "auto" ? "mds" : map, threads };
}
