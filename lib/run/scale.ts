/** The KL scale of a run: how far apart its models are by what they are to each other, beside published medians. */
import { klScale, publishedBands, type KlBand, type RelatedModel, type RelationRow } from "../matrix/kl-scale.js";
import { bitsPerBytePerSquaredDistance } from "../matrix/kl-divergence.js";
import { modelCoordinates } from "../matrix/model-coordinates.js";
import { squaredDistances, type NativeOptions } from "../native/matrix.js";
import { RunFolder } from "../store/run-folder.js";
import { requireThreads, type RunFolderOptions } from "./options.js";
import { clipOfMap, readScoredRun, type ScoredModel } from "./scored-run.js";

/** Options of `scale`. */
export interface ScaleOptions extends RunFolderOptions {
  /** Threads for the matrix; default: the cores this process may use. */
  threads?: number | null;
}

/** What `scale` found. */
export interface Scale {
  models: number;
  /** The run's pairs by relation; relations without a pair are left out. */
  relations: RelationRow[];
  published: readonly KlBand[];
}

/**
 * Medians and counts of the run's pairs by relation, clipped at the threshold of the map (at the quantile 0.02 without one).
 * Errors: ERR_NOT_FOUND where there is no run, ERR_NOTHING_DONE where no model is scored, ERR_RUN_MISMATCH, ERR_RUN_FOLDER, ERR_USAGE, ERR_ABORTED.
 */
export async function scale(options: ScaleOptions): Promise<Scale> {
  const { signal, threads = null } = options;
  requireThreads(threads);
  const native: NativeOptions = { ...(signal ? { signal } : {}), ...(threads ? { threads } : {}) };
  const { record, models, L, meanBytes } = await readScoredRun(new RunFolder(options.out), options.onEvent);
  if (models.length === 1) return { models: 1, relations: [], published: publishedBands };
  await modelCoordinates(L, clipOfMap(record), native);
  const kl = await squaredDistances(L, { ...native, scale: bitsPerBytePerSquaredDistance(L.columns, meanBytes) });
  const relations = klScale(models.map(relatedModel), kl.values);
  return { models: models.length, relations, published: publishedBands };
}

export function relatedModel({ row }: Pick<ScoredModel, "row">): RelatedModel {
  const { quantization = null, parameters = 0, architecture = null } = row.facts ?? {};
  return { name: row.name, labels: row.labels, quantization, parameters, architecture };
}
