/** One model: reuse its scores, continue what an earlier process began, or score it from the start. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { LlmapError } from "../errors.js";
import type { Model } from "../models/model.js";
import type { PreparedModel, ScorerMemory } from "../scoring/messages.js";
import { faultOf } from "../scoring/scorer-fault.js";
import type { ScorerSupervisor } from "../scoring/scorer-supervisor.js";
import { settingsHash, sharedSettings, type ScoringOptions } from "../scoring/settings.js";
import { acquireLock } from "../store/lock.js";
import type { ModelRow } from "../store/models-table.js";
import type { RunFolder } from "../store/run-folder.js";
import { findOrphans, findScoreFile, findStreamsOfAll, PartialScores, readScoreFile, type Orphan, type StoredScores } from "../store/score-file.js";
import type { ScoreKey } from "../store/score-key.js";
import { hasTokenFile } from "../store/token-file.js";
import type { TextSet } from "../texts/text-set.js";
import type { OnEvent } from "./events.js";
import type { ScoringProgress } from "./progress.js";
import { attemptOf, describeFallback, describeHow, nextAttempt, type ScoringAttempt } from "./scoring-attempts.js";
import { ScoringLog } from "./scoring-log.js";

export interface ModelRun {
  folder: RunFolder;
  texts: TextSet;
  scoring: ScoringOptions;
  supervisor: ScorerSupervisor;
  progress: ScoringProgress;
  onEvent: OnEvent;
  signal?: AbortSignal;
}

/** @returns the model's row of models.arrow. Errors: LlmapError of scoring, ERR_LOCKED, ERR_ABORTED. */
export async function scoreModel(model: Model, run: ModelRun): Promise<ModelRow> {
  const path = run.folder.scoreFile(model.fileName);
  const lock = await acquireLock(join(run.folder.scores, `.${model.fileName}.lock`), `The model ${model.name} in ${run.folder.directory}`);
  try {
    return await scoreMissing(model, run, () => findOrphans(path));
  } finally {
    await lock.release();
  }
}

/**
 * Like {@link scoreModel}, without a lock: others may score the same model at the same time, on any host. Each appends to a stream of its own, after the
 * rows that it found in those of others, and the complete file is put in its place by a rename, so whoever is last leaves a whole one.
 * Errors: LlmapError of scoring, ERR_ABORTED.
 */
export async function scoreModelUnlocked(model: Model, run: ModelRun): Promise<ModelRow> {
  return await scoreMissing(model, run, () => findStreamsOfAll(run.folder.scoreFile(model.fileName), model));
}

async function scoreMissing(model: Model, run: ModelRun, findStreams: () => Promise<Orphan[]>): Promise<ModelRow> {
  const path = run.folder.scoreFile(model.fileName);
  const started = performance.now();
  const stored = await findScoreFile(path);
  if (stored !== null && stored.key.modelSha256 !== model.sha256) {
    const message = "The file has changed since it was scored; it is scored anew, and its old scores are replaced.";
    run.onEvent({ event: "warning", model: model.name, message });
  }
  const reused = stored !== null && (await isComplete(stored, model, run));
  const memory = reused ? null : await scoreFromTexts(model, path, run, findStreams);

  const { key, rows } = reused ? stored : await readScoreFile(path);
  run.onEvent({
    event: "model-done",
    model: model.name,
    seconds: (performance.now() - started) / 1000,
    meanLogLikelihood: rows.logLikelihood.reduce((sum, value) => sum + value, 0) / rows.text.length,
    reused,
    peakMemory: memory?.peakResident ?? null,
  });
  return completeRow(model, { key, rows });
}

/** Whether stored scores are all that is wanted of the model. */
export async function isComplete({ key, rows }: StoredScores, model: Pick<Model, "fileName" | "sha256">, run: WantedScores): Promise<boolean> {
  return rows.text.length === run.texts.texts.length && belongsTo(key, model, run) && (await hasWantedTokens(key, model, run));
}

/** What rows must be of. */
export type WantedScores = Pick<ModelRun, "folder" | "texts" | "scoring">;

/** Backend and batch plan may differ between the models of a map, so complete rows of another plan are kept. */
export function belongsTo(key: ScoreKey, model: Pick<Model, "sha256">, { texts, scoring }: Pick<WantedScores, "texts" | "scoring">): boolean {
  const shared = sharedSettings(scoring);
  return (
    key.modelSha256 === model.sha256 &&
    key.textsHash === texts.hash &&
    key.settings.bos === shared.bos &&
    key.settings.flashAttention === shared.flashAttention &&
    key.settings.kvCacheType === shared.kvCacheType
  );
}

async function hasWantedTokens(key: ScoreKey, { fileName }: Pick<Model, "fileName">, { folder, scoring }: WantedScores): Promise<boolean> {
  return !scoring.tokenLogProbs || (await hasTokenFile(folder.tokenFile(fileName), key));
}

/** Whether there are rows, each with its scored tokens where they are wanted. */
function hasWantedRows({ batches }: Orphan, { scoring }: ModelRun): boolean {
  return batches.length > 0 && (!scoring.tokenLogProbs || batches.every((rows) => rows.scoredTokens !== undefined));
}

/** Tries the model in the order of scoring-attempts.ts. Errors: those of the last attempt, with the path of the log. */
async function scoreFromTexts(model: Model, path: string, run: ModelRun, findStreams: () => Promise<Orphan[]>): Promise<ScorerMemory> {
  run.progress.start(model);
  const orphans = await findStreams();
  let earlier = orphans.find((orphan) => belongsTo(orphan.key, model, run) && hasWantedRows(orphan, run)) ?? null;
  let attempt = attemptOf(earlier?.key.fallback ?? null, run.scoring);
  let reason: string | null = null;
  const log = new ScoringLog(run.folder.logFile(model.fileName), model);
  for (;;) {
    try {
      const memory = await scoreOnce(model, path, { ...run, scoring: attempt.options }, attempt, earlier, reason);
      // What cannot be removed does no harm.
      if (attempt.fallback === null) await rm(run.folder.logFile(model.fileName), { force: true }).catch(() => undefined);
      for (const orphan of orphans) await rm(orphan.path, { force: true }).catch(() => undefined);
      return memory;
    } catch (error) {
      if (!(error instanceof LlmapError) || faultOf(error) === null) throw error;
      const how = describeHow(attempt.fallback);
      const logPath = await log.add(how, error);
      const next = nextAttempt(attempt, run.scoring, error);
      if (next === null) {
        const tried = attempt.fallback === null ? "" : ` It was tried ${how} too.`;
        throw new LlmapError(error.code, `${error.message}${tried}${logPath === null ? "" : ` Log: ${logPath}`}`, { cause: error });
      }
      reason = error.message;
      run.onEvent({ event: "model-retry", model: model.name, fallback: next.fallback ?? "smaller batch", reason });
      run.progress.restart(model);
      earlier = null;
      attempt = next;
    }
  }
}

/** @param reason why an earlier attempt failed, null in the first */
async function scoreOnce(
  model: Model,
  path: string,
  run: ModelRun,
  attempt: ScoringAttempt,
  earlier: Orphan | null,
  reason: string | null,
): Promise<ScorerMemory> {
  const { texts, scoring, supervisor, progress, onEvent, folder } = run;
  const count = texts.texts.length;
  const tokenFile = scoring.tokenLogProbs ? folder.tokenFile(model.fileName) : null;
  // What the user asks for goes before the plan of earlier rows, unless it had failed; where both are the same, the rows are continued.
  const chooses = attempt.fallback === null && (scoring.batchTokens !== null || scoring.sequences !== null);
  const state: { partial: PartialScores | null } = { partial: null };
  try {
    const { complete, memory } = await supervisor.score(
      {
        modelPath: model.path,
        adapterPaths: model.adapters,
        contents: texts.texts.map((text) => text.content),
        options: scoring,
        stored: earlier?.key.settings ?? null,
        choosesPlan: chooses,
      },
      {
        onPrepared: async (now) => {
          // Rows made on another device or by another scorer are not continued: one model, one hash.
          const continued = earlier !== null && settingsHash(earlier.key.settings) === settingsHash(now.settings);
          // What is said of rows is said with the first of them, so that a continued model ends with the same file.
          const warnings = continued ? earlier.key.warnings : [...fallbackWarning(attempt, reason), ...now.warnings];
          const key: ScoreKey = {
            model: model.name,
            modelSha256: model.sha256,
            textsHash: texts.hash,
            settings: now.settings,
            firstToken: now.firstToken,
            fallback: attempt.fallback,
            warnings,
          };
          state.partial = await PartialScores.create(path, tokenFile, key, continued ? earlier.batches : []);
          const done = state.partial.done(count);
          announce(model, now, done, warnings, run);
          if (earlier !== null && !continued) {
            const message = "Rows of an earlier run were made with other settings and are not continued.";
            onEvent({ event: "warning", model: model.name, message });
          }
          return done;
        },
        onBatch: async (rows) => {
          await state.partial?.append(rows);
          progress.advance(model, rows);
        },
      },
      run.signal,
    );
    if (!complete) throw new LlmapError("ERR_ABORTED", "Interrupted; everything finished so far is kept.");
    await state.partial?.finish(count);
    return memory;
  } catch (error) {
    await state.partial?.close();
    throw error;
  }
}

/** What the rows of a fallback say of it. */
export function fallbackWarning({ fallback }: Pick<ScoringAttempt, "fallback">, reason: string | null): string[] {
  return fallback === null ? [] : [`Scored ${describeFallback(fallback)}, since it had failed: ${reason ?? "in an earlier run"}`];
}

function announce(model: Model, prepared: PreparedModel, done: Uint8Array, warnings: string[], { onEvent, progress }: ModelRun): void {
  const resumedTexts = done.reduce((sum, one) => sum + one, 0);
  const { scorer, backend, device } = prepared.settings;
  const seconds = Object.values(prepared.seconds).reduce((sum, value) => sum + value, 0);
  onEvent({ event: "model-ready", model: model.name, scorer, backend, device, seconds, resumedTexts });
  for (const message of warnings) onEvent({ event: "warning", model: model.name, message });
  progress.resume(
    model,
    Array.from(done.keys()).filter((text) => done[text] === 1),
  );
}

/** What a row says of the files of its model. */
export type ModelFiles = Pick<ModelRow, "name" | "fileName" | "path" | "adapters" | "sha256" | "facts" | "labels">;

/** The row of a model from its complete scores. */
export function completeRow(model: ModelFiles, { key, rows }: StoredScores): ModelRow {
  const { name, fileName, path, adapters, sha256, facts, labels } = model;
  return {
    name,
    fileName,
    path,
    adapters,
    sha256,
    facts,
    labels,
    status: "complete",
    error: null,
    bosPolicy: `${key.settings.bos}: ${key.firstToken === "none" ? "no first token" : key.firstToken}`,
    backend: key.settings.backend,
    device: key.settings.device,
    scorer: key.settings.scorer,
    fallback: key.fallback,
    truncatedTexts: rows.truncated.filter(Boolean).length,
    warnings: key.warnings,
  };
}
