import { describe, expect, it } from "vitest";
import { defaultLeakageLimit, leakageScreen } from "../../../lib/matrix/leakage-screen.js";
import { normal, seededRandom } from "../../../lib/random.js";

/** Likelihoods on a line through the predictions, with normal noise. */
function normalModels(count: number, random: () => number): { predictions: Float64Array; likelihoods: Float64Array } {
  const predictions = Float64Array.from({ length: count }, () => 50 + 12 * normal(random));
  return { predictions, likelihoods: predictions.map((score) => -1200 + 8 * score + 40 * normal(random)) };
}

describe("leakageScreen", () => {
  it("finds the line and the spread, and the models above it, however many of a quarter there are", () => {
    const { predictions, likelihoods } = normalModels(400, seededRandom(1));
    for (let i = 0; i < 100; i++) likelihoods[i] = (likelihoods[i] ?? NaN) + 1000;
    const screen = leakageScreen(predictions, likelihoods);
    expect(screen?.slope).toBeGreaterThan(6);
    expect(screen?.slope).toBeLessThan(10);
    const suspects = Array.from(screen?.residuals ?? []).flatMap((residual, i) => (residual > defaultLeakageLimit ? [i] : []));
    expect(suspects).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it("raises false alarms as rarely as the documentation says", { timeout: 60_000 }, () => {
    const random = seededRandom(2);
    const alarms = (models: number, runs: number): number => {
      let count = 0;
      for (let run = 0; run < runs; run++) {
        const { predictions, likelihoods } = normalModels(models, random);
        count += leakageScreen(predictions, likelihoods)?.residuals.filter((residual) => residual > defaultLeakageLimit).length ?? NaN;
      }
      return count / (models * runs);
    };
    const [few, some, many] = [alarms(20, 5000), alarms(50, 2000), alarms(400, 200)];
    expect(few).toBeLessThan(0.008);
    expect(some).toBeLessThan(0.003);
    expect(many).toBeLessThan(0.001);
  });

  it("with thousands of models takes a part of the pairs, and comes to the same line", () => {
    const { predictions, likelihoods } = normalModels(4500, seededRandom(3));
    expect(leakageScreen(predictions, likelihoods)?.slope).toBeCloseTo(8, 0);
  });

  it("keeps silent where there is nothing to tell", () => {
    const { predictions, likelihoods } = normalModels(19, seededRandom(4));
    expect(leakageScreen(predictions, likelihoods)).toBeNull();
    const rising = Float64Array.from({ length: 20 }, (_, i) => i);
    expect(leakageScreen(rising, rising.map((x) => 3 * x))).toBeNull();
    // Equal predictions: the line is flat.
    expect(leakageScreen(new Float64Array(20), rising)?.slope).toBe(0);
  });
});
