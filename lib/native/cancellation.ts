/** Calls to the addon: from AbortSignal to its cancel flag, and from its errors to {@link LlmapError}. */
import { LlmapError, throwIfAborted, type ErrorCode } from "../errors.js";
import type { CancelFlag } from "./addon.js";

const addonErrorCodes: ReadonlySet<string> = new Set<ErrorCode>([
  "ERR_ARGUMENT",
  "ERR_NUMERIC",
  "ERR_SCORING",
  "ERR_BACKEND",
  "ERR_ABORTED",
]);

/**
 * Runs a function of the addon that `signal` can stop.
 * @param run is given the flag that the addon polls
 * Rejects with {@link LlmapError}: ERR_ABORTED where the signal has fired, else the addon's own code.
 */
export async function withCancel<T>(
  signal: AbortSignal | undefined,
  run: (cancel: CancelFlag) => Promise<T>,
): Promise<T> {
  throwIfAborted(signal);
  const cancel: CancelFlag = new Uint8Array(1);
  const onAbort = (): void => {
    cancel[0] = 1;
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await run(cancel);
  } catch (error) {
    throwIfAborted(signal);
    throw fromAddonError(error);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/** The {@link LlmapError} of an error of the addon, with its code, message and stack; anything else as it is. */
export function fromAddonError(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || !isAddonErrorCode(error.code)) return error;
  const converted = new LlmapError(error.code, error.message, { cause: error });
  // The addon's stack begins where its function was called; this one begins behind an await.
  if (error.stack !== undefined) converted.stack = error.stack.replace(/^Error/, converted.name);
  return converted;
}

function isAddonErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && addonErrorCodes.has(code);
}
