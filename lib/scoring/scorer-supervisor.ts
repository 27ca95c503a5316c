/** Starts the scorer process, hands it models, and turns its death or its hanging into the failure of one model. */
import { fork, type ChildProcess } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { LlmapError, throwIfAborted } from "../errors.js";
import { packageRoot } from "../package-root.js";
import type { FromScorer, GpuDevices, ScorerMemory, ScoringJob, ToScorer } from "./messages.js";
import { ScorerConversation, type ScoringHandlers } from "./scorer-conversation.js";
import type { GpuChoice } from "./settings.js";

/** How long a process that was ended is waited for, and how long one may look for GPUs, milliseconds. */
const longestEnd = 10_000;
const longestLook = 60_000;

/** From this size on, freed memory goes back to the system at once, bytes. */
const returnedAtOnce = 128 * 1024;

/** How much of the scorer's standard error is kept to explain a failure, characters. */
const keptErrorOutput = 65_536;

/** After so many models a scorer process is replaced, so that what llama.cpp or Node leaves behind of each cannot add up. */
const modelsPerProcess = 100;

export interface ScoringOutcome {
  /** False when it was stopped before every text was scored. */
  complete: boolean;
  memory: ScorerMemory;
}

/** One scorer process at a time, started when first needed and kept for the next model unless it failed. */
export class ScorerSupervisor {
  #child: ChildProcess | null = null;
  #errorOutput = "";
  /** Messages of scorer processes so far. */
  #messages = 0;
  /** Settled when the process that was ended last is gone. */
  #ended: Promise<void> = Promise.resolve();
  /** Models that the present process has scored. */
  #models = 0;

  /**
   * @param environment variables of the scorer process beside this process's, for example which GPU it may see
   * @param limits for tests
   */
  constructor(
    private readonly environment: NodeJS.ProcessEnv = {},
    private readonly limits = { modelsPerProcess },
  ) {}

  /**
   * Scores one model.
   * @param signal asks for a stop: the batch in hand is finished and handed over first; a model that is still loading is dropped at once
   * Errors: LlmapError, the scorer's own, or ERR_SCORING where its process died or made no progress; its cause is a ScorerFault.
   * ERR_ABORTED where it was stopped while the model was loading.
   */
  async score(job: ScoringJob, handlers: ScoringHandlers, signal?: AbortSignal): Promise<ScoringOutcome> {
    // A process that was ended may still hold memory that the next one wants.
    await this.#ended;
    throwIfAborted(signal);
    const idle = this.#child;
    this.#errorOutput = "";
    const messages = this.#messages;
    try {
      const conversation = new ScorerConversation(idle ?? this.#start(), job, handlers, () => this.#errorOutput.trim());
      const outcome = await conversation.run(signal);
      if (++this.#models >= this.limits.modelsPerProcess) this.dispose();
      return outcome;
    } catch (error) {
      this.dispose();
      // A process that died while it was idle never heard of this model.
      if (idle !== null && this.#messages === messages) return this.score(job, handlers, signal);
      throw error;
    }
  }

  /** The GPUs that llama.cpp finds. Errors: ERR_BACKEND; ERR_SCORING where the process died or took too long; ERR_ABORTED. */
  async devices(gpu: GpuChoice, signal?: AbortSignal): Promise<GpuDevices> {
    throwIfAborted(signal);
    const child = this.#child ?? this.#start();
    const timeout = AbortSignal.timeout(longestLook);
    const stop = signal ? AbortSignal.any([signal, timeout]) : timeout;
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        child.off("message", onMessage).off("exit", onEnd).off("error", onEnd);
        stop.removeEventListener("abort", onAbort);
        finish();
      };
      const onMessage = (message: FromScorer): void => {
        if (message.type === "devices") settle(() => resolve(message.devices));
        else if (message.type === "failed") settle(() => reject(new LlmapError(message.code, message.message)));
      };
      const failed = (reason: string): LlmapError => new LlmapError("ERR_SCORING", `The scorer process ${reason} while it looked for GPUs: ${this.#errorOutput.trim()}. Try --gpu off.`);
      const onEnd = (): void => settle(() => reject(failed("died")));
      const onAbort = (): void =>
        settle(() => reject(signal?.aborted ? new LlmapError("ERR_ABORTED", "Interrupted; everything finished so far is kept.") : failed("took too long")));
      child.on("message", onMessage).on("exit", onEnd).on("error", onEnd);
      stop.addEventListener("abort", onAbort);
      // Where it cannot be sent, the process is gone: its exit event says so.
      child.send({ type: "devices", gpu } satisfies ToScorer, () => undefined);
    });
  }

  /** Ends the process. */
  dispose(): void {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()).once("error", () => resolve()));
    this.#ended = Promise.race([gone, setTimeout(longestEnd, undefined, { ref: false })]);
    child.kill("SIGKILL");
  }

  #start(): ChildProcess {
    const child = fork(join(packageRoot, "dist", "scoring", "scorer-process.js"), {
      serialization: "advanced",
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: {
        // Every scorer holds a thread of libuv's pool while it decodes, and node-llama-cpp needs some too; the default is 4.
        UV_THREADPOOL_SIZE: String(availableParallelism() + 4),
        // Else llama.cpp runs a debugger on its own process before it aborts.
        GGML_NO_BACKTRACE: "1",
        // glibc would keep the large buffers of models that are disposed of, more with each (docs/performance.md).
        MALLOC_MMAP_THRESHOLD_: String(returnedAtOnce),
        MALLOC_TRIM_THRESHOLD_: String(returnedAtOnce),
        ...process.env,
        ...this.environment,
      },
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (this.#child === child) this.#errorOutput = (this.#errorOutput + text).slice(-keptErrorOutput);
    });
    child.on("message", () => this.#messages++);
    // Also between two models: a dead process is not asked again.
    child.on("exit", () => {
      if (this.#child === child) this.#child = null;
    });
    this.#child = child;
    this.#models = 0;
    return child;
  }
}
