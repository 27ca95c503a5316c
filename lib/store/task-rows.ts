/** tasks/<model>.arrow: a table of models with one row, written by the task that scored the model, until it is collected into models.arrow. */
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { LlmapError } from "../errors.js";
import { cannotWrite } from "../files/atomic-write.js";
import { readModels, writeModels, type ModelRow } from "./models-table.js";

/** A row that is being collected has this behind its name: a collector that dies leaves it to the next one. */
const collecting = ".collecting";

/**
 * Writes the row of a task; an earlier one of the same model is replaced. No lock: the file is renamed into its place.
 * @param fileName the model's name made safe for a file
 * Errors: ERR_RUN_FOLDER.
 */
export async function writeTaskRow(tasks: string, fileName: string, row: ModelRow): Promise<void> {
  await writeModels(join(tasks, `${fileName}.arrow`), [row]);
}

export interface TakenRows {
  rows: ModelRow[];
  /** Messages on files that cannot be read; they stay where they are. */
  unreadable: string[];
  /** Removes what was taken: to be called when the rows are in models.arrow. */
  discard: () => Promise<void>;
}

/**
 * Takes the rows that tasks have written, each by a rename, so that a row which a task writes meanwhile is left to the next time. Rows that a collector which
 * died had taken come first. The caller holds the lock of models.arrow. Errors: ERR_RUN_FOLDER.
 */
export async function takeTaskRows(tasks: string): Promise<TakenRows> {
  const names = await readdir(tasks).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw cannotWrite(tasks, error);
  });
  const taken: TakenRows & { paths: string[] } = {
    rows: [],
    unreadable: [],
    paths: [],
    discard: async () => {
      for (const path of taken.paths) await rm(path, { force: true });
    },
  };
  const take = async (path: string): Promise<void> => {
    try {
      taken.rows.push(...(await readModels(path)));
      taken.paths.push(path);
    } catch (error) {
      if (!(error instanceof LlmapError)) throw error;
      taken.unreadable.push(error.message);
    }
  };
  for (const name of names.filter((name) => name.endsWith(collecting))) await take(join(tasks, name));
  for (const name of names.filter((name) => name.endsWith(".arrow") && !name.startsWith("."))) {
    const aside = join(tasks, `.${name}${collecting}`);
    try {
      await rename(join(tasks, name), aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") continue; // another collector, where locks mean nothing
      throw cannotWrite(aside, error);
    }
    await take(aside);
  }
  return taken;
}
