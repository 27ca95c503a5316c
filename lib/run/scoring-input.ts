/** What scoring begins with, on this machine or for others: texts and options that fit what the run folder holds, and how models are looked up. */
import type { ResolveOptions } from "../models/resolve-models.js";
import { sharedSettings, type ScoringOptions } from "../scoring/settings.js";
import type { RunFolder } from "../store/run-folder.js";
import { requireSameRun, type RunRecord } from "../store/run-record.js";
import { readTextSet } from "../texts/read-text-set.js";
import type { TextSet } from "../texts/text-set.js";
import { requireTexts, scoringOptions, type ScoreOptions } from "./options.js";

/**
 * The scoring options with defaults filled in, and the text set.
 * @param record what the folder holds; null: nothing
 * Errors: ERR_USAGE, ERR_TEXTS, ERR_NOT_FOUND, ERR_RUN_MISMATCH, ERR_ABORTED.
 */
export async function readScoringInput(
  { scoring: chosen, texts: wanted, signal }: Partial<Pick<ScoreOptions, "scoring" | "texts" | "signal">>,
  folder: RunFolder,
  record: RunRecord | null,
): Promise<{ scoring: ScoringOptions; texts: TextSet }> {
  const scoring = scoringOptions(chosen);
  requireTexts(wanted);
  const texts = typeof wanted === "string" ? await readTextSet(wanted, signal ? { signal } : {}) : wanted;
  if (record !== null) requireSameRun(folder.directory, record, texts, sharedSettings(scoring));
  return { scoring, texts };
}

/** How the models of a run are looked up: its list and signal, progress as events. */
export function lookUpOptions({ list, signal, onEvent = () => undefined }: Pick<ScoreOptions, "list" | "signal" | "onEvent">): ResolveOptions {
  return {
    ...(list === undefined ? {} : { list }),
    ...(signal ? { signal } : {}),
    onProgress: (progress) => onEvent({ event: "resolving", ...progress }),
  };
}
