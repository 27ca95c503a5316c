/** One model: reuse its scores, continue what an earlier process began, or score it from the start. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { LlmapError } from "../errors.js";
import type { Model } from "../models/model.js";
import type { PreparedModel } from "../scoring/messages.js";
import type { ScorerSupervisor } from "../scoring/scorer-supervisor.js";
import { settingsHash, sharedSettings, type ScoringOptions } from "../scoring/settings.js";
import { acquireLock } from "../store/lock.js";
import type { ModelRow } from "../store/models-table.js";
import type { RunFolder } from "../store/run-folder.js";
import { findOrphans, findScoreFile, PartialScores, readScoreFile, type ScoreKey, type StoredScores } from "../store/score-file.js";
import type { TextSet } from "../texts/text-set.js";
import type { OnEvent } from "./events.js";
import type { ScoringProgress } from "./progress.js";

export interface ModelRun {
  folder: RunFolder;
  texts: TextSet;
  scoring: ScoringOptions;
  supervisor: ScorerSupervisor;
  progress: ScoringProgress;
  onEvent: OnEvent;
  /** What was said when the scores that may be reused were made. */
  knownWarnings: string[];
  signal?: AbortSignal;
}

/** @returns the model's row of models.arrow. Errors: LlmapError of scoring, ERR_LOCKED, ERR_ABORTED. */
export async function scoreModel(model: Model, run: ModelRun): Promise<ModelRow> {
  const path = run.folder.scoreFile(model.fileName);
  const lock = await acquireLock(join(run.folder.scores, `.${model.fileName}.lock`), `The model ${model.name} in ${run.folder.directory}`);
  try {
    const started = performance.now();
    const stored = await findScoreFile(path);
    if (stored !== null && stored.key.modelSha256 !== model.sha256) {
      const message = "The file has changed since it was scored; it is scored anew, and its old scores are replaced.";
      run.onEvent({ event: "warning", model: model.name, message });
    }
    const reused = stored !== null && belongsTo(stored.key, model, run);
    let warnings = run.knownWarnings;
    if (reused) run.progress.skip(model);
    else warnings = await scoreFromTexts(model, path, run);

    const { key, rows } = reused ? stored : await readScoreFile(path);
    run.onEvent({
      event: "model-done",
      model: model.name,
      seconds: (performance.now() - started) / 1000,
      meanLogLikelihood: rows.logLikelihood.reduce((sum, value) => sum + value, 0) / rows.text.length,
      reused,
    });
    return completeRow(model, { key, rows }, warnings);
  } finally {
    await lock.release();
  }
}

/** Backend and batch plan may differ between the models of a map, so complete rows of another plan are kept. */
function belongsTo(key: ScoreKey, model: Model, { texts, scoring }: ModelRun): boolean {
  const shared = sharedSettings(scoring);
  return (
    key.modelSha256 === model.sha256 &&
    key.textsHash === texts.hash &&
    key.settings.bos === shared.bos &&
    key.settings.flashAttention === shared.flashAttention &&
    key.settings.kvCacheType === shared.kvCacheType
  );
}

/** @returns warnings for the user */
async function scoreFromTexts(model: Model, path: string, run: ModelRun): Promise<string[]> {
  const { texts, scoring, supervisor, progress, onEvent } = run;
  const count = texts.texts.length;
  progress.start(model);

  const orphans = await findOrphans(path);
  const earlier = orphans.find(({ key }) => belongsTo(key, model, run)) ?? null;
  let partial: PartialScores | null = null;
  let prepared: PreparedModel | null = null;
  try {
    const complete = await supervisor.score(
      {
        modelPath: model.path,
        contents: texts.texts.map((text) => text.content),
        options: scoring,
        // What the user asks for goes before the plan of earlier rows; where both are the same, the rows are continued.
        plan: earlier === null || scoring.batchTokens !== null || scoring.sequences !== null ? null : earlier.key.settings,
      },
      {
        onPrepared: async (now) => {
          prepared = now;
          const key: ScoreKey = {
            model: model.name,
            modelSha256: model.sha256,
            textsHash: texts.hash,
            settings: now.settings,
            firstToken: now.firstToken,
          };
          // Rows made on another device or by another scorer are not continued: one model, one hash.
          const continued = earlier !== null && settingsHash(earlier.key.settings) === settingsHash(now.settings);
          partial = await PartialScores.create(path, key, continued ? earlier.batches : []);
          const done = partial.done(count);
          const resumedTexts = done.reduce((sum, one) => sum + one, 0);
          if (earlier !== null && !continued) {
            const message = "Rows of an earlier run were made with other settings and are not continued.";
            onEvent({ event: "warning", model: model.name, message });
          }
          const { scorer, backend, device } = now.settings;
          onEvent({ event: "model-ready", model: model.name, scorer, backend, device, seconds: now.seconds, resumedTexts });
          for (const message of now.warnings) onEvent({ event: "warning", model: model.name, message });
          progress.resume(resumedTexts);
          return done;
        },
        onBatch: async (rows) => {
          await partial?.append(rows);
          progress.advance(model, rows);
        },
      },
      run.signal,
    );
    if (!complete) throw new LlmapError("ERR_ABORTED", "Interrupted; everything finished so far is kept.");
    await (partial as PartialScores | null)?.finish(count);
    for (const orphan of orphans) await rm(orphan.path, { force: true });
    return (prepared as PreparedModel | null)?.warnings ?? [];
  } catch (error) {
    await (partial as PartialScores | null)?.close();
    throw error;
  }
}

function completeRow(model: Model, { key, rows }: StoredScores, warnings: string[]): ModelRow {
  const { name, fileName, path, sha256, facts, labels } = model;
  return {
    name,
    fileName,
    path,
    sha256,
    facts,
    labels,
    status: "complete",
    error: null,
    bosPolicy: `${key.settings.bos}: ${key.firstToken === "none" ? "no first token" : key.firstToken}`,
    backend: key.settings.backend,
    device: key.settings.device,
    scorer: key.settings.scorer,
    truncatedTexts: rows.truncated.filter(Boolean).length,
    warnings,
  };
}
