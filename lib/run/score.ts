/** The first half of a run: score every model that is not scored yet, into the run folder. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { LlmapError, throwIfAborted, type ErrorCode } from "../errors.js";
import type { Model, UnreadableModel } from "../models/model.js";
import { resolveModels } from "../models/resolve-models.js";
import type { ScorerSupervisor } from "../scoring/scorer-supervisor.js";
import { sharedSettings } from "../scoring/settings.js";
import { cannotWrite } from "../files/atomic-write.js";
import { readModels, updateModels, type ModelRow } from "../store/models-table.js";
import { RunFolder } from "../store/run-folder.js";
import { readRunRecord, writeRunRecord } from "../store/run-record.js";
import { writeTexts } from "../store/texts-table.js";
import type { TextSet } from "../texts/text-set.js";
import { collectTasks } from "./collect-tasks.js";
import { unreadableName, withKnownNames } from "./model-identity.js";
import { requireParallel, scoringOptions, type ScoreOptions } from "./options.js";
import { ScoringProgress } from "./progress.js";
import { scoreModel, type ModelFiles } from "./score-model.js";
import { lookUpOptions, readScoringInput } from "./scoring-input.js";
import { createScoringPool } from "./scoring-pool.js";
import { softwareVersions } from "./versions.js";

/** A model that could not be scored: `code` is an error code, `reason` a sentence for the user. */
export interface FailedModel {
  model: string;
  path: string;
  code: string;
  reason: string;
}

/** What `score` did. */
export interface ScoreResult {
  /** Names of the models that were asked for, as the folder knows them; those that failed included. */
  models: string[];
  /** Names of the models whose scores are complete, this run's and earlier ones'. */
  scored: string[];
  failed: FailedModel[];
}

/**
 * Scores models on a text set. Models that the folder holds already are not scored again; an interrupted one continues.
 * A model that fails does not stop the others.
 * Errors, before any work: ERR_USAGE, ERR_NOT_FOUND, ERR_TEXTS, ERR_MODELS, ERR_RUN_MISMATCH; later also ERR_RUN_FOLDER, ERR_LOCKED, ERR_BACKEND,
 * ERR_ADDON, ERR_ABORTED. What concerns one model (ERR_GGUF, ERR_MODEL_LOAD, ERR_MEMORY, ERR_SCORING) is in `failed`.
 */
export async function score(options: ScoreOptions): Promise<ScoreResult> {
  const { signal, onEvent = () => undefined } = options;
  requireParallel(options.parallel ?? null);
  const folder = new RunFolder(options.out);
  const record = await readRunRecord(folder.runRecord);
  const { scoring, texts } = await readScoringInput(options, folder, record);
  const found = await resolveModels(options.models ?? [], lookUpOptions(options));
  throwIfAborted(signal);

  // All input is good from here on.
  onEvent({ event: "texts", name: texts.name, count: texts.texts.length, meanBytes: texts.meanBytes, hash: texts.hash });
  await folder.create();
  await collectTasks(folder, onEvent);
  const known = await readModels(folder.models);
  const models = withKnownNames(found.models, known);
  onEvent({ event: "models", models: models.map((model) => model.name), skipped: found.skipped });
  await startRecord(folder, record, texts, options, found.skipped);

  const failed: FailedModel[] = [];
  const fail = async (model: { name: string; path: string }, row: ModelRow, code: string, reason: string): Promise<void> => {
    failed.push({ model: model.name, path: model.path, code, reason });
    await updateModels(folder.models, row);
    onEvent({ event: "model-failed", model: model.name, path: model.path, code, reason });
  };
  for (const unreadable of found.unreadable) {
    const model = { ...unreadable, name: unreadableName(unreadable, known) };
    await fail(model, unreadableRow(model), "ERR_GGUF", unreadable.reason);
  }

  const progress = new ScoringProgress(models, texts.texts, onEvent);
  const largest = models.reduce((most, { facts }) => Math.max(most, facts.bytes), 0);
  const toScore = models.filter((model) => !existsSync(folder.scoreFile(model.fileName)));
  const pool = await createScoringPool(scoring, options.parallel ?? null, toScore.length, largest, signal);
  const waiting = [...models];
  // What ends the run lets the other scorers finish the batch in hand, as Ctrl-C does.
  const ending = new AbortController();
  const either = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
  const scoreNext = async (model: Model, supervisor: ScorerSupervisor): Promise<void> => {
    try {
      const row = await scoreModel(model, { folder, texts, scoring: pool.scoring, supervisor, progress, onEvent, signal: either });
      await updateModels(folder.models, row);
    } catch (error) {
      if (!(error instanceof LlmapError) || endsTheRun.has(error.code)) throw error;
      // Complete rows of the same file stay on the map, whatever came of scoring it once more.
      const complete = known.find((row) => row.fileName === model.fileName && row.sha256 === model.sha256 && row.status === "complete");
      await fail(model, complete ?? failedRow(model, error.message), error.code, error.message);
    }
    progress.finish(model);
  };
  const work = async (supervisor: ScorerSupervisor): Promise<void> => {
    try {
      for (let model = waiting.shift(); model !== undefined; model = waiting.shift()) await scoreNext(model, supervisor);
    } catch (error) {
      ending.abort();
      throw error;
    }
  };
  try {
    const results = await Promise.allSettled(pool.supervisors.map(work));
    const failures = results.filter((result) => result.status === "rejected");
    // Those that were stopped for another's sake come after the reason itself.
    const isStop = ({ reason }: PromiseRejectedResult): boolean => reason instanceof LlmapError && reason.code === "ERR_ABORTED";
    const failure = failures.find((one) => !isStop(one)) ?? failures[0];
    if (failure !== undefined) throw failure.reason;
  } finally {
    for (const supervisor of pool.supervisors) supervisor.dispose();
  }
  const rows = await readModels(folder.models);
  return { models: models.map(({ name }) => name), scored: rows.filter((row) => row.status === "complete").map((row) => row.name), failed };
}

/** Writes run.json and the texts, before the first model is scored. @param record what the folder held; null: nothing */
export async function startRecord(
  folder: RunFolder,
  record: Awaited<ReturnType<typeof readRunRecord>>,
  texts: TextSet,
  options: Pick<ScoreOptions, "texts" | "scoring" | "parallel">,
  skipped: { path: string; reason: string }[],
): Promise<void> {
  if (options.scoring?.tokenLogProbs === true) {
    await mkdir(folder.tokens, { recursive: true }).catch((error: unknown) => {
      throw cannotWrite(folder.tokens, error);
    });
  }
  // Also where they are there already: a damaged or missing file is mended so.
  await writeTexts(folder.texts, texts);
  const now = new Date().toISOString();
  const scoring = scoringOptions(options.scoring);
  const settings = sharedSettings(scoring);
  const others = (record?.skipped ?? []).filter(({ path }) => !skipped.some((skip) => skip.path === path));
  await writeRunRecord(folder.runRecord, {
    format: 1,
    createdAt: record?.createdAt ?? now,
    updatedAt: now,
    versions: await softwareVersions(),
    texts: {
      name: texts.name,
      reference: typeof options.texts === "string" ? options.texts : (record?.texts.reference ?? texts.name),
      count: texts.texts.length,
      meanBytes: texts.meanBytes,
      hash: texts.hash,
    },
    settings,
    scoring: { ...Object.fromEntries(Object.entries(scoring).filter(([option]) => !(option in settings))), parallel: options.parallel ?? null },
    skipped: [...others, ...skipped],
    map: record?.map ?? null,
    noiseFloor: record?.noiseFloor ?? null,
  });
}

/** Everything else is the failure of one model. */
export const endsTheRun: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["ERR_ABORTED", "ERR_LOCKED", "ERR_RUN_FOLDER", "ERR_BACKEND", "ERR_ADDON"]);

const nothingScored = {
  bosPolicy: null,
  backend: null,
  device: null,
  scorer: null,
  fallback: null,
  truncatedTexts: null,
  warnings: [],
};

/** The row of a model that failed. */
export function failedRow({ name, fileName, path, adapters, sha256, facts, labels }: ModelFiles, error: string): ModelRow {
  return { name, fileName, path, adapters, sha256, facts, labels, status: "failed", error, ...nothingScored };
}

export function unreadableRow({ name, path, adapters, reason }: UnreadableModel): ModelRow {
  return { name, fileName: null, path, adapters, sha256: null, facts: null, labels: {}, status: "failed", error: reason, ...nothingScored };
}
