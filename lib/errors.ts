/**
 * The one error class of llmap-native. Every failure that a user can cause or mend is thrown as an
 * {@link LlmapError} with a stable code; anything else that escapes is a bug of ours.
 */

/** Stable codes; docs/formats.md lists what each one means. A code is never reused for another meaning. */
export type ErrorCode =
  /** A command-line option, a config field or an API argument is wrong. */
  | "ERR_USAGE"
  /** A file or folder that was named does not exist or cannot be read. */
  | "ERR_NOT_FOUND"
  /** A text set is malformed, empty, or has no text that can be scored. */
  | "ERR_TEXTS"
  /** A list of models is malformed, or names no model. */
  | "ERR_MODELS"
  /** A file is not a GGUF language model, or its header is damaged. */
  | "ERR_GGUF"
  /** A model could not be loaded. */
  | "ERR_MODEL_LOAD"
  /** A model, or a context of the wanted size, does not fit into memory. */
  | "ERR_MEMORY"
  /** A model could not be scored: its process died or hung, or llama.cpp could not decode a batch. */
  | "ERR_SCORING"
  /** A file of log-likelihoods to import is malformed, or does not fit the texts. */
  | "ERR_SCORES"
  /** The run folder belongs to another text set or was made with settings that cannot be mixed. */
  | "ERR_RUN_MISMATCH"
  /** The run folder, or a file in it, is damaged or lacks what is needed. */
  | "ERR_RUN_FOLDER"
  /** Another living process works on the same thing. */
  | "ERR_LOCKED"
  /** The native addon is missing or does not fit this platform. */
  | "ERR_ADDON"
  /** No usable llama.cpp backend, or a backend that was asked for is not there. */
  | "ERR_BACKEND"
  /** A cluster's own program (sbatch) is not there, or refused a job. */
  | "ERR_CLUSTER"
  /** An argument of a native function has the wrong type, shape or value. */
  | "ERR_ARGUMENT"
  /** Numbers that the mathematics cannot use (NaN, infinity, all rows equal). */
  | "ERR_NUMERIC"
  /** The queue cannot be reached or used, or what it holds is not what this version writes. */
  | "ERR_QUEUE"
  /** Nothing was scored, so there is nothing to map. */
  | "ERR_NOTHING_DONE"
  /** The work was interrupted by an AbortSignal or Ctrl-C. */
  | "ERR_ABORTED";

/** An error whose message names the thing, what was expected, what was found, and the next step. */
export class LlmapError extends Error {
  override readonly name = "LlmapError";

  /**
   * @param code stable, for programs
   * @param message one sentence or two, for people; no stack trace is shown with it
   * @param options `cause`: the error below this one
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Throws ERR_ABORTED if the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new LlmapError("ERR_ABORTED", "Interrupted; everything finished so far is kept.");
}
