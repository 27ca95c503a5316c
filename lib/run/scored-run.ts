/** What the mathematics works on: the complete scores of a run folder, read and checked. */
import { existsSync } from "node:fs";
import { LlmapError } from "../errors.js";
import { logLikelihoodMatrix } from "../matrix/log-likelihood-matrix.js";
import type { ClipAt } from "../matrix/model-coordinates.js";
import type { Matrix } from "../native/matrix.js";
import { readModels, type ModelRow } from "../store/models-table.js";
import type { RunFolder } from "../store/run-folder.js";
import { readRunRecord, requireSameSettings, type RunRecord } from "../store/run-record.js";
import { readScoreFile, type StoredScores } from "../store/score-file.js";
import { readTexts } from "../store/texts-table.js";
import type { TextSet } from "../texts/text-set.js";
import type { OnEvent } from "./events.js";
import { defaultClip } from "./options.js";

/** A model whose scores are complete. */
export interface ScoredModel {
  row: ModelRow;
  scores: StoredScores;
}

/** All scores of a run folder as one matrix. */
export interface ScoredRun {
  record: RunRecord;
  /** All rows of models.arrow, failed models included. */
  rows: ModelRow[];
  /** The models with complete scores: the rows of L. */
  models: ScoredModel[];
  texts: TextSet;
  /** K x N log-likelihoods, nats, not clipped. */
  L: Matrix;
  /** Text positions of the columns of L. */
  used: Int32Array;
  /** Text positions left out for all models, because a model has no scored token there. */
  leftOut: Int32Array;
  /** UTF-8 bytes of the used texts together, and B, their mean. */
  bytes: number;
  meanBytes: number;
}

/** Errors: ERR_NOT_FOUND where the folder holds no run, ERR_RUN_FOLDER. */
export async function requireRunRecord(folder: RunFolder): Promise<RunRecord> {
  const record = await readRunRecord(folder.runRecord);
  if (record !== null) return record;
  throw new LlmapError("ERR_NOT_FOUND", `${folder.directory} holds no run (no run.json). Name the folder of a run with --out.`);
}

/**
 * Reads every model of the folder whose scores are complete; a damaged score file is a warning, and its model is left out.
 * Errors: ERR_NOT_FOUND where there is no run, ERR_NOTHING_DONE where no model is scored, ERR_RUN_MISMATCH, ERR_RUN_FOLDER, ERR_TEXTS.
 */
export async function readScoredRun(folder: RunFolder, onEvent: OnEvent = () => undefined): Promise<ScoredRun> {
  const record = await requireRunRecord(folder);
  const rows = await readModels(folder.models);
  const models = await readScoredModels(folder, rows, record, onEvent);
  const texts = await readTexts(folder.texts, record.texts.name);
  if (texts.hash !== record.texts.hash) {
    throw new LlmapError("ERR_RUN_FOLDER", `${folder.texts} does not hold the texts of this run. Run \`score\` again, which rewrites it.`);
  }
  const { L, texts: used, leftOut } = logLikelihoodMatrix(
    models.map(({ row, scores }) => ({ model: row.name, ...scores.rows })),
    texts.texts.length,
  );
  const bytes = used.reduce((sum, text) => sum + (texts.texts[text]?.bytes ?? 0), 0);
  return { record, rows, models, texts, L, used, leftOut, bytes, meanBytes: bytes / used.length };
}

/** The threshold of the run's map, so that numbers are the map's; without a map the default quantile of all scores. */
export function clipOfMap({ map }: RunRecord): ClipAt {
  return map?.clip ? { threshold: map.clip.threshold } : { quantile: defaultClip };
}

/** Position of a model among the rows of L. Errors: ERR_USAGE naming the models there are. */
export function requireModel({ models }: Pick<ScoredRun, "models">, name: string): number {
  const position = models.findIndex(({ row }) => row.name === name);
  if (position !== -1) return position;
  const names = models.map(({ row }) => row.name);
  const shown = names.length > 20 ? `${names.slice(0, 20).join(", ")} and ${names.length - 20} more` : names.join(", ");
  throw new LlmapError("ERR_USAGE", `No scored model is named ${name}. The run has ${shown}.`);
}

async function readScoredModels(
  folder: RunFolder,
  rows: readonly ModelRow[],
  record: RunRecord,
  onEvent: OnEvent,
): Promise<ScoredModel[]> {
  const models: ScoredModel[] = [];
  for (const row of rows) {
    if (row.status !== "complete" || row.fileName === null) continue;
    const path = folder.scoreFile(row.fileName);
    let scores: StoredScores;
    try {
      scores = await readScoreFile(path);
    } catch (error) {
      if (!(error instanceof LlmapError)) throw error;
      onEvent({ event: "warning", model: row.name, message: `Left out of the map: ${error.message}` });
      continue;
    }
    if (scores.key.textsHash !== record.texts.hash || scores.key.modelSha256 !== row.sha256) {
      throw new LlmapError("ERR_RUN_FOLDER", `${path} holds scores of another model or text set. Delete it and run again.`);
    }
    requireSameSettings(folder.directory, record.settings, scores.key.settings, row.name);
    models.push({ row, scores });
  }
  if (models.length === 0) {
    throw new LlmapError("ERR_NOTHING_DONE", `No model in ${folder.directory} has complete scores, so there is nothing to map. ${nextStep(folder)}`);
  }
  return models;
}

/** What to do where nothing is scored yet: models may be on a queue. */
function nextStep(folder: RunFolder): string {
  return existsSync(folder.queueRecord)
    ? `Its models are on a queue: \`llmap-native run --attach\` with the same --queue collects them.`
    : "Run `llmap-native score` first.";
}
