/** New models on a map that is there. */
import { LlmapError } from "../errors.js";
import type { MeanAndSd } from "../matrix/mean-and-sd.js";
import type { ScoringOptions } from "../scoring/settings.js";
import { RunFolder } from "../store/run-folder.js";
import { readTexts } from "../store/texts-table.js";
import { extendMap, requireMap, type ExtendedMap } from "./extend-map.js";
import type { RunFolderOptions } from "./options.js";
import { findDraw, requireDraw } from "./quick-models.js";
import { score, type FailedModel } from "./score.js";
import { requireRunRecord } from "./scored-run.js";

/** Options of `add`. */
export interface AddOptions extends Omit<RunFolderOptions, "out"> {
  /** Folder of the run whose map the models join. */
  to: string;
  /** As of `score`. */
  models?: string[];
  list?: string;
  /** What the models of a map must share (BOS policy, flash attention, cache type) is the run's. */
  scoring?: Partial<Omit<ScoringOptions, "bos" | "flashAttention" | "kvCacheType">>;
  parallel?: number | null;
  /** Score the texts of resample.arrow only; divergences are then estimates. */
  quick?: boolean;
}

/** What `add` did: the map with the new models, and those that failed. */
export interface AddResult extends ExtendedMap {
  failed: FailedModel[];
  /** Of the squared distances of quick models: the median relative error that `resample` found; null where all texts were scored. */
  expectedError: MeanAndSd | null;
}

/**
 * Scores models with the settings of a run, on its texts or with `quick` on those that were drawn from them, and puts them on its map without
 * moving the others. A later `map` draws all models with scores of all texts anew.
 * Errors: as of `score` and {@link extendMap}; ERR_NOT_FOUND for `quick` without resampled texts; ERR_NOTHING_DONE where every model failed.
 */
export async function add(options: AddOptions): Promise<AddResult> {
  const { to, models, list, parallel = null, quick = false, signal, onEvent } = options;
  const folder = new RunFolder(to);
  const record = await requireRunRecord(folder);
  requireMap(record, folder);
  const all = await readTexts(folder.texts, record.texts.name);
  const draw = quick ? requireDraw(await findDraw(folder, all), folder) : null;
  const common = { ...(signal ? { signal } : {}), ...(onEvent ? { onEvent } : {}) };
  const { bos, flashAttention, kvCacheType } = record.settings;
  const { models: asked, failed } = await score({
    ...common,
    out: draw === null ? to : folder.quickScores(draw.set.hash),
    ...(models ? { models } : {}),
    ...(list === undefined ? {} : { list }),
    texts: draw?.set ?? all,
    scoring: { ...options.scoring, bos, flashAttention: flashAttention === "on", kvCacheType },
    parallel,
  });
  const scored = asked.filter((name) => !failed.some(({ model }) => model === name));
  if (scored.length === 0) {
    throw new LlmapError("ERR_NOTHING_DONE", `No model could be scored. ${failed.map(({ model, reason }) => `${model}: ${reason}`).join("; ")}`);
  }
  const extended = await extendMap({ ...common, out: to, models: scored, quick });
  return { ...extended, failed, expectedError: draw?.metadata.medianRelativeError ?? null };
}
