/** The talk with a scorer process about one model, from "prepare" to "scored", whatever becomes of the process meanwhile. */
import type { ChildProcess } from "node:child_process";
import { LlmapError, type ErrorCode } from "../errors.js";
import type { FromScorer, PreparedModel, ScorerMemory, ScoringJob, ScoringStep, ToScorer } from "./messages.js";
import type { ScoreRows } from "./score-rows.js";
import { ScorerFault } from "./scorer-fault.js";
import type { PlanParameters } from "./settings.js";

/** What the caller does with a model on its way. */
export interface ScoringHandlers {
  /** The model is loaded; answers which texts are done (done[text] is 1) for these settings. */
  onPrepared(prepared: PreparedModel): Promise<Uint8Array>;
  /** Rows of one whole batch. Awaited one after the other; an error here ends the model. */
  onBatch(rows: ScoreRows): Promise<void>;
  /**
   * Where a model is scored part by part: a part is done, its rows have been handed over. Answers which texts are done for the next part; null: there
   * is none. Not asked after a stop.
   */
  onPart?(): Promise<Uint8Array | null>;
}

/** A batch may take this many times as long as the slowest one so far before the process is taken for hung. */
const patience = 10;
const longestCheckInterval = 1000;
/** A look that comes after so many intervals is a late one. */
const lateLook = 10;

export class ScorerConversation {
  readonly #child: ChildProcess;
  readonly #job: ScoringJob;
  readonly #handlers: ScoringHandlers;
  readonly #errorOutput: () => string;

  #step: ScoringStep = "starting";
  #backend: string | null = null;
  #plan: PlanParameters | null = null;
  /** When the process last said something, milliseconds. */
  #lastSign = performance.now();
  #slowestBatch = 0;

  /** @param errorOutput the end of what the process has written to standard error */
  constructor(child: ChildProcess, job: ScoringJob, handlers: ScoringHandlers, errorOutput: () => string) {
    this.#child = child;
    this.#job = job;
    this.#handlers = handlers;
    this.#errorOutput = errorOutput;
  }

  /** Resolves when the model is done or stopped; rejects as ScorerSupervisor.score says. Called once. */
  run(signal?: AbortSignal): Promise<{ complete: boolean; memory: ScorerMemory }> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const say = (message: ToScorer): void => {
        // A failed send means that the process is gone. Its close event says why, unless it came before this conversation.
        child.send(message, (error) => {
          if (error !== null && (child.exitCode !== null || child.signalCode !== null)) onClose(child.exitCode, child.signalCode);
        });
      };
      let work: Promise<void> = Promise.resolve();
      let settled = false;
      const settle = (finish: () => void): void => {
        child.off("message", onMessage).off("close", onClose).off("error", onError);
        signal?.removeEventListener("abort", onAbort);
        clearInterval(watch);
        if (settled) return;
        settled = true;
        // Rows that arrived before the end are stored before the model is done or failed.
        work.then(finish, reject);
      };
      const then = (step: () => Promise<void>): void => {
        work = work.then(step);
        // "settle" itself rejects with what the work failed with.
        work.catch(() => settle(() => undefined));
      };
      const startPart = (done: Uint8Array): void => {
        this.#step = "scoring";
        this.#lastSign = performance.now();
        say({ type: "score", done, keep: this.#handlers.onPart !== undefined });
      };
      const onMessage = (message: FromScorer): void => {
        const waited = performance.now() - this.#lastSign;
        this.#lastSign = performance.now();
        switch (message.type) {
          case "progress":
            this.#step = message.step;
            this.#backend = message.backend;
            this.#plan = message.plan;
            break;
          case "prepared":
            this.#step = "waiting for the run folder";
            then(async () => {
              const done = await this.#handlers.onPrepared(message.prepared);
              startPart(done);
            });
            break;
          case "part-scored":
            this.#step = "waiting for the run folder";
            then(async () => {
              const done = message.stopped ? null : ((await this.#handlers.onPart?.()) ?? null);
              if (done !== null) startPart(done);
              else say({ type: "release" });
            });
            break;
          case "batch":
            this.#slowestBatch = Math.max(this.#slowestBatch, waited);
            then(() => this.#handlers.onBatch(message.rows));
            break;
          case "scored":
            settle(() => resolve({ complete: !message.stopped, memory: message.memory }));
            break;
          case "failed":
            settle(() => reject(this.#error(message.code, message.message)));
            break;
          case "devices":
            break; // of another conversation
        }
      };
      const onClose = (code: number | null, exitSignal: NodeJS.Signals | null): void => settle(() => reject(this.#death(code, exitSignal)));
      const onError = (error: Error): void => settle(() => reject(this.#error("ERR_SCORING", `the scorer process could not be started or reached: ${error.message}. Try fewer models at once (--parallel).`)));
      const onAbort = (): void => {
        if (this.#step === "scoring") say({ type: "stop" });
        else settle(() => reject(new LlmapError("ERR_ABORTED", "Interrupted; everything finished so far is kept.")));
      };
      const interval = Math.min(longestCheckInterval, this.#patience() / 2);
      let lastLook = performance.now();
      const watch = setInterval(() => {
        const now = performance.now();
        // This process was stopped itself (Ctrl-Z, a suspended job): what the other said meanwhile has not been read yet.
        if (now - lastLook > lateLook * interval) this.#lastSign = now;
        lastLook = now;
        const silent = performance.now() - this.#lastSign;
        if (this.#step !== "waiting for the run folder" && silent > this.#patience()) settle(() => reject(this.#hang(silent)));
      }, interval);
      child.on("message", onMessage).on("close", onClose).on("error", onError);
      signal?.addEventListener("abort", onAbort);
      say({ type: "prepare", job: this.#job });
    });
  }

  /** Milliseconds of silence that are borne. */
  #patience(): number {
    return Math.max(this.#job.options.stallTimeout * 1000, patience * this.#slowestBatch);
  }

  #error(code: ErrorCode, message: string): LlmapError {
    return new LlmapError(code, message, {
      cause: new ScorerFault(message, this.#step, this.#backend, this.#plan, this.#errorOutput()),
    });
  }

  #death(code: number | null, exitSignal: NodeJS.Signals | null): LlmapError {
    const lastLine = this.#errorOutput().split("\n").at(-1)?.trim() ?? "";
    const how = exitSignal === null ? `exit code ${code ?? "unknown"}` : exitSignal;
    return this.#error(
      "ERR_SCORING",
      `the scorer process died (${how}) while it was ${this.#step}${lastLine === "" ? "" : `: ${lastLine}`}. ${this.#step === "starting" ? "The backend of llama.cpp may be at fault; try --gpu off." : "The model file may be damaged, or memory ran out."}`,
    );
  }

  #hang(silent: number): LlmapError {
    return this.#error(
      "ERR_SCORING",
      `the scorer process made no progress for ${Math.round(silent / 1000)} s while it was ${this.#step}. ` +
        "The model file may be damaged; if the machine is only slow, give more time with --stall-timeout.",
    );
  }
}
