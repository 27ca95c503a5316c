/**
 * Leakage screen: models that find the texts likelier than their predicted score lets expect, as a model does that was trained on them. The model
 * coordinates Q have no row means, so a likelihood that is higher on all texts alike leaves the prediction where it was.
 */
import { sortedQuantile } from "./sorted-quantile.js";

/** What `leakageScreen` gives: the line that likelihoods are compared with, and how far each model is from it. */
export interface LeakageScreen {
  /** Mean log-likelihood, nats per text, that a prediction of 0 lets expect, and how much one unit of it adds. */
  intercept: number;
  slope: number;
  /** Robust standard deviation of the residuals, nats per text. */
  scale: number;
  /** Residual over scale, one per model. */
  residuals: Float64Array;
}

/** A model is suspect beyond so many standard deviations: the cut-off of Iglewicz and Hoaglin (1993) for robust residuals. */
export const defaultLeakageLimit = 3.5;
/** With fewer models the spread of the residuals is not known well enough. */
export const fewestForLeakageScreen = 20;

/** What the median absolute deviation of a normal must be multiplied by to give its standard deviation. */
const normalPerMad = 1.4826022185056018;
/** All pairs of so many models decide the slope; with more, every second, third, ... partner of each one. */
const mostPartners = 2000;

/**
 * Regresses mean log-likelihoods on predictions by the Theil-Sen line (median of the slopes of pairs; up to 29 % of the models may lie anywhere), and
 * scales residuals by their median absolute deviation. Null with fewer than {@link fewestForLeakageScreen} models, or where more than half of them lie on
 * the line exactly.
 * @param predictions, meanLogLikelihoods one of each per model
 */
export function leakageScreen(predictions: ArrayLike<number>, meanLogLikelihoods: ArrayLike<number>): LeakageScreen | null {
  const [x, y] = [Float64Array.from(predictions), Float64Array.from(meanLogLikelihoods)];
  if (x.length < fewestForLeakageScreen) return null;
  const slope = theilSenSlope(x, y);
  const intercept = median(y.map((value, i) => value - slope * (x[i] ?? NaN)));
  const residuals = y.map((value, i) => value - intercept - slope * (x[i] ?? NaN));
  const scale = normalPerMad * median(residuals.map(Math.abs));
  return scale > 0 ? { intercept, slope, scale, residuals: residuals.map((value) => value / scale) } : null;
}

function theilSenSlope(x: Float64Array, y: Float64Array): number {
  const step = Math.ceil(x.length / mostPartners);
  const slopes: number[] = [];
  for (let i = 0; i < x.length; i++) {
    for (let j = i + 1; j < x.length; j += step) {
      const run = (x[j] ?? NaN) - (x[i] ?? NaN);
      if (run !== 0) slopes.push(((y[j] ?? NaN) - (y[i] ?? NaN)) / run);
    }
  }
  return slopes.length === 0 ? 0 : median(Float64Array.from(slopes));
}

const median = (values: Float64Array): number => sortedQuantile(values.slice().sort(), 0.5);
