/** Models that were scored on the resampled texts of a run alone. Their scores lie apart, in a run folder inside the run's. */
import { existsSync } from "node:fs";
import { LlmapError } from "../errors.js";
import { readResample, type StoredResample } from "../store/resample-table.js";
import { RunFolder } from "../store/run-folder.js";
import { makeTextSet, type TextSet } from "../texts/text-set.js";
import type { OnEvent } from "./events.js";
import { readScoredRun, type ScoredModel } from "./scored-run.js";

export interface Draw extends StoredResample {
  /** The drawn texts. */
  set: TextSet;
}

/** The texts of a set at the given positions, as a set of their own. */
export function drawnSet({ name, texts }: TextSet, positions: Int32Array): TextSet {
  return makeTextSet(`${name}, resampled`, Array.from(positions).flatMap((position) => texts[position] ?? []));
}

/**
 * The draw in resample.arrow; null where there is none.
 * @param texts of the run
 * Errors: ERR_RUN_FOLDER where it is damaged, or of another text set.
 */
export async function findDraw(folder: RunFolder, texts: TextSet): Promise<Draw | null> {
  if (!existsSync(folder.resample)) return null;
  const stored = await readResample(folder.resample);
  if (stored.metadata.textsHash !== texts.hash) {
    throw new LlmapError("ERR_RUN_FOLDER", `${folder.resample} was drawn from other texts than those of the run. Run \`llmap-native resample\` again.`);
  }
  return { ...stored, set: drawnSet(texts, stored.texts) };
}

/** Errors: ERR_NOT_FOUND. */
export function requireDraw(draw: Draw | null, folder: RunFolder): Draw {
  if (draw !== null) return draw;
  throw new LlmapError("ERR_NOT_FOUND", `${folder.directory} has no resampled texts (resample.arrow). Run \`llmap-native resample\` first.`);
}

/** Those with complete scores. @param textsHash of the drawn texts */
export async function readQuickModels(folder: RunFolder, textsHash: string, onEvent: OnEvent): Promise<ScoredModel[]> {
  const quick = new RunFolder(folder.quickScores(textsHash));
  if (!existsSync(quick.runRecord)) return [];
  try {
    return (await readScoredRun(quick, onEvent)).models;
  } catch (error) {
    if (error instanceof LlmapError && error.code === "ERR_NOTHING_DONE") return [];
    throw error;
  }
}
