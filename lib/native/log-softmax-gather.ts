/** Log-probabilities of target tokens from logits that the caller has. */
import { withCancel } from "./cancellation.js";
import { loadAddon } from "./load-addon.js";
import type { NativeOptions } from "./matrix.js";

/**
 * log p(target) of each row: `logits[r, target_r] - log(sum over v of exp(logits[r, v]))`, nats, within 1e-6 of the exact value.
 * @param logits rows x vocabulary, row-major, finite or -inf; read in place, so leave them alone until the promise settles
 * @param targets one token id in [0, vocabulary) per row
 * @returns one log-probability per row; -inf where the target's logit is
 * Errors: ERR_ARGUMENT; ERR_NUMERIC naming the row for NaN, +inf, or nothing but -inf; ERR_ABORTED.
 */
export async function logSoftmaxGather(
  logits: Float32Array,
  vocabulary: number,
  targets: Int32Array,
  options: NativeOptions = {},
): Promise<Float64Array> {
  const out = new Float64Array(targets.length);
  await withCancel(options.signal, async (cancel) => {
    const addon = loadAddon();
    await addon.logSoftmaxGather(logits, vocabulary, targets, out, { threads: options.threads ?? addon.info().cores, cancel });
  });
  return out;
}
