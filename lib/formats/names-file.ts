/** Names of models in a file of their own: beside NPY, which has none, and where a file's own are not wanted. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { messageOf } from "../errors.js";
import type { NamedMatrix } from "./named-matrix.js";
import { cannotReadScores, scoresError } from "./scores-error.js";

/** Names of the rows, and text positions of the columns where they are texts. */
export interface MatrixNames {
  models: string[];
  texts: number[] | null;
}

/** The names of a matrix as JSON: {"models": [...], "texts": [...]}, without `texts` where the columns are the models. */
export function namesJson({ models, texts }: Pick<NamedMatrix, "models" | "texts">): string {
  return `${JSON.stringify({ models, ...(texts === null ? {} : { texts: Array.from(texts) }) })}\n`;
}

const namesSchema = z.object({ models: z.array(z.string()), texts: z.array(z.int().nonnegative()).optional() });

/** Reads JSON as {@link namesJson} makes it, or else one name per line. Errors: ERR_NOT_FOUND, ERR_SCORES, ERR_ABORTED. */
export async function readNames(path: string, signal?: AbortSignal): Promise<MatrixNames> {
  const expected = 'names of models, one per line, or JSON as {"models": ["a", "b"], "texts": [0, 1]}';
  try {
    const content = (await readFile(path, { encoding: "utf8", signal })).replace(/^\uFEFF/, "");
    if (!content.trimStart().startsWith("{")) {
      return { models: content.split(/\r?\n/).filter((name) => name.trim() !== ""), texts: null };
    }
    const { models, texts = null } = namesSchema.parse(JSON.parse(content));
    return { models, texts };
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError) {
      const reason = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : messageOf(error);
      throw scoresError(path, null, expected, `something else (${reason})`, error);
    }
    throw cannotReadScores(path, expected, error, signal);
  }
}
