/** Which models of a run have no complete scores yet, from the headers of their files and what the run folder holds. */
import { throwIfAborted } from "../errors.js";
import { inspectModels } from "../models/resolve-models.js";
import type { InspectedModel } from "../models/model.js";
import { collectTasks } from "../run/collect-tasks.js";
import { unreadableName, withKnownFileNames } from "../run/model-identity.js";
import type { ScoreOptions } from "../run/options.js";
import { lookUpOptions, readScoringInput } from "../run/scoring-input.js";
import { startRecord, unreadableRow, type FailedModel } from "../run/score.js";
import { isComplete, type WantedScores } from "../run/score-model.js";
import type { ScoringOptions } from "../scoring/settings.js";
import { readModels, updateModels, type ModelRow } from "../store/models-table.js";
import { RunFolder } from "../store/run-folder.js";
import { readRunRecord } from "../store/run-record.js";
import { findScoreFile } from "../store/score-file.js";
import type { TextSet } from "../texts/text-set.js";

export type MissingOptions = Omit<ScoreOptions, "parallel">;

export interface MissingModels {
  folder: RunFolder;
  texts: TextSet;
  scoring: ScoringOptions;
  missing: InspectedModel[];
  /** Names of the models whose scores are complete. */
  complete: string[];
  /** Those of `missing` that an earlier attempt has failed at, with the reason. */
  failed: FailedModel[];
  /** Files whose headers cannot be read: no task is written for them. */
  unreadable: FailedModel[];
}

/**
 * Starts or continues a run folder without scoring: writes run.json and the texts, collects what tasks have left, and tells what is missing. Headers are read,
 * files are not hashed; a model is known by the paths of its files, and one whose size has changed is missing.
 * Errors: those of `score` before any work; ERR_RUN_FOLDER, ERR_LOCKED, ERR_ABORTED.
 */
export async function findMissingModels(options: MissingOptions): Promise<MissingModels> {
  const { signal, onEvent = () => undefined } = options;
  const folder = new RunFolder(options.out);
  const record = await readRunRecord(folder.runRecord);
  const { scoring, texts } = await readScoringInput(options, folder, record);
  const found = await inspectModels(options.models ?? [], lookUpOptions(options));
  throwIfAborted(signal);

  onEvent({ event: "texts", name: texts.name, count: texts.texts.length, meanBytes: texts.meanBytes, hash: texts.hash });
  await folder.create();
  await collectTasks(folder, onEvent);
  await startRecord(folder, record, texts, options, found.skipped);
  const known = await readModels(folder.models);
  const models = withKnownFileNames(found.models, known);
  onEvent({ event: "models", models: models.map(({ name }) => name), skipped: found.skipped });

  const changed: ModelRow[] = [];
  const unreadable = found.unreadable.map((model): FailedModel => {
    const named = { ...model, name: unreadableName(model, known) };
    changed.push(unreadableRow(named));
    onEvent({ event: "model-failed", model: named.name, path: named.path, code: "ERR_GGUF", reason: named.reason });
    return { model: named.name, path: named.path, code: "ERR_GGUF", reason: named.reason };
  });
  const result: MissingModels = { folder, texts, scoring, missing: [], complete: [], failed: [], unreadable };
  const rowOfFile = new Map(known.toReversed().flatMap((row) => (row.fileName === null ? [] : [[row.fileName, row] as const])));
  for (const model of models) {
    throwIfAborted(signal);
    const row = rowOfFile.get(model.fileName);
    if (row !== undefined && (await isScored(row, model, result))) {
      result.complete.push(model.name);
      if (row.labels !== model.labels) changed.push({ ...row, labels: model.labels });
    } else {
      result.missing.push(model);
      if (row?.status === "failed") result.failed.push({ model: model.name, path: model.path, code: "ERR_SCORING", reason: row.error ?? "unknown" });
    }
  }
  await updateModels(folder.models, changed);
  return result;
}

async function isScored({ status, sha256, facts }: ModelRow, { fileName, facts: now }: InspectedModel, wanted: WantedScores): Promise<boolean> {
  if (status !== "complete" || sha256 === null || facts?.bytes !== now.bytes) return false;
  const stored = await findScoreFile(wanted.folder.scoreFile(fileName));
  return stored !== null && (await isComplete(stored, { fileName, sha256 }, wanted));
}
