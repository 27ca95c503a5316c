/** What the exit code of every command says. */
export const exitCodes = {
  /** All done. */
  done: 0,
  /** Nothing could be done: bad usage or bad input. */
  nothingDone: 1,
  /** Done, but some models failed; each was named with its reason. */
  someFailed: 3,
  /** Done, and a limit that was set for the result is exceeded (`compare --max-kl`). */
  gateExceeded: 4,
  /** Interrupted; everything finished so far is kept. */
  interrupted: 130,
} as const;
