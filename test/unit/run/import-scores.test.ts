import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importScores } from "../../../lib/run/import-scores.js";
import { map } from "../../../lib/run/map.js";
import { makeTextSet } from "../../../lib/texts/text-set.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const texts = makeTextSet("three", ["one", "two", "four"].map((content) => ({ content, source: null, columns: {} })));
const model = (name: string, ...logLikelihood: number[]) => ({ name, logLikelihood: Float64Array.from(logLikelihood) });

describe("importScores", () => {
  it("makes a folder that can be mapped: KL is the variance of the differences over 2 B ln 2", async () => {
    const out = join(temporaryFolder(), "out");
    await importScores({ out, texts, models: [model("a", -1, -2, -3), model("b/c", -2, -2, -5)] });
    await importScores({ out, texts, models: [model("b:c", -1, -3, -3)] });
    const { models, kl } = await map({ out, clip: 0 });
    expect(models).toEqual(["a", "b/c", "b:c"]);
    // Differences 1, 0, 2: variance 2/3. Differences 0, 1, 0: variance 2/9.
    const B = 10 / 3;
    expect(kl[1]).toBeCloseTo(2 / 3 / (2 * B * Math.LN2), 12);
    expect(kl[2]).toBeCloseTo(2 / 9 / (2 * B * Math.LN2), 12);
  });

  it("refuses vectors of another length, infinities and two models of one name", async () => {
    const out = join(temporaryFolder(), "refused");
    const attempt = (...models: Parameters<typeof importScores>[0]["models"]): Promise<void> => importScores({ out, texts, models });
    await expect(attempt(model("a", -1, -2))).rejects.toThrow("Expected 3 numbers for a, one per text, but received 2");
    await expect(attempt(model("a", -1, -Infinity, -1))).rejects.toThrow("text 1 has -Infinity");
    await expect(attempt(model("a", -1, -1, -1), model("a", -2, -1, -1))).rejects.toThrow("Two models are named a");
  });
});
