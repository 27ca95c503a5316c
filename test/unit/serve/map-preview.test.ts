import { join } from "node:path";
import { expect, it } from "vitest";
import { importScores, type ImportedModel } from "../../../lib/run/import-scores.js";
import { predict } from "../../../lib/run/predict.js";
import { MapPreview } from "../../../lib/serve/map-preview.js";
import { readPredictions } from "../../../lib/store/predictions-table.js";
import { RunFolder } from "../../../lib/store/run-folder.js";
import { embedded } from "../../helpers/embedded-report.js";
import { simulatedWorld } from "../../helpers/simulated-world.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const world = simulatedWorld({ models: 26, texts: 60, families: 6, dimensions: 4, seed: 8 });
const imported = world.models.map(
  (model): ImportedModel => ({ name: model.name, labels: { family: model.labels.family, mmlu: String(50 + 2 * (model.theta[0] ?? NaN)) }, logLikelihood: model.logLikelihood }),
);

async function previewOf(folder: RunFolder) {
  const { html, models } = await new Promise<{ html: string; models: number }>((resolve, reject) => {
    new MapPreview(folder, {}, (drawn, count) => resolve({ html: drawn, models: count }), (message) => reject(new Error(message))).want();
  });
  return { models, report: embedded(html).report };
}

it("a preview has the predictions that there are, by name; a model that came later has none", async () => {
  const out = join(temporaryFolder(), "out");
  const folder = new RunFolder(out);
  await importScores({ out, texts: world.texts, models: imported.slice(0, 25) });
  expect((await previewOf(folder)).report.predictions).toBeNull();

  await predict({ out, label: "mmlu", repeats: 1 });
  await importScores({ out, texts: world.texts, models: imported.slice(25) });
  const { models, report } = await previewOf(folder);
  expect(models).toBe(26);
  expect(report.predictions).toMatchObject({ label: "mmlu", family: "family" });
  const { rows } = await readPredictions(folder.predictions);
  const predicted = new Map(rows.map(({ model, prediction }) => [model, prediction]));
  expect(predicted.size).toBe(25);
  for (const { name, prediction } of report.models) expect([name, prediction?.predicted]).toEqual([name, predicted.get(name)]);
  expect(report.models.filter(({ prediction }) => prediction === null).map(({ name }) => name)).toEqual([imported[25]?.name]);
});
