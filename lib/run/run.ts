/** A whole run: score what is missing, then map. */
import { LlmapError } from "../errors.js";
import { loadAddon } from "../native/load-addon.js";
import { map, type MapResult } from "./map.js";
import { mapOptions, type MapOptions, type ScoreOptions } from "./options.js";
import { score, type FailedModel, type ScoreResult } from "./score.js";

/** What `run` did. */
export interface RunResult extends MapResult {
  /** Models that could not be scored, with their reasons; the others are on the map. */
  failed: FailedModel[];
}

/**
 * Scores the models that are not scored yet, then maps all models of the folder.
 * Errors: as {@link score} and {@link map}; ERR_ADDON, before anything is scored; ERR_NOTHING_DONE, naming the reasons, where every model failed.
 */
export async function run(options: ScoreOptions & MapOptions): Promise<RunResult> {
  return await scoreAndMap(options, () => score(options));
}

/** {@link run}, however the models are scored. */
export async function scoreAndMap(options: Pick<ScoreOptions, "scoring"> & MapOptions, scoring: () => Promise<ScoreResult>): Promise<RunResult> {
  mapOptions(options); // a mistake in them should not show only after hours of scoring
  loadAddon(); // nor that the map's mathematics is missing, while scoring goes on without it, many times slower
  const { scored, failed } = await scoring();
  if (scored.length === 0) {
    const reasons = failed.map(({ model, reason }) => `${model}: ${reason}`).join("; ");
    throw new LlmapError("ERR_NOTHING_DONE", `No model could be scored. ${reasons}`);
  }
  return { ...(await map({ threads: options.scoring?.threads ?? null, ...options })), failed };
}
