/** What `predict` left in the run folder, for the page. */
import { existsSync } from "node:fs";
import { leakageScreen } from "../matrix/leakage-screen.js";
import type { ReportData, ReportPrediction } from "../report/report-data.js";
import { readPredictions } from "../store/predictions-table.js";
import type { RunFolder } from "../store/run-folder.js";
import type { OnEvent } from "./events.js";

/** Predictions of the models, by name. */
export interface MapPredictions extends NonNullable<ReportData["predictions"]> {
  models: ReadonlyMap<string, ReportPrediction>;
}

/**
 * Null where nothing was predicted, or on other texts, which is a warning. Models that came later have no prediction.
 * Errors: ERR_RUN_FOLDER where predictions.arrow is damaged.
 */
export async function readMapPredictions(folder: RunFolder, textsHash: string, onEvent: OnEvent): Promise<MapPredictions | null> {
  if (!existsSync(folder.predictions)) return null;
  const { rows, metadata } = await readPredictions(folder.predictions);
  const { label, family, leakageLimit } = metadata;
  if (metadata.textsHash !== textsHash) {
    onEvent({ event: "warning", model: null, message: `The page shows no predicted scores: ${folder.predictions} is from other texts. Run \`llmap-native predict --label ${label}\` again.` });
    return null;
  }
  const screen = leakageScreen(rows.map(({ prediction }) => prediction), rows.map(({ meanLogLikelihood }) => meanLogLikelihood));
  const models = rows.map((row): [string, ReportPrediction] => [
    row.model,
    {
      actual: row.label,
      predicted: row.prediction,
      predictedSd: row.predictionSd,
      grouped: row.groupedPrediction,
      groupedSd: row.groupedPredictionSd,
      leakage: row.leakage,
      suspect: row.suspect,
    },
  ]);
  return { label, family, leakageLimit, screen: screen && { intercept: screen.intercept, slope: screen.slope }, models: new Map(models) };
}
