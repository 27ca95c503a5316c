import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { importScores } from "../../../lib/run/import-scores.js";
import { map } from "../../../lib/run/map.js";
import { predict } from "../../../lib/run/predict.js";
import { RunFolder } from "../../../lib/store/run-folder.js";
import { embedded } from "../../helpers/embedded-report.js";
import { simulatedWorld } from "../../helpers/simulated-world.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

test("the page has what predict found, with the line of the leakage screen, once the map is drawn anew", async () => {
  const world = simulatedWorld({ models: 24, texts: 150, families: 6 });
  const folder = new RunFolder(join(temporaryFolder(), "out"));
  const models = world.models.map((model, i) => ({ ...model, labels: { ...model.labels, score: i === 5 ? "" : String((model.theta[0] ?? 0) + 0.1 * (i % 7)) } }));
  await importScores({ out: folder.directory, texts: world.texts, models });
  await map({ out: folder.directory });
  expect(embedded(readFileSync(folder.report, "utf8")).report.predictions).toBeNull();

  const result = await predict({ out: folder.directory, label: "score", family: "family" });
  await map({ out: folder.directory });
  const { report } = embedded(readFileSync(folder.report, "utf8"));
  expect(report.predictions).toEqual({
    label: "score",
    family: "family",
    leakageLimit: 3.5,
    screen: { intercept: expect.closeTo(result.leakage?.intercept ?? NaN, 9) as number, slope: expect.closeTo(result.leakage?.slope ?? NaN, 9) as number },
  });
  expect(report.models.map(({ name, prediction }) => ({ name, prediction }))).toEqual(
    result.rows.map((row) => ({
      name: row.model,
      prediction: {
        actual: row.label,
        predicted: row.prediction,
        predictedSd: row.predictionSd,
        grouped: row.groupedPrediction,
        groupedSd: row.groupedPredictionSd,
        leakage: row.leakage,
        suspect: row.suspect,
      },
    })),
  );
  expect(report.models[5]?.prediction?.actual).toBeNull();
});
