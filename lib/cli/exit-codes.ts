/** What the exit code of every command says. */
export const exitCodes = {
  /** All done. */
  done: 0,
  /** Nothing could be done: bad usage or bad input. */
  nothingDone: 1,
  /** Done, but some models failed; each was named with its reason. */
  someFailed: 3,
  /** Interrupted; everything finished so far is kept. */
  interrupted: 130,
} as const;
