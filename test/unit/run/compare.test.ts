import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { normal, seededRandom } from "../../../lib/random.js";
import { compare } from "../../../lib/run/compare.js";
import { importScores } from "../../../lib/run/import-scores.js";
import { map } from "../../../lib/run/map.js";
import { RunFolder } from "../../../lib/store/run-folder.js";
import { readRunRecord, writeRunRecord } from "../../../lib/store/run-record.js";
import { makeTextSet } from "../../../lib/texts/text-set.js";
import { runCli } from "../../helpers/cli.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const count = 120;
const texts = makeTextSet("many", Array.from({ length: count }, (_, i) => ({ content: `Text ${i}\u001b[31m`.padEnd(200 + i, "."), source: i % 3 === 0 ? "code" : "prose", columns: {} })));
const random = seededRandom(1);
const base = Float64Array.from({ length: count }, () => -600 + 50 * normal(random));
const far = base.map((value, i) => value + (i === 7 ? -300 : 10 * normal(random)));

async function folderWith(models: Record<string, Float64Array>): Promise<string> {
  const out = join(temporaryFolder(), "out");
  await importScores({ out, texts, models: Object.entries(models).map(([name, logLikelihood]) => ({ name, logLikelihood })) });
  return out;
}

describe("compare", () => {
  it("says of identical models that their KL divergence is 0, in every resample", async () => {
    const out = await folderWith({ a: base, twin: base, far });
    const comparison = await compare({ out, models: ["a", "twin"] });
    expect(comparison).toMatchObject({ kl: 0, robustKl: 0, interval: { low: 0, high: 0 }, verdict: "indistinguishable", gate: null });
    expect(comparison.sources.map(({ share }) => share)).toEqual([0, 0]);
  });

  it("has the map's KL divergence once there is a map, and names where the threshold comes from", async () => {
    const out = await folderWith({ a: base, far });
    const before = await compare({ out, models: ["a", "far"], bootstrap: 50 });
    expect(before.clip).toMatchObject({ from: "quantile", quantile: 0.02 });
    const { kl } = await map({ out, clip: 0.01 });
    const { clip, kl: after } = await compare({ out, models: ["a", "far"], bootstrap: 50 });
    expect(clip).toMatchObject({ from: "map", quantile: 0.01 });
    expect(after).toBeCloseTo(kl[1] ?? NaN, 14);
  });

  it("names the text that tells two models apart, by its unclipped scores and without control characters", async () => {
    const out = await folderWith({ a: base, far });
    const { distinguishingTexts, verdict, interval, kl } = await compare({ out, models: ["a", "far"], textsShown: 3 });
    expect(distinguishingTexts).toHaveLength(3);
    expect(distinguishingTexts[0]).toMatchObject({ text: 7, source: "prose", logLikelihood: [base[7], far[7]] });
    // eslint-disable-next-line no-control-regex
    expect(distinguishingTexts[0]?.excerpt).toMatch(/^Text 7[^\u0000-\u001f]*…$/);
    expect(verdict).toBe("apart");
    expect(interval.low).toBeLessThan(kl);
    expect(interval.high).toBeGreaterThan(kl);
  });

  it("measures against the run's own noise floor where there is one", async () => {
    const out = await folderWith({ a: base, far });
    const path = new RunFolder(out).runRecord;
    const record = await readRunRecord(path);
    if (record === null) throw new Error("no run");
    const noiseFloor = { bitsPerByte: 100, model: "a", texts: count, comparisons: [], measuredAt: new Date().toISOString() };
    await writeRunRecord(path, { ...record, noiseFloor });
    await map({ out });
    expect(await compare({ out, models: ["a", "far"] })).toMatchObject({ verdict: "indistinguishable", noiseFloor: { bitsPerByte: 100, from: "run" } });
  });

  it("refuses what it cannot do", async () => {
    const out = await folderWith({ a: base, far });
    await expect(compare({ out, models: ["a", "b"] })).rejects.toThrow("No scored model is named b. The run has a, far.");
    await expect(compare({ out, models: ["a", "far"], bootstrap: 3 })).rejects.toThrow("resamples (--bootstrap)");
    await expect(compare({ out, models: ["a", "far"], confidence: 1 })).rejects.toThrow("confidence (--confidence)");
    await expect(compare({ out, models: ["a", "far"], maxKl: -1 })).rejects.toThrow("maxKl (--max-kl)");
  });
});

describe("llmap-native compare", () => {
  it("exits with 4 where the KL divergence exceeds --max-kl, and with 0 where not", async () => {
    const out = await folderWith({ a: base, far });
    const { kl } = await compare({ out, models: ["a", "far"] });
    const exceeded = await runCli(["compare", "a", "far", "--out", out, "--max-kl", String(kl * 0.99)]);
    expect(exceeded).toMatchObject({ code: 4, stderr: "" });
    expect(exceeded.stdout).toContain("exceeded");
    const kept = await runCli(["compare", "a", "far", "--out", out, "--max-kl", String(kl), "--json"]);
    expect(kept.code).toBe(0);
    expect(JSON.parse(kept.stdout)).toMatchObject({ event: "compare", models: ["a", "far"], kl, gate: { maxKl: kl, exceeded: false } });
  });

  it("has a message and no trace for an unknown model", async () => {
    const out = await folderWith({ a: base, far });
    const { code, stderr } = await runCli(["compare", "a", "b", "--out", out]);
    expect(code).toBe(1);
    expect(stderr).toBe("llmap-native: No scored model is named b. The run has a, far.\n");
  });
});
