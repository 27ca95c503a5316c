import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { mapCoordinates } from "../../../lib/map/coordinates.js";
import { automaticMethods, tsneMetrics } from "../../../lib/map/map-method.js";
import { tsne } from "../../../lib/map/tsne.js";
import type { Matrix } from "../../../lib/native/matrix.js";
import { groupedDistances } from "../../helpers/grouped-points.js";
import { trustworthiness } from "../../helpers/trustworthiness.js";

interface Reference {
  exact_kl: number;
  barnes_hut_kl: number;
  trustworthiness: number;
}
const { maps } = JSON.parse(readFileSync("test/fixtures/reference/map.json", "utf8")) as { maps: Record<string, Reference> };

describe.each(tsneMetrics)("t-SNE, metric %s", (metric) => {
  it("reaches scikit-learn's KL on the same affinities, and keeps neighbours as well", async () => {
    const distances = await groupedDistances(2, 300, 8, 5);
    const { coordinates, kl } = await tsne(distances, { metric });
    const reference = maps[metric];
    // Descents part ways at the last bit, so two good ones end a few per cent apart.
    expect(kl).toBeLessThanOrEqual(1.02 * (reference?.exact_kl ?? NaN));
    expect(kl).toBeLessThanOrEqual(reference?.barnes_hut_kl ?? NaN);
    expect(trustworthiness(distances, coordinates, 2, 10)).toBeGreaterThan((reference?.trustworthiness ?? NaN) - 0.005);
  });
});

describe("tsne", () => {
  it("gives the same bits again, with any number of threads", async () => {
    const distances = await groupedDistances(3, 60, 5, 3);
    const { coordinates, kl } = await tsne(distances, { iterations: 100 });
    for (const threads of [1, 2, 3, 5]) {
      const again = await tsne(distances, { iterations: 100, threads });
      expect(again.coordinates).toEqual(coordinates);
      expect(again.kl).toBe(kl);
    }
  });

  it("places points in three dimensions", async () => {
    const distances = await groupedDistances(3, 60, 5, 3);
    const flat = await tsne(distances);
    const deep = await tsne(distances, { dimensions: 3 });
    expect(deep.coordinates).toHaveLength(180);
    expect(deep.kl).toBeLessThan(flat.kl);
  });

  it("leaves the line where all models lie on one", async () => {
    const at = Array.from({ length: 30 }, (_, i) => i * i);
    const distances: Matrix = { rows: 30, columns: 30, values: Float64Array.from(at.flatMap((x) => at.map((y) => (x - y) ** 2))) };
    const { coordinates } = await tsne(distances, { perplexity: 4 });
    expect(Math.max(...coordinates.filter((_, k) => k % 2 === 1).map(Math.abs))).toBeGreaterThan(1);
  });

  it("lowers the perplexity for few models, and refuses one that is asked for", async () => {
    const distances = await groupedDistances(3, 61, 5, 3);
    expect((await tsne(distances, { iterations: 1 })).perplexity).toBe(20);
    await expect(tsne(distances, { perplexity: 30 })).rejects.toMatchObject({
      code: "ERR_USAGE",
      message: expect.stringMatching(/--perplexity.*below 20\.3, a third of the 61 models, but received 30.*--map mds/) as string,
    });
  });

  it("names the alternative where there are too few or too many models", async () => {
    const few: Matrix = { rows: 3, columns: 3, values: new Float64Array(9) };
    await expect(tsne(few)).rejects.toMatchObject({ code: "ERR_USAGE", message: expect.stringContaining("--map mds") as string });
    const many: Matrix = { rows: 10_001, columns: 10_001, values: new Float64Array(0) };
    await expect(tsne(many)).rejects.toMatchObject({ code: "ERR_USAGE", message: expect.stringContaining("--map umap") as string });
  });

  it("stops at an AbortSignal, and tells its progress", async () => {
    const distances = await groupedDistances(3, 300, 5, 3);
    const controller = new AbortController();
    const shares: number[] = [];
    const onProgress = (share: number): void => {
      shares.push(share);
      controller.abort();
    };
    await expect(tsne(distances, { iterations: 1_000_000, signal: controller.signal, onProgress })).rejects.toMatchObject({ code: "ERR_ABORTED" });
    expect(shares[0]).toBeGreaterThan(0);
    expect(shares[0]).toBeLessThan(1);
  });
});

it("auto is t-SNE from 50 models to 10,000", () => {
  expect([2, 49, 50, 10_000, 10_001].map(automaticMethods)).toEqual([["mds"], ["mds"], ["tsne", "mds"], ["tsne", "mds"], ["mds"]]);
});

describe("mapCoordinates", () => {
  const texts = { texts: 100, meanBytes: 900 };

  it("says how t-SNE made the map", async () => {
    const kl = await groupedDistances(3, 60, 5, 3);
    const map = await mapCoordinates(kl, "tsne", texts, { dimensions: 3, perplexity: 7, iterations: 300 });
    expect(map).toMatchObject({ method: "tsne", explained: null, embedding: { seed: 42, perplexity: 7, metric: "euclidean", iterations: 300 } });
    expect(map.z).toHaveLength(60);
  });

  it("gives classical scaling a third axis, of two models an empty one", async () => {
    const three = await mapCoordinates(await groupedDistances(3, 10, 5, 3), "mds", texts, { dimensions: 3 });
    expect(three.explained).toHaveLength(3);
    const two = await mapCoordinates(await groupedDistances(3, 2, 5, 2), "mds", texts, { dimensions: 3 });
    expect(Array.from(two.z ?? [])).toEqual([0, 0]);
  });
});
