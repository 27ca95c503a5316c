/** One model of a run whose rows come from a queue: kept on disk as they come, in memory only which texts are there. */
import { rm } from "node:fs/promises";
import { LlmapError } from "../errors.js";
import type { OnEvent } from "../run/events.js";
import type { ScoringProgress } from "../run/progress.js";
import { completeRow } from "../run/score-model.js";
import type { ScoreRows } from "../scoring/score-rows.js";
import type { SharedSettings } from "../scoring/settings.js";
import type { ModelRow } from "../store/models-table.js";
import type { RunFolder } from "../store/run-folder.js";
import { findOrphans, PartialScores, readScoreFile } from "../store/score-file.js";
import { isSameKey, type ScoreKey } from "../store/score-key.js";
import type { TextSet } from "../texts/text-set.js";
import type { PinnedModel } from "./protocol.js";
import type { CallerModel } from "./queue-record.js";

export interface CollectedRun {
  folder: RunFolder;
  texts: TextSet;
  tokenLogProbs: boolean;
  /** File names of the models for which earlier processes left streams. */
  withStreams: ReadonlySet<string>;
  /** That all rows must have. */
  settings: SharedSettings;
  progress: ScoringProgress;
  onEvent: OnEvent;
}

/** What ScoringProgress knows a model by. */
export type ProgressModel = Parameters<ScoringProgress["start"]>[0];

export class ModelCollection {
  generation = 0;
  #partial: PartialScores | null = null;
  #pinned: PinnedModel | null = null;
  /** 1 for each text whose row is there. */
  #seen: Uint8Array = new Uint8Array();
  #texts = 0;
  #started = performance.now();
  #begun = false;

  constructor(
    /** Its number on the queue. */
    readonly id: number,
    readonly model: CallerModel,
    private readonly progressModel: ProgressModel,
    private readonly run: CollectedRun,
  ) {}

  get isOpen(): boolean {
    return this.#partial !== null;
  }

  get isWhole(): boolean {
    return this.#texts === this.run.texts.texts.length;
  }

  /**
   * Begins, or continues with what an earlier caller kept of the same generation.
   * @param seconds that the worker took to prepare the model Errors: ERR_RUN_FOLDER; ERR_QUEUE where the worker had another file, or settings that were not asked for
   */
  async open(pinned: PinnedModel, seconds: number): Promise<void> {
    const { folder, texts, tokenLogProbs, withStreams, progress, onEvent } = this.run;
    this.#requireAsked(pinned);
    const path = folder.scoreFile(this.model.fileName);
    const key: ScoreKey = {
      model: this.model.name,
      modelSha256: pinned.sha256,
      textsHash: texts.hash,
      settings: pinned.settings,
      firstToken: pinned.firstToken,
      fallback: pinned.fallback,
      warnings: pinned.warnings,
    };
    // The folder is not looked through for each model.
    const orphans = withStreams.has(this.model.fileName) ? await findOrphans(path) : [];
    const earlier = orphans.find((orphan) => isSameKey(orphan.key, key) && orphan.key.fallback === key.fallback && (!tokenLogProbs || orphan.withTokens));
    const batches = earlier?.batches ?? [];
    this.#partial = await PartialScores.create(path, tokenLogProbs ? folder.tokenFile(this.model.fileName) : null, key, batches, false);
    for (const orphan of orphans) if (orphan.path !== this.#partial.path) await rm(orphan.path, { force: true }).catch(() => undefined);
    this.#pinned = pinned;
    this.#seen = new Uint8Array(texts.texts.length);
    this.#texts = 0;
    this.#started = performance.now();
    for (const rows of batches) this.#markSeen(rows);

    if (!this.#begun) progress.start(this.progressModel);
    this.#begun = true;
    progress.resume(this.progressModel, batches.flatMap(({ text }) => Array.from(text)));
    const { scorer, backend, device } = pinned.settings;
    onEvent({ event: "model-ready", model: this.model.name, scorer, backend, device, seconds, resumedTexts: this.#texts });
    for (const message of pinned.warnings) onEvent({ event: "warning", model: this.model.name, message });
  }

  /**
   * Keeps rows, on disk when the promise resolves; a batch that is there already is left out. Errors: ERR_RUN_FOLDER; ERR_QUEUE where a batch is there in part:
   * then all rows are dropped, since some are not of the batches of the plan.
   */
  async append(batches: readonly ScoreRows[]): Promise<void> {
    const fresh: ScoreRows[] = [];
    for (const rows of batches) {
      const seen = rows.text.filter((text) => this.#seen[text] === 1).length;
      if (seen === rows.text.length) continue;
      if (seen > 0) {
        await this.restart(this.generation);
        throw new LlmapError("ERR_QUEUE", `Of the ${rows.text.length} rows of a batch, ${seen} had come in another one. Its rows are dropped; the same command scores it anew.`);
      }
      this.#markSeen(rows);
      fresh.push(rows);
    }
    await this.#partial?.append(...fresh);
    for (const rows of fresh) this.run.progress.advance(this.progressModel, rows);
  }

  #requireAsked({ sha256, settings }: PinnedModel): void {
    if (this.model.sha256 !== null && sha256 !== this.model.sha256) throw new LlmapError("ERR_QUEUE", `A worker scored another file: sha256 ${sha256}, not ${this.model.sha256}.`);
    for (const [name, value] of Object.entries(this.run.settings)) {
      const found = settings[name as keyof SharedSettings];
      if (found !== value) throw new LlmapError("ERR_QUEUE", `A worker scored it with ${name} ${found}, where ${String(value)} was asked for.`);
    }
  }

  #markSeen({ text }: ScoreRows): void {
    for (const one of text) this.#seen[one] = 1;
    this.#texts += text.length;
  }

  /** Drops the rows: the model is begun anew with other settings. */
  async restart(generation: number): Promise<void> {
    this.generation = generation;
    await this.#partial?.discard();
    this.#partial = null;
    this.#texts = 0;
    if (this.#begun) this.run.progress.restart(this.progressModel);
  }

  /** Writes the complete file. @returns its row of models.arrow Errors: ERR_RUN_FOLDER. */
  async finish(): Promise<ModelRow> {
    const { folder, texts, progress, onEvent } = this.run;
    await this.#partial?.finish(texts.texts.length);
    this.#partial = null;
    await rm(folder.logFile(this.model.fileName), { force: true }).catch(() => undefined);
    const scores = await readScoreFile(folder.scoreFile(this.model.fileName));
    onEvent({
      event: "model-done",
      model: this.model.name,
      seconds: (performance.now() - this.#started) / 1000,
      meanLogLikelihood: scores.rows.logLikelihood.reduce((sum, value) => sum + value, 0) / scores.rows.text.length,
      reused: false,
      peakMemory: null,
    });
    progress.finish(this.progressModel);
    this.#seen = new Uint8Array();
    return completeRow({ ...this.model, ...this.found() }, scores);
  }

  /** It failed for good, or is not collected any more: what is there stays on disk. */
  async leave(hasFailed: boolean): Promise<void> {
    await this.#partial?.close();
    this.#partial = null;
    this.#seen = new Uint8Array();
    if (hasFailed) this.run.progress.finish(this.progressModel);
  }

  /** What a worker found out about a model that is not here. */
  found(): Pick<CallerModel, "sha256" | "facts"> {
    return { sha256: this.model.sha256 ?? this.#pinned?.sha256 ?? null, facts: this.model.facts ?? this.#pinned?.facts ?? null };
  }
}
