import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../../lib/run/events.js";
import { normal, seededRandom } from "../../../lib/random.js";
import { importScores, type ImportedModel } from "../../../lib/run/import-scores.js";
import { predict } from "../../../lib/run/predict.js";
import { readPredictions } from "../../../lib/store/predictions-table.js";
import { RunFolder } from "../../../lib/store/run-folder.js";
import { simulatedWorld, type SimulatedModel } from "../../helpers/simulated-world.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const world = simulatedWorld({ models: 60, texts: 300, families: 12, dimensions: 8, seed: 6 });
const random = seededRandom(9);
const noise = new Map(world.models.map((model) => [model, 3 * normal(random)]));
const score = (model: SimulatedModel): number => 50 + 2 * (model.theta[0] ?? NaN) + (noise.get(model) ?? NaN);
/** Trained on the texts: it finds all of them likelier than any other model. */
const leaked = 17;
const isLabelled = (i: number): boolean => i % 7 !== 5;

async function runOf(labels: (model: SimulatedModel, position: number) => Record<string, string>, count = 60): Promise<string> {
  const out = join(temporaryFolder(), "out");
  const models = world.models.slice(0, count).map((model, i): ImportedModel => {
    const logLikelihood = i === leaked ? model.logLikelihood.map((value) => value + 2000) : model.logLikelihood;
    return { name: model.name, labels: labels(model, i), logLikelihood };
  });
  await importScores({ out, texts: world.texts, models });
  return out;
}

const scored = (model: SimulatedModel, i: number): Record<string, string> => ({
  family: model.labels.family,
  mmlu: isLabelled(i) ? score(model).toFixed(3) : " ",
});

describe("predict", () => {
  it("predicts the label with and without families, says how well, and keeps it in predictions.arrow", async () => {
    const out = await runOf(scored);
    const events: RunEvent[] = [];
    const result = await predict({ out, label: "mmlu", repeats: 3, onEvent: (event) => events.push(event) });
    expect(result).toMatchObject({ label: "mmlu", family: "family", models: 60, labelled: 52, families: 12, texts: 300, folds: 5, repeats: 3, seed: 42, innerFolds: "shuffled" });
    for (const { pearson, alphas } of [result.plain, result.grouped ?? result.plain]) {
      expect(pearson.mean).toBeGreaterThan(0.85);
      expect(alphas).toHaveLength(15);
    }
    result.rows.forEach((row, i) => {
      const model = world.models[i];
      expect(row.model).toBe(model?.name);
      if (model === undefined) return;
      expect(row.label).toBe(isLabelled(i) ? Number(score(model).toFixed(3)) : null);
      expect(Math.abs(row.prediction - score(model))).toBeLessThan(15);
      for (const sd of [row.predictionSd, row.groupedPredictionSd]) expect(sd === null).toBe(!isLabelled(i));
    });
    const stored = await readPredictions(new RunFolder(out).predictions);
    expect(stored.rows).toEqual(result.rows);
    expect(stored.metadata).toMatchObject({ label: "mmlu", family: "family", repeats: 3, textsHash: world.texts.hash, threshold: result.threshold });
    const shares = events.flatMap((event) => (event.event === "predict-progress" ? [event.share] : []));
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
    expect(await predict({ out, label: "mmlu", repeats: 3 })).toEqual(result);
    expect((await predict({ out, label: "mmlu", repeats: 3, seed: 43 })).rows).not.toEqual(result.rows);
  });

  it("suspects the model that finds the texts likelier than its predicted score lets expect, and no other", async () => {
    const out = await runOf(scored);
    const { rows, leakage, leakageLimit } = await predict({ out, label: "mmlu", repeats: 1 });
    expect(leakage?.scale).toBeGreaterThan(0);
    expect(rows.flatMap(({ suspect }, i) => (suspect === true ? [i] : []))).toEqual([leaked]);
    expect(rows[leaked]?.leakage).toBeGreaterThan(leakageLimit);
    const all = await predict({ out, label: "mmlu", repeats: 1, leakageLimit: 1e6 });
    expect(all.rows.every(({ suspect }) => suspect === false)).toBe(true);
  });

  it("does as the authors did with --inner-folds by-name, which may choose other penalties", async () => {
    const out = await runOf(scored);
    const [ours, theirs] = [await predict({ out, label: "mmlu", repeats: 2 }), await predict({ out, label: "mmlu", repeats: 2, innerFolds: "by-name" })];
    expect(theirs.innerFolds).toBe("by-name");
    expect(theirs.grouped?.pearson.mean).toBeGreaterThan(0.85);
    expect([theirs.plain.alphas, theirs.grouped?.alphas]).not.toEqual([ours.plain.alphas, ours.grouped?.alphas]);
  });

  it("takes any label as family, and none where the list has none; a model without one is a family of its own", async () => {
    const bare = await runOf((model, i) => (i % 2 === 0 ? { mmlu: String(score(model)), base: model.labels.family } : { mmlu: String(score(model)) }));
    expect(await predict({ out: bare, label: "mmlu", repeats: 1 })).toMatchObject({ family: null, families: null, grouped: null });
    expect(await predict({ out: bare, label: "mmlu", family: "base", repeats: 1 })).toMatchObject({ family: "base", families: 30 + new Set(world.models.filter((_, i) => i % 2 === 0).map(({ labels }) => labels.family)).size });
  });

  it("with as many labelled models as folds, and too few for a leakage screen", async () => {
    const few = await runOf((model) => ({ mmlu: String(score(model)) }), 5);
    const result = await predict({ out: few, label: "mmlu", repeats: 2 });
    expect(result.rows).toHaveLength(5);
    expect(result.leakage).toBeNull();
    expect(result.rows.every(({ prediction, leakage, suspect }) => Number.isFinite(prediction) && leakage === null && suspect === null)).toBe(true);
  });

  it("refuses what it cannot learn from, by name", async () => {
    const out = await runOf(scored);
    await expect(predict({ out, label: "gsm8k" })).rejects.toThrow("No model has the label gsm8k (--label). Labels of the run: family, mmlu.");
    await expect(predict({ out, label: "mmlu", family: "base" })).rejects.toThrow("No model has the label base (--family)");
    await expect(predict({ out, label: "family" })).rejects.toThrow(`Expected a number for the label family of ${world.models[0]?.name} but found "family0"`);
    const few = await runOf((model, i) => ({ mmlu: i < 4 ? String(score(model)) : "" }));
    await expect(predict({ out: few, label: "mmlu" })).rejects.toThrow("Expected at least 5 models with the label mmlu, one for each fold (--folds), but 4 of 60 scored models have it.");
    const constant = await runOf(() => ({ mmlu: "7" }));
    await expect(predict({ out: constant, label: "mmlu" })).rejects.toThrow("All 60 labelled models have the same mmlu (7)");
    await expect(predict({ out, label: "mmlu", folds: 2 })).rejects.toThrow("folds (--folds) but received 2");
    await expect(predict({ out, label: "mmlu", leakageLimit: 0 })).rejects.toThrow("leakageLimit (--leakage-limit) but received 0");
    await expect(predict({ out: join(out, "none"), label: "mmlu" })).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
    await expect(predict({ out, label: "mmlu", signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ERR_ABORTED" });
  });

  it("with fewer families than folds refuses families that were asked for, and leaves out those that were not", async () => {
    const three = await runOf((model, i) => ({ mmlu: String(score(model)), family: `f${i % 3}` }));
    await expect(predict({ out: three, label: "mmlu", family: "family" })).rejects.toThrow("Expected at least 5 families, one for each fold (--folds), but the models with the label mmlu are of 3 families");
    const warnings: string[] = [];
    const onEvent = (event: RunEvent): void => {
      if (event.event === "warning") warnings.push(event.message);
    };
    expect((await predict({ out: three, label: "mmlu", repeats: 1, onEvent })).grouped).toBeNull();
    expect(warnings).toEqual(["Families are not held out: the models with the label mmlu are of 3 families by the label family, fewer than the 5 folds (--folds)."]);
    expect((await predict({ out: three, label: "mmlu", family: "family", folds: 3, repeats: 1 })).families).toBe(3);
  });
});
