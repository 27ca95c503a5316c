/** Starts the scorer process, hands it models, and turns its death into the failure of one model. */
import { fork, type ChildProcess } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { LlmapError, throwIfAborted } from "../errors.js";
import { packageRoot } from "../package-root.js";
import type { FromScorer, PreparedModel, ScoringJob, ToScorer } from "./messages.js";
import type { ScoreRows } from "./score-rows.js";

/** What the caller does with a model on its way. */
export interface ScoringHandlers {
  /** The model is loaded; answers which texts are done (done[text] is 1) for these settings. */
  onPrepared(prepared: PreparedModel): Promise<Uint8Array>;
  /** Rows of one whole batch. Awaited one after the other; an error here ends the model. */
  onBatch(rows: ScoreRows): Promise<void>;
}

/** How much of the scorer's standard error is kept to explain a death. */
const keptErrorOutput = 4096;

/** One scorer process at a time, started when first needed and kept for the next model unless it failed. */
export class ScorerSupervisor {
  #child: ChildProcess | null = null;
  #errorOutput = "";
  /** Messages of scorer processes so far. */
  #messages = 0;

  /**
   * Scores one model.
   * @param signal asks for a stop: the batch in hand is finished and handed over first
   * @returns true when every text is scored, false when it was stopped before
   * Errors: LlmapError of the scorer; ERR_SCORING where the process died.
   */
  async score(job: ScoringJob, handlers: ScoringHandlers, signal?: AbortSignal): Promise<boolean> {
    throwIfAborted(signal);
    const idle = this.#child;
    this.#errorOutput = "";
    const messages = this.#messages;
    try {
      return await this.#converse(idle ?? this.#start(), job, handlers, signal);
    } catch (error) {
      this.dispose();
      // A process that died while it was idle never heard of this model.
      if (idle !== null && this.#messages === messages) return this.score(job, handlers, signal);
      throw error;
    }
  }

  /** Ends the process. */
  dispose(): void {
    this.#child?.kill("SIGKILL");
    this.#child = null;
  }

  #start(): ChildProcess {
    const child = fork(join(packageRoot, "dist", "scoring", "scorer-process.js"), {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      // Every scorer holds a thread of libuv's pool while it decodes, and node-llama-cpp needs some too; the default is 4.
      env: { UV_THREADPOOL_SIZE: String(availableParallelism() + 4), ...process.env },
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errorOutput = (this.#errorOutput + text).slice(-keptErrorOutput);
    });
    // Also between two models: a dead process is not asked again.
    child.on("exit", () => {
      if (this.#child === child) this.#child = null;
    });
    this.#child = child;
    return child;
  }

  #converse(child: ChildProcess, job: ScoringJob, handlers: ScoringHandlers, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const say = (message: ToScorer): void => {
        // A failed send means that the process is gone. Its exit event says why, unless it came before this conversation.
        child.send(message, (error) => {
          if (error !== null && child.exitCode === null && child.signalCode === null) return;
          if (error !== null) onExit(child.exitCode, child.signalCode);
        });
      };
      let work: Promise<void> = Promise.resolve();
      let settled = false;
      const settle = (finish: () => void): void => {
        child.off("message", onMessage).off("exit", onExit).off("error", onError);
        signal?.removeEventListener("abort", onAbort);
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
      const onMessage = (message: FromScorer): void => {
        this.#messages++;
        switch (message.type) {
          case "prepared":
            then(async () => say({ type: "score", done: await handlers.onPrepared(message.prepared) }));
            break;
          case "batch":
            then(() => handlers.onBatch(message.rows));
            break;
          case "scored":
            settle(() => resolve(!message.stopped));
            break;
          case "failed":
            settle(() => reject(new LlmapError(message.code, message.message)));
            break;
        }
      };
      const onExit = (code: number | null, exitSignal: NodeJS.Signals | null): void => {
        const lastLine = this.#errorOutput.trim().split("\n").at(-1)?.trim() ?? "";
        const how = exitSignal === null ? `exit code ${code ?? "unknown"}` : exitSignal;
        const reason = `the scorer process died (${how})${lastLine === "" ? "" : `: ${lastLine}`}. The model file may be damaged, or memory ran out.`;
        settle(() => reject(new LlmapError("ERR_SCORING", reason)));
      };
      const onError = (error: Error): void => settle(() => reject(error));
      const onAbort = (): void => say({ type: "stop" });
      child.on("message", onMessage).on("exit", onExit).on("error", onError);
      signal?.addEventListener("abort", onAbort);
      say({ type: "prepare", job });
    });
  }
}
