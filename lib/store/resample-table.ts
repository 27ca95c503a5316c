/** resample.arrow: the texts of a run that were drawn to stand for all. */
import { Schema, Table, type Vector } from "apache-arrow";
import { z } from "zod";
import { LlmapError, messageOf } from "../errors.js";
import { float64Column, int32Column, readArrowFile, writeArrowFile } from "./arrow-file.js";

const meanAndSd = z.object({ mean: z.number(), sd: z.number() });

const metadataSchema = z.object({
  method: z.enum(["ls", "kl", "uniform"]),
  /** n, with replacement. */
  draws: z.number().int(),
  seed: z.number().int(),
  /** Models that the probabilities come from, and nats at which their log-likelihoods were clipped. */
  models: z.number().int(),
  threshold: z.number(),
  /** Hash of the text set that was drawn from. */
  textsHash: z.string(),
  /** Relative error of the squared distances with weighted row means, over the repetitions: see `resample`. */
  medianRelativeError: meanAndSd,
});

/** How resample.arrow was made. */
export type ResampleMetadata = z.infer<typeof metadataSchema>;

/** The unique texts of a draw, ascending; the arrays have one entry each. */
export interface StoredResample {
  /** Positions in the text set. */
  texts: Int32Array;
  /** How often each was drawn. */
  counts: Int32Array;
  /** sqrt(count / (draws x probability)): what its column of Q is multiplied by. */
  scales: Float64Array;
  metadata: ResampleMetadata;
}

/** @param probabilities of the drawn texts */
export async function writeResample(path: string, { texts, counts, scales, metadata }: StoredResample, probabilities: Float64Array): Promise<void> {
  const columns: Record<string, Vector> = {
    text: int32Column(Array.from(texts)),
    probability: float64Column(Array.from(probabilities)),
    count: int32Column(Array.from(counts)),
    scale: float64Column(Array.from(scales)),
  };
  const plain = new Table(columns);
  const schema = new Schema(plain.schema.fields, new Map([["resample", JSON.stringify(metadata)]]));
  await writeArrowFile(path, new Table(schema, plain.batches));
}

/** Errors: ERR_NOT_FOUND where there is none, ERR_RUN_FOLDER where it is damaged. */
export async function readResample(path: string): Promise<StoredResample> {
  const table = await readArrowFile(path, "resample");
  try {
    return {
      texts: Int32Array.from(table.getChild("text") ?? []),
      counts: Int32Array.from(table.getChild("count") ?? []),
      scales: Float64Array.from(table.getChild("scale") ?? []),
      metadata: metadataSchema.parse(JSON.parse(table.schema.metadata.get("resample") ?? "null")),
    };
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : messageOf(error);
    throw new LlmapError("ERR_RUN_FOLDER", `${path} does not say what was drawn: ${reason}. Run \`llmap-native resample\` again.`, { cause: error });
  }
}
