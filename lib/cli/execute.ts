/** Runs the work of a command: progress, Ctrl-C, errors and exit codes in one place. */
import { LlmapError, messageOf } from "../errors.js";
import type { OnEvent } from "../run/events.js";
import { exitCodes } from "./exit-codes.js";
import { createDisplay } from "./display.js";

export interface CommandContext {
  signal: AbortSignal;
  onEvent: OnEvent;
}

/** What the first Ctrl-C says where models are scored. */
export const finishing = "Finishing the batch in hand. Press Ctrl-C again to leave at once.";

/**
 * The first Ctrl-C asks for a stop after the batch in hand, a second one leaves at once. One clear line on standard error for a
 * user's mistake; a stack trace only for a bug of ours.
 * @param onStop what the first Ctrl-C says; null: nothing
 */
export async function execute(
  args: { json: boolean; out?: string },
  work: (context: CommandContext) => Promise<number>,
  onStop: string | null = finishing,
): Promise<void> {
  const controller = new AbortController();
  const display = createDisplay(args.json);
  const onInterrupt = (): void => {
    if (controller.signal.aborted) {
      display.close();
      console.error("Left at once. Everything finished so far is kept; the same command continues.");
      process.exit(exitCodes.interrupted);
    }
    controller.abort();
    if (onStop !== null) display.note(onStop);
  };
  process.on("SIGINT", onInterrupt).on("SIGTERM", onInterrupt);
  try {
    process.exitCode = await work({ signal: controller.signal, onEvent: display.onEvent });
  } catch (error) {
    display.close();
    if (error instanceof LlmapError && error.code === "ERR_ABORTED") {
      if (args.json) console.log(JSON.stringify({ event: "error", code: error.code, message: error.message }));
      console.error("Interrupted. Everything finished so far is kept; the same command continues.");
      process.exitCode = exitCodes.interrupted;
      // A cancelled download may leave timers behind that would keep the process alive.
      setTimeout(() => process.exit(exitCodes.interrupted), 1000).unref();
    } else {
      reportError(error, args.json);
      process.exitCode = exitCodes.nothingDone;
    }
  } finally {
    display.close();
    process.off("SIGINT", onInterrupt).off("SIGTERM", onInterrupt);
  }
}

/** One line for a user's mistake (more where it lists solutions), the stack for anything else. */
export function reportError(error: unknown, json: boolean): void {
  // yargs wraps what its hooks throw in an error of its own, which is always about usage.
  const isUsage = error instanceof Error && error.name === "YError";
  const code = error instanceof LlmapError ? error.code : isUsage ? "ERR_USAGE" : "ERR_INTERNAL";
  const message = code === "ERR_ADDON" ? messageOf(error) : messageOf(error).replaceAll(/\s*\n\s*/g, " ");
  if (json) console.log(JSON.stringify({ event: "error", code, message }));
  if (error instanceof LlmapError || isUsage) console.error(`llmap-native: ${message}`);
  else console.error("llmap-native: an error that it does not know; please report it with this trace.\n", error);
}
