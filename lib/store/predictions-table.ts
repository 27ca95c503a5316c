/** predictions.arrow: predicted scores of the models of a run, and how their likelihood fits to them. */
import { Schema, Table, type Vector } from "apache-arrow";
import { z } from "zod";
import { LlmapError, messageOf } from "../errors.js";
import { boolColumn, float64Column, readArrowFile, utf8Column, writeArrowFile } from "./arrow-file.js";

/** A row of predictions.arrow. */
export interface PredictionRow {
  model: string;
  /** What the list of models says; null where it says nothing. */
  label: number | null;
  /**
   * In the unit of the label. Of a labelled model the mean of fits without it, and the standard deviation between the repetitions; of others from a fit to
   * all labelled models, without a standard deviation.
   */
  prediction: number;
  predictionSd: number | null;
  /** The same from fits without the model's whole family; null where families are not known. */
  groupedPrediction: number | null;
  groupedPredictionSd: number | null;
  /** Nats per text, clipped. */
  meanLogLikelihood: number;
  /** How far that is above what the predicted score lets expect, in robust standard deviations; null where there was no leakage screen. */
  leakage: number | null;
  /** Whether `leakage` exceeds the limit. */
  suspect: boolean | null;
}

const metadataSchema = z.object({
  label: z.string(),
  /** The label that names families. */
  family: z.string().nullable(),
  folds: z.number().int(),
  repeats: z.number().int(),
  seed: z.number().int(),
  innerFolds: z.enum(["shuffled", "by-name"]),
  /** Nats at which log-likelihoods were clipped. */
  threshold: z.number(),
  textsHash: z.string(),
  leakageLimit: z.number(),
});

/** How predictions.arrow was made. */
export type PredictionsMetadata = z.infer<typeof metadataSchema>;

/** What predictions.arrow holds. */
export interface StoredPredictions {
  rows: PredictionRow[];
  metadata: PredictionsMetadata;
}

export async function writePredictions(path: string, { rows, metadata }: StoredPredictions): Promise<void> {
  const columns: Record<string, Vector> = {
    model: utf8Column(rows.map((row) => row.model)),
    label: float64Column(rows.map((row) => row.label)),
    prediction: float64Column(rows.map((row) => row.prediction)),
    prediction_sd: float64Column(rows.map((row) => row.predictionSd)),
    grouped_prediction: float64Column(rows.map((row) => row.groupedPrediction)),
    grouped_prediction_sd: float64Column(rows.map((row) => row.groupedPredictionSd)),
    mean_log_likelihood: float64Column(rows.map((row) => row.meanLogLikelihood)),
    leakage: float64Column(rows.map((row) => row.leakage)),
    suspect: boolColumn(rows.map((row) => row.suspect)),
  };
  const plain = new Table(columns);
  const schema = new Schema(plain.schema.fields, new Map([["predict", JSON.stringify(metadata)]]));
  await writeArrowFile(path, new Table(schema, plain.batches));
}

/** Errors: ERR_NOT_FOUND where there is none, ERR_RUN_FOLDER where it is damaged. */
export async function readPredictions(path: string): Promise<StoredPredictions> {
  const table = await readArrowFile(path, "predict");
  try {
    const metadata = metadataSchema.parse(JSON.parse(table.schema.metadata.get("predict") ?? "null"));
    const rows = Array.from({ length: table.numRows }, (_, row): PredictionRow => {
      const value = (column: string): unknown => table.getChild(column)?.get(row) ?? null;
      const number = (column: string): number | null => value(column) as number | null;
      return {
        model: String(value("model")),
        label: number("label"),
        prediction: number("prediction") ?? NaN,
        predictionSd: number("prediction_sd"),
        groupedPrediction: number("grouped_prediction"),
        groupedPredictionSd: number("grouped_prediction_sd"),
        meanLogLikelihood: number("mean_log_likelihood") ?? NaN,
        leakage: number("leakage"),
        suspect: value("suspect") as boolean | null,
      };
    });
    return { rows, metadata };
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : messageOf(error);
    throw new LlmapError("ERR_RUN_FOLDER", `${path} does not say what was predicted: ${reason}. Run \`llmap-native predict\` again.`, { cause: error });
  }
}
