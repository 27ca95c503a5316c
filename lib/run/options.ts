/** What a run is asked to do; every field has a default but the models and the texts. */
import type { MapMethod } from "../map/coordinates.js";
import { defaultScoringOptions, type ScoringOptions } from "../scoring/settings.js";
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

export function scoringOptions(chosen: Partial<ScoringOptions> | undefined): ScoringOptions {
  return { ...defaultScoringOptions, ...chosen };
}
