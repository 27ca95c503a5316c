/** A world in which KL divergences and families are known: the estimate of KL against the truth, families against clusters. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { klDivergences } from "../../lib/matrix/kl-divergence.js";
import { allocateMatrix } from "../../lib/native/matrix.js";
import { randomOrder, seededRandom } from "../../lib/random.js";
import { extendMap } from "../../lib/run/extend-map.js";
import { importScores } from "../../lib/run/import-scores.js";
import { map } from "../../lib/run/map.js";
import type { MapRow } from "../../lib/store/map-tables.js";
import { adjustedRandIndex, knownKl, simulatedWorld, type SimulatedWorld } from "../helpers/simulated-world.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

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

describe("families of a simulated world come back as clusters", () => {
  const world = simulatedWorld({ models: 150, texts: 500, families: 8, seed: 1 });
  const familyOf = new Map(world.models.map(({ name, labels }) => [name, labels.family]));
  const order = Array.from(randomOrder(seededRandom(1), world.models.length), (i) => world.models[i] ?? []).flat();
  const index = (rows: readonly MapRow[]): number => adjustedRandIndex(rows.map(({ cluster }) => cluster ?? -1), rows.map(({ model }) => familyOf.get(model) ?? ""));

  it("of all models", async () => {
    const out = join(temporaryFolder(), "out");
    await importScores({ out, texts: world.texts, models: world.models });
    expect(index((await map({ out, bootstrap: 0 })).rows)).toBeGreaterThan(0.85);
  });

  it("without a third of the models, and with that third added to the map", async () => {
    const out = join(temporaryFolder(), "out");
    await importScores({ out, texts: world.texts, models: order.slice(50) });
    const { rows: fewer } = await map({ out, bootstrap: 0 });
    expect(fewer).toHaveLength(100);
    expect(index(fewer)).toBeGreaterThan(0.85);

    const added = order.slice(0, 50);
    await importScores({ out, texts: world.texts, models: added });
    const { rows } = await extendMap({ out, models: added.map(({ name }) => name) });
    expect(rows).toHaveLength(150);
    expect(index(rows)).toBeGreaterThan(0.85);
    expect(index(rows.slice(100))).toBeGreaterThan(0.85);
  });
});
