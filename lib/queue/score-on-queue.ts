/** The first half of a run with workers on any number of machines: every model that is not scored yet goes on the queue, and the rows are collected. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { LlmapError, throwIfAborted } from "../errors.js";
import { cannotWrite } from "../files/atomic-write.js";
import type { SkippedModel, UnreadableModel } from "../models/model.js";
import { resolveModels } from "../models/resolve-models.js";
import { collectTasks } from "../run/collect-tasks.js";
import type { OnEvent } from "../run/events.js";
import { unreadableName } from "../run/model-identity.js";
import type { ScoreOptions } from "../run/options.js";
import { lookUpOptions, readScoringInput } from "../run/scoring-input.js";
import { ScoringProgress } from "../run/progress.js";
import { belongsTo, completeRow } from "../run/score-model.js";
import { startRecord, unreadableRow, type FailedModel, type ScoreResult } from "../run/score.js";
import { sharedSettings, type ScoringOptions } from "../scoring/settings.js";
import { acquireLock, type Lock } from "../store/lock.js";
import { readModels, updateModels, type ModelRow } from "../store/models-table.js";
import { RunFolder } from "../store/run-folder.js";
import { readRunRecord, type RunRecord } from "../store/run-record.js";
import { findScoreFile, modelsWithStreams } from "../store/score-file.js";
import { readTexts } from "../store/texts-table.js";
import { hasTokenFile } from "../store/token-file.js";
import type { TextSet } from "../texts/text-set.js";
import { callerModels } from "./caller-models.js";
import { collectRows } from "./collect-rows.js";
import { ticketQueue } from "./keys.js";
import { ModelCollection, type CollectedRun, type ProgressModel } from "./model-collection.js";
import { removeModel, removePartQueues } from "./remove-model.js";
import { packTexts } from "./packed-texts.js";
import { checkMessage, modelSchema, protocolVersion, runSchema, type QueuedRun } from "./protocol.js";
import { queueOptions, type QueueOptions } from "./queue-options.js";
import { readQueueRecord, removeQueueRecord, writeQueueRecord, type CallerModel, type QueueRecord } from "./queue-record.js";
import { QueueStore } from "./queue-store.js";
import { asQueueError, connectRedis, patiently, type RedisLink } from "./redis-client.js";
import { ticketJob } from "./tickets.js";
import { WaitingRows } from "./waiting-rows.js";

/** What `score` is asked, and the queue; with `attach`, models, texts and settings are those that the folder has on it. */
export type QueueScoreOptions = Omit<ScoreOptions, "texts"> & QueueOptions & Partial<Pick<ScoreOptions, "texts">>;

/** What is to be scored: from the options, or with `attach` from the folder. */
interface Wanted {
  texts: TextSet;
  scoring: ScoringOptions;
  models: CallerModel[];
  skipped: SkippedModel[];
  unreadable: UnreadableModel[];
}

/**
 * Scores models by workers (`llmap-native worker`). Models that the folder holds already are not scored again, and what an earlier caller of the folder has on the
 * queue is collected. A model that fails does not stop the others. Where `signal` fires, the jobs stay on the queue: the same call, or one with `attach`, goes on.
 * Errors: as those of {@link score} before any work; ERR_USAGE for a model that no worker could get at; ERR_QUEUE where the Redis cannot be used or has lost the
 * run; ERR_RUN_MISMATCH where the folder has a run with other texts or settings on the queue.
 */
export async function scoreOnQueue(options: QueueScoreOptions): Promise<ScoreResult> {
  const { signal, onEvent = () => undefined } = options;
  const queue = queueOptions(options);
  const folder = new RunFolder(options.out);
  const earlier = await readQueueRecord(folder.queueRecord);
  const record = await readRunRecord(folder.runRecord);
  await collectTasks(folder, onEvent);
  const known = await readModels(folder.models);
  const wanted = queue.attach ? await wantedByRecord(folder, record, earlier) : await wantedByOptions(options, queue, record, folder, known);
  throwIfAborted(signal);

  const onConnection = (reason: string | null): void =>
    onEvent({ event: "warning", model: null, message: reason === null ? "The queue is back." : `The connection to the queue is lost (${reason}); it is tried again.` });
  const link = await connectRedis(queue.queue, { onConnection }, signal);
  const locks = new Map<string, Lock>();
  try {
    const store = new QueueStore(link.redis, queue.prefix);
    const settings = runSettings(wanted, queue);
    const living = earlier !== null && (await store.run(earlier.run)) !== null ? earlier : null;
    if (living !== null) requireSameSettings(folder, living, settings);
    if (queue.attach && living === null) {
      throw new LlmapError("ERR_QUEUE", `The Redis at ${link.shown} does not know the run of ${folder.directory} (prefix ${queue.prefix}). Run without --attach, which queues what is missing.`);
    }

    onEvent({ event: "texts", name: wanted.texts.name, count: wanted.texts.texts.length, meanBytes: wanted.texts.meanBytes, hash: wanted.texts.hash });
    await folder.create();
    locks.set(callerLock, await acquireLock(join(folder.directory, callerLock), `What ${folder.directory} has on a queue`));
    if ((await readQueueRecord(folder.queueRecord))?.run !== earlier?.run) {
      throw new LlmapError("ERR_LOCKED", `Another caller has just begun or ended in ${folder.directory}. The same command continues where that one is.`);
    }
    if (earlier !== null && living === null) await forgetEarlier(store, earlier, link, queue, onEvent);
    const models = union(living?.models ?? [], wanted.models);
    onEvent({ event: "models", models: models.map(({ name }) => name), skipped: wanted.skipped });
    if (!queue.attach) await startRecord(folder, record, wanted.texts, { texts: options.texts ?? wanted.texts, scoring: { ...wanted.scoring }, parallel: null }, wanted.skipped);
    await makeTokenFolder(folder, wanted.scoring);

    const failed: FailedModel[] = [];
    for (const unreadable of wanted.unreadable) failed.push(await failUnreadable(unreadable, folder, known, onEvent));
    const progressModels = weighed(models);
    const progress = new ScoringProgress(progressModels, wanted.texts.texts, onEvent);
    const collected: CollectedRun = {
      ...{ folder, texts: wanted.texts, progress, onEvent },
      ...{ tokenLogProbs: wanted.scoring.tokenLogProbs, settings: sharedSettings(wanted.scoring), withStreams: await modelsWithStreams(folder.scores) },
    };
    const open: ModelCollection[] = [];
    const reused: number[] = [];
    const complete = new Map(known.flatMap((row) => (row.fileName !== null && row.status === "complete" ? [[row.fileName, row]] : [])));
    const table = new WaitingRows(folder.models);
    for (const [id, model] of models.entries()) {
      throwIfAborted(signal);
      const progressModel = progressModels[id] ?? { name: model.name, facts: { parameters: 1 } };
      locks.set(model.fileName, await acquireLock(join(folder.scores, `.${model.fileName}.lock`), `The model ${model.name} in ${folder.directory}`));
      const row = await reusedRow(model, complete.get(model.fileName) ?? (await pinnedFile(store, living, id)), wanted, folder, onEvent);
      if (row === null) {
        open.push(new ModelCollection(id, model, progressModel, collected));
        continue;
      }
      reused.push(id);
      table.add(row);
      if (table.isDue) await table.write();
      progress.finish(progressModel);
      await release(locks, model);
    }
    await table.write();
    const run = living?.run ?? randomBytes(16).toString("hex");
    if (open.length > 0 || living !== null) {
      const now: QueueRecord = { format: 1, run, queue: link.shown, prefix: queue.prefix, createdAt: living?.createdAt ?? new Date().toISOString(), settings, models };
      await writeQueueRecord(folder.queueRecord, now);
      const tickets = new link.bullmq.Queue(ticketQueue, { connection: link.redis, prefix: queue.prefix });
      tickets.on("error", () => undefined); // a lost connection is told of by itself
      const removeParts = (model: number, generations: number): Promise<void> => removePartQueues(link, queue.prefix, run, model, generations);
      try {
        // Complete when an earlier caller was killed, and not off the queue yet.
        if (living !== null) for (const id of reused) await removeModel({ run, store, tickets, removeParts, signal }, id);
        const onWait = (reason: string): void => onEvent({ event: "warning", model: null, message: `The queue takes no jobs now and is tried again: ${reason}` });
        if (open.length > 0) await patiently(() => enqueue(store, tickets, now, open, wanted.texts), signal, onWait);
        const onOver = ({ model }: ModelCollection): Promise<void> => release(locks, model);
        try {
          failed.push(...(await collectRows({ run, collected, models: open, store, tickets, blocking: link.duplicate(), removeParts, onOver, signal })));
        } finally {
          for (const model of open) await model.leave(false);
        }
      } finally {
        await tickets.close();
      }
    }
    if (open.length > 0 || living !== null) await patiently(() => store.removeRun(run, wanted.texts.hash), signal, () => undefined);
    await removeQueueRecord(folder.queueRecord);
    const rows = await readModels(folder.models);
    return { models: models.map(({ name }) => name), scored: rows.filter(({ status }) => status === "complete").map(({ name }) => name), failed };
  } catch (error) {
    throw asQueueError(error, link);
  } finally {
    for (const lock of locks.values()) await lock.release();
    link.close();
  }
}

/** Two callers of a folder would each write down a run of their own, and the other one's could not be continued. */
const callerLock = ".queue.lock";

/** An earlier caller was killed before all was on the queue, or Redis has lost the run, or it is another Redis. */
async function forgetEarlier(store: QueueStore, { run, settings, queue, prefix }: QueueRecord, link: RedisLink, now: Required<QueueOptions>, onEvent: OnEvent): Promise<void> {
  if (queue !== link.shown || prefix !== now.prefix) {
    const message = `The run that this folder had at ${queue} (prefix ${prefix}) is not at ${link.shown} (prefix ${now.prefix}). What is missing is queued here; workers may still score it there too.`;
    onEvent({ event: "warning", model: null, message });
  }
  await store.removeRun(run, settings.texts.hash);
}

async function wantedByOptions(options: QueueScoreOptions, queue: Required<QueueOptions>, record: RunRecord | null, folder: RunFolder, known: readonly ModelRow[]): Promise<Wanted> {
  const { scoring, texts } = await readScoringInput(options, folder, record);
  const found = await resolveModels(options.models ?? [], { ...lookUpOptions(options), fetches: false });
  return { texts, scoring: { ...scoring, threads: null }, models: await callerModels(found, known, queue), skipped: found.skipped, unreadable: found.unreadable };
}

async function wantedByRecord(folder: RunFolder, record: RunRecord | null, earlier: QueueRecord | null): Promise<Wanted> {
  if (record === null || earlier === null) throw new LlmapError("ERR_USAGE", `${folder.directory} has no run on a queue, so there is nothing to attach to (--attach). Name models instead, or another folder with --out.`);
  return { texts: await readTexts(folder.texts, record.texts.name), scoring: earlier.settings.scoring, models: earlier.models, skipped: [], unreadable: [] };
}

function runSettings({ texts, scoring }: Wanted, { parts, maxStalled }: Required<QueueOptions>): QueuedRun {
  const bytes = texts.texts.reduce((sum, text) => sum + text.bytes, 0);
  return checkMessage(runSchema, "The run", { protocol: protocolVersion, texts: { hash: texts.hash, count: texts.texts.length, bytes }, scoring, parts, maxStalled });
}

/** Errors: ERR_RUN_MISMATCH. */
function requireSameSettings(folder: RunFolder, { settings }: QueueRecord, now: QueuedRun): void {
  const same = (key: "texts" | "scoring"): boolean => JSON.stringify(sorted(settings[key])) === JSON.stringify(sorted(now[key]));
  if (same("texts") && same("scoring")) return;
  throw new LlmapError(
    "ERR_RUN_MISMATCH",
    `${folder.directory} has a run on the queue with other ${same("texts") ? "settings" : "texts"}. Collect it first (--attach), or take it off the queue (--queue-cancel).`,
  );
}

const sorted = (values: object): [string, unknown][] => Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));

/** The models of the run on the queue, whose numbers stay, then the new ones. */
function union(queued: readonly CallerModel[], named: readonly CallerModel[]): CallerModel[] {
  const files = new Set(queued.map(({ fileName }) => fileName));
  const hashes = new Set(queued.map(({ sha256 }) => sha256));
  return [...queued, ...named.filter(({ fileName, sha256 }) => !files.has(fileName) && (sha256 === null || !hashes.has(sha256)))];
}

/** Models for the progress: one whose size nobody knows yet counts as the mean of the others. */
function weighed(models: readonly CallerModel[]): ProgressModel[] {
  const sizes = models.flatMap(({ facts }) => facts?.parameters ?? []);
  const mean = sizes.length === 0 ? 1 : sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  return models.map(({ name, facts }) => ({ name, facts: { parameters: facts?.parameters ?? mean } }));
}

async function makeTokenFolder(folder: RunFolder, { tokenLogProbs }: ScoringOptions): Promise<void> {
  if (!tokenLogProbs) return;
  await mkdir(folder.tokens, { recursive: true }).catch((error: unknown) => {
    throw cannotWrite(folder.tokens, error);
  });
}

async function failUnreadable(unreadable: UnreadableModel, folder: RunFolder, known: readonly ModelRow[], onEvent: OnEvent): Promise<FailedModel> {
  const model = { ...unreadable, name: unreadableName(unreadable, known) };
  await updateModels(folder.models, unreadableRow(model));
  const failed = { model: model.name, path: model.path, code: "ERR_GGUF", reason: model.reason };
  onEvent({ event: "model-failed", ...failed });
  return failed;
}

/** What is known of the file of a model that is not here. */
type KnownFile = Pick<ModelRow, "sha256" | "facts">;

/** What the workers of a run that an earlier caller left go by: it may have been killed with all rows of the model on disk, and before its row of models.arrow. */
async function pinnedFile(store: QueueStore, living: QueueRecord | null, id: number): Promise<KnownFile | null> {
  if (living?.models[id] === undefined) return null;
  try {
    const state = await store.state(living.run, id);
    return state === null ? null : await store.pin(living.run, id, state.generation);
  } catch (error) {
    // Nonsense is told of when the model is collected.
    if (error instanceof LlmapError && error.code === "ERR_QUEUE") return null;
    throw error;
  }
}

/** The row of a model whose scores the folder holds already, which it tells; null where it does not. */
async function reusedRow(model: CallerModel, found: KnownFile | null, { texts, scoring }: Wanted, folder: RunFolder, onEvent: OnEvent): Promise<ModelRow | null> {
  const sha256 = model.sha256 ?? found?.sha256 ?? null;
  const stored = sha256 === null ? null : await findScoreFile(folder.scoreFile(model.fileName));
  if (sha256 === null || stored?.rows.text.length !== texts.texts.length || !belongsTo(stored.key, { sha256 }, { texts, scoring })) return null;
  if (scoring.tokenLogProbs && !(await hasTokenFile(folder.tokenFile(model.fileName), stored.key))) return null;
  const meanLogLikelihood = stored.rows.logLikelihood.reduce((sum, value) => sum + value, 0) / stored.rows.text.length;
  onEvent({ event: "model-done", model: model.name, seconds: 0, meanLogLikelihood, reused: true, peakMemory: null });
  return completeRow({ ...model, sha256, facts: model.facts ?? found?.facts ?? null }, stored);
}

async function release(locks: Map<string, Lock>, { fileName }: CallerModel): Promise<void> {
  await locks.get(fileName)?.release();
  locks.delete(fileName);
}

const ticketsAtOnce = 500;

/** Puts the run and its models in place where they are not, then a ticket for each model that is open: largest first, so that none is left alone at the end. */
async function enqueue(
  store: QueueStore,
  tickets: { addBulk(jobs: ReturnType<typeof ticketJob>[]): Promise<unknown> },
  { run, settings, models }: QueueRecord,
  open: readonly ModelCollection[],
  texts: TextSet,
): Promise<void> {
  if ((await store.texts(texts.hash)) === null || !(await store.usesTexts(run, texts.hash))) await store.putTexts(run, texts.hash, await packTexts(texts));
  for (const { id, model } of open) {
    const { name, files, sha256 } = models[id] ?? model;
    await store.putModel(run, id, checkMessage(modelSchema, `The model ${name}`, { name: name.slice(0, 500), files, sha256 }));
  }
  await store.putRun(run, settings, ticketQueue);
  const size = ({ model }: ModelCollection): number => model.facts?.parameters ?? Infinity;
  const order = [...open].sort((a, b) => (size(a) === size(b) ? a.id - b.id : size(b) - size(a)));
  for (let from = 0; from < order.length; from += ticketsAtOnce) {
    await tickets.addBulk(order.slice(from, from + ticketsAtOnce).map(({ id }) => ticketJob({ run, model: id }, 0, 0)));
  }
}
