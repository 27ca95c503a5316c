/** One task of an array: one model of the list, scored into the run folder that all tasks share, without a lock. */
import { mkdir } from "node:fs/promises";
import { LlmapError, messageOf, throwIfAborted } from "../errors.js";
import { cannotWrite } from "../files/atomic-write.js";
import { adaptedSha256 } from "../models/file-identity.js";
import { inspectWithAdapters } from "../models/inspect-adapters.js";
import type { Model } from "../models/model.js";
import { partPaths } from "../models/split-files.js";
import { rowOfScores } from "../run/collect-tasks.js";
import type { OnEvent } from "../run/events.js";
import { requireThreads, type RunFolderOptions } from "../run/options.js";
import { ScoringProgress } from "../run/progress.js";
import { requireRunRecord } from "../run/scored-run.js";
import { endsTheRun, failedRow, unreadableRow } from "../run/score.js";
import { scoreModelUnlocked } from "../run/score-model.js";
import { defaultThreads } from "../scoring/default-threads.js";
import { ScorerSupervisor } from "../scoring/scorer-supervisor.js";
import { sharedSettings } from "../scoring/settings.js";
import type { ModelRow } from "../store/models-table.js";
import { RunFolder } from "../store/run-folder.js";
import { requireSameRun, type RunRecord } from "../store/run-record.js";
import { writeTaskRow } from "../store/task-rows.js";
import { readTexts } from "../store/texts-table.js";
import type { TextSet } from "../texts/text-set.js";
import { readTaskList, type TaskList, type TaskModel } from "./task-list.js";

/** One task of a job array. */
export interface ScoreTaskOptions extends RunFolderOptions {
  /** The list of tasks that `slurm` or `kubernetes` wrote. */
  tasks: string;
  /** Place of the model in the list, from 0. */
  index: number;
  /** Threads for decoding; default: those of the list, or the cores that the process may use, at most the CPUs of the task. */
  threads?: number | null;
}

/**
 * Scores one model of a list and leaves its scores and its row of models.arrow (tasks/) in the run folder. Safe to run twice at once and on any host: every file
 * is whole or not there, no lock is taken, and what is complete is left as it is. An interrupted task is continued by the next one from its whole batches.
 * @returns the row, also of a model that failed
 * Errors: ERR_NOT_FOUND, ERR_USAGE for an index that the list does not have, ERR_RUN_MISMATCH where the folder holds another run, ERR_RUN_FOLDER,
 * ERR_BACKEND, ERR_ADDON, ERR_ABORTED: then no row is written, since they say nothing of the model.
 */
export async function scoreTask(options: ScoreTaskOptions): Promise<ModelRow> {
  const { signal, onEvent = () => undefined } = options;
  requireThreads(options.threads ?? null);
  const list = await readTaskList(options.tasks);
  const task = list.models[options.index];
  if (task === undefined) {
    const last = list.models.length - 1;
    throw new LlmapError("ERR_USAGE", `Expected an index from 0 to ${last} (--index), the tasks of ${options.tasks}, but received ${options.index}.`);
  }
  const folder = new RunFolder(options.out);
  const record = await requireRunRecord(folder);
  requireSameRun(folder.directory, record, list.texts, sharedSettings(list.scoring));
  const texts = await readTexts(folder.texts, record.texts.name);
  if (texts.hash !== list.texts.hash) throw new LlmapError("ERR_RUN_FOLDER", `${folder.texts} does not hold the texts of this run. \`llmap-native slurm\` and \`llmap-native kubernetes\` write them anew.`);
  await makeFolders(folder, list);
  onEvent({ event: "texts", name: texts.name, count: texts.texts.length, meanBytes: texts.meanBytes, hash: texts.hash });
  onEvent({ event: "models", models: [task.name], skipped: [] });

  const row = await rowOf(task, { ...options, folder, record, texts, list, onEvent });
  throwIfAborted(signal);
  await writeTaskRow(folder.tasks, task.fileName, row);
  return row;
}

interface TaskRun extends ScoreTaskOptions {
  folder: RunFolder;
  record: RunRecord;
  texts: TextSet;
  list: TaskList;
  onEvent: OnEvent;
}

/** Errors: what says nothing of the model; everything else is in the row. */
async function rowOf(task: TaskModel, run: TaskRun): Promise<ModelRow> {
  const { folder, record, list, signal, onEvent } = run;
  const fail = async (row: ModelRow, code: string): Promise<ModelRow> => {
    // Another task on the same model may have been done meanwhile.
    const complete = await rowOfScores(row, folder, record);
    if (complete !== null) return complete;
    onEvent({ event: "model-failed", model: row.name, path: row.path, code, reason: row.error ?? "" });
    return row;
  };
  const inspection = await inspectWithAdapters(partPaths(task.path), task.adapters);
  if (inspection.kind !== "model") return await fail({ ...unreadableRow({ ...task, reason: inspection.reason }), labels: task.labels }, "ERR_GGUF");
  const { facts } = inspection;
  let sha256: string;
  try {
    let bytes = 0;
    const onBytes = (more: number): void => onEvent({ event: "resolving", model: task.name, step: "hash", bytes: (bytes += more), ofBytes: facts.bytes });
    sha256 = await adaptedSha256(partPaths(task.path), task.adapters, { signal, onBytes });
  } catch (error) {
    throwIfAborted(signal);
    return await fail({ ...unreadableRow({ ...task, reason: messageOf(error) }), labels: task.labels }, "ERR_GGUF");
  }
  const model: Model = { ...task, facts, sha256 };
  const progress = new ScoringProgress([model], run.texts.texts, onEvent);
  const supervisor = new ScorerSupervisor();
  const scoring = { ...list.scoring, threads: run.threads ?? list.scoring.threads ?? Math.min(list.cpus, defaultThreads()) };
  try {
    return await scoreModelUnlocked(model, { folder, texts: run.texts, scoring, supervisor, progress, onEvent, ...(signal ? { signal } : {}) });
  } catch (error) {
    if (!(error instanceof LlmapError) || endsTheRun.has(error.code)) throw error;
    return await fail(failedRow(model, error.message), error.code);
  } finally {
    supervisor.dispose();
  }
}

async function makeFolders(folder: RunFolder, { scoring }: TaskList): Promise<void> {
  for (const path of [folder.scores, folder.tasks, ...(scoring.tokenLogProbs ? [folder.tokens] : [])]) {
    await mkdir(path, { recursive: true }).catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
  }
}
