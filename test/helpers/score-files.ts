/** Files of log-likelihoods for tests of their readers. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ScoreMatrixRow } from "../../lib/formats/score-matrix.js";
import { fixture } from "./fixtures.js";
import { temporaryFolder } from "./temporary-folder.js";

/** What scripts/reference/python-files.py wrote: one matrix, as numpy and pandas save it (NPY files in base64). */
export interface PythonFiles {
  models: string[];
  rows: number[][];
  npy: Record<"saved" | "version2" | "version3" | "fortran" | "float32" | "vector" | "bigEndian" | "integers" | "cube", string>;
  csv: Record<"named" | "unnamed" | "savetxt", string>;
}

export const pythonFiles = JSON.parse(readFileSync(fixture("reference/python-files.json"), "utf8")) as PythonFiles;

/** Path of a file with this content, gone after the test. */
export function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

export async function all(rows: AsyncIterable<ScoreMatrixRow>): Promise<{ models: (string | null)[]; values: number[][]; lines: (number | null)[] }> {
  const read = { models: [] as (string | null)[], values: [] as number[][], lines: [] as (number | null)[] };
  for await (const { model, logLikelihood, line } of rows) {
    read.models.push(model);
    read.values.push(Array.from(logLikelihood));
    read.lines.push(line);
  }
  return read;
}
