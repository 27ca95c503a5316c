import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importScores } from "../../../lib/run/import-scores.js";
import { map } from "../../../lib/run/map.js";
import { resample } from "../../../lib/run/resample.js";
import { normal, seededRandom } from "../../../lib/random.js";
import { readResample } from "../../../lib/store/resample-table.js";
import { RunFolder } from "../../../lib/store/run-folder.js";
import { readTextSet } from "../../../lib/texts/read-text-set.js";
import { makeTextSet } from "../../../lib/texts/text-set.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const count = 300;
const texts = makeTextSet("set", Array.from({ length: count }, (_, i) => ({ content: `text ${i}`, source: null, columns: {} })));

async function runOf(models: number): Promise<string> {
  const random = seededRandom(models);
  const spread = Float64Array.from({ length: count }, () => Math.exp(normal(random)));
  const out = join(temporaryFolder(), "out");
  const vector = () => Float64Array.from(spread, (scale) => -50 + scale * normal(random));
  await importScores({ out, texts, models: Array.from({ length: models }, (_, i) => ({ name: `m${i}`, logLikelihood: vector() })) });
  return out;
}

describe("resample", () => {
  it("writes the draw with what it was made from, and the texts; the same seed gives the same draw", async () => {
    const out = await runOf(3);
    await map({ out });
    const write = join(out, "few.jsonl");
    const result = await resample({ out, draws: 100, write, repeats: 5 });
    const stored = await readResample(new RunFolder(out).resample);
    expect(stored.metadata).toMatchObject({ method: "kl", draws: 100, seed: 42, models: 3, threshold: result.threshold, textsHash: texts.hash });
    expect(stored.counts.reduce((sum, one) => sum + one, 0)).toBe(100);
    expect(stored.texts).toHaveLength(result.uniqueTexts);
    const few = await readTextSet(write);
    expect(few.hash).toBe(result.hash);
    expect(few.texts.map(({ content }) => content)).toEqual(Array.from(stored.texts, (text) => texts.texts[text]?.content));
    expect(await resample({ out, draws: 100, repeats: 5 })).toEqual(result);
    expect((await resample({ out, draws: 100, repeats: 5, seed: 43 })).hash).not.toBe(result.hash);
  });

  it("errs less with more texts, and less than as many texts at random", async () => {
    const out = await runOf(8);
    const [few, many] = [await resample({ out, draws: 50 }), await resample({ out, draws: 400 })];
    expect(many.errors.rmsRelative.mean).toBeLessThan(few.errors.rmsRelative.mean);
    expect(few.errors.rmsRelative.mean).toBeLessThan(few.uniform.rmsRelative.mean);
    expect(few.errors.uniqueTexts).toEqual(few.uniform.uniqueTexts);
  });

  it("needs two models; two do", async () => {
    await expect(resample({ out: await runOf(1), draws: 10 })).rejects.toThrow("The one model differs in no text");
    await expect(resample({ out: await runOf(1), draws: 10, method: "uniform" })).rejects.toThrow("there are no distances to estimate");
    const { errors } = await resample({ out: await runOf(2), draws: 100 });
    // One pair: the median is the root mean square.
    expect(errors.medianRelative.mean).toBeCloseTo(errors.rmsRelative.mean, 12);
  });

  it("refuses numbers that cannot be", async () => {
    const out = await runOf(2);
    await expect(resample({ out, draws: 0 })).rejects.toThrow("draws (--texts-count) but received 0");
    await expect(resample({ out, draws: 1, repeats: 1 })).rejects.toThrow("repeats (--repeats) but received 1");
    await expect(resample({ out: join(out, "none"), draws: 1 })).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
  });
});
