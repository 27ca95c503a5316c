/** The estimate of KL against the truth, in an exponential family where the truth is known. */
import { describe, expect, it } from "vitest";
import { klDivergences } from "../../lib/matrix/kl-divergence.js";
import { allocateMatrix } from "../../lib/native/matrix.js";
import { knownKl, simulatedWorld, type SimulatedWorld } from "../helpers/simulated-world.js";

/** Relative errors of the estimated KL of all pairs. */
async function relativeErrors({ models, texts }: SimulatedWorld): Promise<number[]> {
  const L = allocateMatrix(models.length, texts.texts.length);
  models.forEach(({ logLikelihood }, i) => L.values.set(logLikelihood, i * L.columns));
  const { kl } = await klDivergences(L, texts.meanBytes, 0);
  const bitsPerNat = 1 / (texts.meanBytes * Math.LN2);
  return models.flatMap((a, i) => models.slice(0, i).map((b, j) => (kl.values[i * models.length + j] ?? NaN) / (knownKl(a, b) * bitsPerNat) - 1));
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const rootMeanSquare = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => value * value)));

describe("KL in a world where it is known", () => {
  it("is estimated with an error that shrinks as sqrt(2 / N), and without a bias", { timeout: 60_000 }, async () => {
    for (const texts of [200, 800, 3200]) {
      // Pairs share texts, so several worlds are averaged.
      const worlds = [1, 2, 3, 4, 5, 6].map((seed) => simulatedWorld({ models: 24, texts, families: 6, seed }));
      const errors = (await Promise.all(worlds.map(relativeErrors))).flat();
      const law = Math.sqrt(2 / texts);
      expect(rootMeanSquare(errors) / law).toBeGreaterThan(0.85);
      expect(rootMeanSquare(errors) / law).toBeLessThan(1.15);
      // 1,656 pairs of 144 models: far fewer of them are independent.
      expect(Math.abs(mean(errors)) / law).toBeLessThan(0.2);
    }
  });
});
