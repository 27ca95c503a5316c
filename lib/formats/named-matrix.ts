/** A matrix with names for its rows and columns, as every format writes it. */
import type { Matrix } from "../native/matrix.js";

export interface NamedMatrix {
  /** What its entries are: the name of their column in Arrow and Parquet files. */
  values: string;
  /** Names of the rows. */
  models: readonly string[];
  /** Text positions of the columns; null where the columns are the models. */
  texts: Int32Array | null;
  matrix: Matrix;
}

/** Names of the columns: text positions, or models. */
export function columnNames({ models, texts }: Pick<NamedMatrix, "models" | "texts">): string[] {
  return texts === null ? [...models] : Array.from(texts, String);
}
