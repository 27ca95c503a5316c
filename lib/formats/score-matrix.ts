/** Log-likelihoods in a matrix of another program: what the readers of NPY, CSV, Arrow and Parquet files give. */

export interface ScoreMatrixRow {
  /** Null where the file has no names. */
  model: string | null;
  /** Nats, one per column. */
  logLikelihood: Float64Array;
  /** Line of the file, from 1; null in binary files. */
  line: number | null;
}

export interface ScoreMatrix {
  /** Text positions of the columns; null where the file does not say: then they are all texts, in order. */
  texts: readonly number[] | null;
  rows: AsyncIterable<ScoreMatrixRow>;
}

export interface ReadingOptions {
  signal?: AbortSignal | undefined;
  /** Called with the bytes that were read since the last call. */
  onBytes?: ((bytes: number) => void) | undefined;
}
