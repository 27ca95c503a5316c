/** From the rows that tasks on other machines have left in a run folder to its table of models. */
import { readdir } from "node:fs/promises";
import { withModelsLock, mergeRows, readModels, sameModel, writeModels, type ModelRow } from "../store/models-table.js";
import type { RunFolder } from "../store/run-folder.js";
import { readRunRecord, type RunRecord } from "../store/run-record.js";
import { findScoreFile } from "../store/score-file.js";
import { takeTaskRows } from "../store/task-rows.js";
import type { OnEvent } from "./events.js";
import { completeRow } from "./score-model.js";

/**
 * Moves the rows of tasks/ into models.arrow. A failure says nothing where the scores of the same file are complete: of two tasks on one model the other was
 * done, before or after. Errors: ERR_LOCKED, ERR_RUN_FOLDER.
 */
export async function collectTasks(folder: RunFolder, onEvent: OnEvent = () => undefined): Promise<void> {
  if (!(await hasTasks(folder))) return; // no lock for the folders that never saw a cluster
  await withModelsLock(folder.models, async () => {
    const { rows: taken, unreadable, discard } = await takeTaskRows(folder.tasks);
    for (const message of unreadable) onEvent({ event: "warning", model: null, message: `The row of a task is left out: ${message}` });
    const record = await readRunRecord(folder.runRecord);
    const rows = await readModels(folder.models);
    for (const row of taken) {
      const known = sameModel(rows, row);
      mergeRows(rows, [row.status === "failed" ? ((await rowOfScores(row, folder, record)) ?? keptRow(row, known)) : row]);
    }
    if (taken.length > 0) await writeModels(folder.models, rows);
    await discard();
  });
}

async function hasTasks({ tasks }: RunFolder): Promise<boolean> {
  return (await readdir(tasks).catch((): string[] => [])).length > 0;
}

/** The row of the scores that are there for the file of a row, or null. */
export async function rowOfScores(row: ModelRow, folder: RunFolder, record: RunRecord | null): Promise<ModelRow | null> {
  if (row.fileName === null || row.sha256 === null || record === null) return null;
  const stored = await findScoreFile(folder.scoreFile(row.fileName));
  if (stored === null || stored.rows.text.length !== record.texts.count) return null;
  const { modelSha256, textsHash, settings } = stored.key;
  const { bos, flashAttention, kvCacheType } = record.settings;
  const isSame = settings.bos === bos && settings.flashAttention === flashAttention && settings.kvCacheType === kvCacheType;
  return isSame && modelSha256 === row.sha256 && textsHash === record.texts.hash ? completeRow(row, stored) : null;
}

/** Complete rows of the same file stay, whatever came of scoring it once more. */
function keptRow(row: ModelRow, known: ModelRow | undefined): ModelRow {
  return known?.status === "complete" && known.sha256 === row.sha256 ? known : row;
}
