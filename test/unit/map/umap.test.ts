import { describe, expect, it } from "vitest";
import { umap } from "../../../lib/map/umap.js";
import { groupedDistances } from "../../helpers/grouped-points.js";
import { trustworthiness } from "../../helpers/trustworthiness.js";

describe("umap", () => {
  it("keeps neighbours, and gives the same map again", async () => {
    const distances = await groupedDistances(2, 120, 8, 5);
    const { coordinates, neighbours } = await umap(distances);
    expect(neighbours).toBe(15);
    expect(trustworthiness(distances, coordinates, 2, 10)).toBeGreaterThan(0.9);
    expect((await umap(distances)).coordinates).toEqual(coordinates);
    expect((await umap(distances, { seed: 7 })).coordinates).not.toEqual(coordinates);
  });

  it("places few models, in three dimensions", async () => {
    const { coordinates, neighbours } = await umap(await groupedDistances(2, 6, 4, 2), { dimensions: 3 });
    expect(coordinates).toHaveLength(18);
    expect(coordinates.every(Number.isFinite)).toBe(true);
    expect(neighbours).toBe(5);
  });

  it("lets the event loop turn, tells its progress and stops at an AbortSignal", async () => {
    const distances = await groupedDistances(2, 400, 8, 5);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 0);
    await expect(umap(distances, { signal: controller.signal })).rejects.toMatchObject({ code: "ERR_ABORTED" });
    const shares: number[] = [];
    await umap(distances, { onProgress: (share) => shares.push(share) });
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });

  it("refuses three models", async () => {
    await expect(umap(await groupedDistances(2, 3, 4, 2))).rejects.toMatchObject({ code: "ERR_USAGE" });
  });
});
