import { describe, expect, it } from "vitest";
import { klScale, placeAmongBands, relationOf, type RelatedModel } from "../../../lib/matrix/kl-scale.js";
import { verdictOf } from "../../../lib/matrix/verdict.js";

const model = (name: string, quantization: string | null, labels: Record<string, string> = {}, parameters = 100): RelatedModel => ({
  name,
  labels,
  quantization,
  parameters,
  architecture: "llama",
});

describe("relationOf", () => {
  const f16 = model("base-f16", "F16");
  const q8 = model("base-q8_0", "Q8_0");
  const tuned = model("tuned-Q4_K_M", "Q4_K_M", { parent: "base-f16" });
  it.each([
    [f16, q8, "quantization"],
    [model("x", "F16", { base: "b" }), model("y", "Q8_0", { base: "b" }), "quantization"],
    [f16, tuned, "fine-tune"],
    [tuned, q8, "fine-tune"],
    [model("s1", "F16", { trajectory: "main", step: "1" }), model("s2", "F16", { trajectory: "main", step: "2" }), "checkpoint"],
    [model("r1", "F16", { seed: "1" }), model("r2", "F16", { seed: "2" }), "seed"],
    [f16, model("large", "F16", {}, 200), "size"],
    [f16, model("other", "F16"), "same family"],
    [f16, { ...model("gpt", "F16"), architecture: "gpt2" }, "other family"],
    [model("m", "F16", { family: "A" }), model("n", "F16", { family: "B" }), "other family"],
  ] as const)("%#", (a, b, relation) => {
    expect(relationOf(a, b)).toBe(relation);
    expect(relationOf(b, a)).toBe(relation);
  });
});

it("klScale has the median of each relation that occurs", () => {
  const models = [model("a-f16", "F16"), model("a-q8_0", "Q8_0"), model("a-q4_0", "Q4_0"), model("b", "F16")];
  const kl = Float64Array.from([0, 1, 2, 7, 1, 0, 4, 8, 2, 4, 0, 9, 7, 8, 9, 0]);
  expect(klScale(models, kl)).toEqual([
    { relation: "quantization", pairs: 3, median: 2, least: 1, most: 4 },
    { relation: "same family", pairs: 3, median: 8, least: 7, most: 9 },
  ]);
  expect(klScale(models.slice(0, 1), Float64Array.of(0))).toEqual([]);
});

it("placeAmongBands names the published medians around a number", () => {
  expect(placeAmongBands(0.001)).toBe("below the published median of late neighbouring checkpoints (0.011)");
  expect(placeAmongBands(0.2)).toBe("between the published medians of other seeds (0.12) and fine-tune and parent (0.4)");
  expect(placeAmongBands(9)).toBe("above the published median of other family (2.2)");
});

it("verdictOf: within the noise, close up to 0.011, apart above", () => {
  expect(verdictOf(0, { low: 0, high: 0 }, 0)).toBe("indistinguishable");
  expect(verdictOf(0.01, { low: 0.008, high: 0.02 }, 1e-9)).toBe("close");
  expect(verdictOf(0.012, { low: 0.008, high: 0.02 }, 1e-9)).toBe("apart");
  expect(verdictOf(0.012, { low: 0.008, high: 0.02 }, 0.009)).toBe("indistinguishable");
});
