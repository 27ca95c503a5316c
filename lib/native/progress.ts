/** Progress of a function of the addon: it writes the share that is done into memory, and JavaScript looks there now and then. */
import type { ProgressShare } from "./addon.js";

/** Receives the share of the work that is done, from 0 to 1, never decreasing. */
export type OnProgress = (share: number) => void;

const intervalMs = 100;

/**
 * Tells `onProgress` the share that is done while `run` is under way, ten times a second where it has changed, and 1 when it has succeeded.
 * @param run is given the place that the addon writes the share to; undefined where nobody listens
 */
export async function withProgress<T>(
  onProgress: OnProgress | undefined,
  run: (progress: ProgressShare | undefined) => Promise<T>,
): Promise<T> {
  if (onProgress === undefined) return run(undefined);
  const progress: ProgressShare = new Float64Array(1);
  let told = 0;
  const timer = setInterval(() => {
    const share = Math.min(1, progress[0] ?? 0);
    if (share <= told) return;
    told = share;
    onProgress(share);
  }, intervalMs);
  try {
    const result = await run(progress);
    if (told < 1) onProgress(1);
    return result;
  } finally {
    clearInterval(timer);
  }
}
