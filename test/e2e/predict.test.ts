/** `predict` through the built command line, on a run folder of simulated models. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { describe, expect, it } from "vitest";
import { importScores } from "../../lib/run/import-scores.js";
import { runCli } from "../helpers/cli.js";
import { simulatedWorld } from "../helpers/simulated-world.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

const world = simulatedWorld({ models: 60, texts: 300, families: 12, dimensions: 8, seed: 8 });

/** One model has no score, another was trained on the texts. */
async function scoredRun(): Promise<string> {
  const out = join(temporaryFolder(), "out");
  const models = world.models.map(({ name, labels: { family }, theta, logLikelihood }, i) => ({
    name,
    labels: { family, mmlu: i === 59 ? "" : (50 + 2 * (theta[0] ?? NaN) + 3 * Math.sin(i * i)).toFixed(2) },
    logLikelihood: i === 30 ? logLikelihood.map((value) => value + 2000) : logLikelihood,
  }));
  await importScores({ out, texts: world.texts, models });
  return out;
}

describe("llmap-native predict", () => {
  it("prints correlations, predictions and suspects, and writes predictions.arrow", async () => {
    const out = await scoredRun();
    const { code, stdout, stderr } = await runCli(["predict", "--label", "mmlu", "--out", out]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("mmlu of 59 of 60 models on 300 texts, predicted by fits without them (5 folds, mean ± sd of 5 repetitions):");
    expect(stdout).toMatch(/^models +0\.9\d\d ± 0\.\d{3} +0\.9\d\d ± 0\.\d{3} +1e\d \(\d+\)/m);
    expect(stdout).toMatch(/^families \(family: 12\) +0\.9\d\d ± /m);
    expect(stdout).toContain("Models without mmlu, by fits to all others (penalty ");
    expect(stdout).toMatch(new RegExp(`^${world.models[59]?.name} +[\\d.]+ +[\\d.]+$`, "m"));
    expect(stdout).toMatch(new RegExp(`trained on the texts\\?\\):\\nmodel.*\\n${world.models[30]?.name} `));
    const table = tableFromIPC(readFileSync(join(out, "predictions.arrow")));
    expect(table.schema.fields.map(({ name }) => name)).toEqual([
      "model", "label", "prediction", "prediction_sd", "grouped_prediction", "grouped_prediction_sd", "mean_log_likelihood", "leakage", "suspect",
    ]);
    expect(table.numRows).toBe(60);
  });

  it("--json ends with one object", async () => {
    const out = await scoredRun();
    const { code, stdout } = await runCli(["predict", "--label", "mmlu", "--repeats", "1", "--inner-folds", "by-name", "--json", "--out", out]);
    expect(code).toBe(0);
    const result = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
    expect(result).toMatchObject({ event: "predict", label: "mmlu", family: "family", labelled: 59, innerFolds: "by-name", leakageLimit: 3.5 });
    expect(result["rows"]).toHaveLength(60);
  });

  it("names what is wrong, and writes nothing then", async () => {
    const other = join(temporaryFolder(), "out");
    await importScores({ out: other, texts: world.texts, models: world.models });
    const { code, stdout, stderr } = await runCli(["predict", "--label", "mmlu", "--out", other]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe("llmap-native: No model has the label mmlu (--label). Labels of the run: family, kind, parent.\n");
    expect(existsSync(join(other, "predictions.arrow"))).toBe(false);
    expect((await runCli(["predict", "--out", other])).stderr).toContain("label");
    expect((await runCli(["predict", "--help"])).stdout).toContain("--inner-folds");
  });
});
