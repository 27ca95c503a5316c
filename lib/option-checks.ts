/** Checks of options, with one wording for what was expected. The name of an option is that of the API with the command line's behind it. */
import { LlmapError } from "./errors.js";

/** null, where an option may be left out, passes. Errors: ERR_USAGE naming the option. */
export function requireWholeNumber(option: string, value: number | null, least: number, most = Infinity): void {
  if (value === null || (Number.isSafeInteger(value) && value >= least && value <= most)) return;
  const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new LlmapError("ERR_USAGE", `Expected a whole number ${range} for ${option} but received ${value}.`);
}

/** Errors: ERR_USAGE naming the option. */
export function requireChoice(option: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new LlmapError("ERR_USAGE", `Expected ${choices.join(", ")} for ${option} but received ${value}.`);
}

/** A seed's lowest 32 bits count, so there are no others. Errors: ERR_USAGE. */
export function requireSeed(seed: number): void {
  requireWholeNumber("seed (--seed)", seed, 0, 2 ** 32 - 1);
}
