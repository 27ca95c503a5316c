/** A model by URI that is known to be one. */
import { rm } from "node:fs/promises";
import { fetchModel, type FetchOptions } from "./fetch-model.js";
import { requireGguf } from "./find-files.js";

/** Like {@link fetchModel}; what is no GGUF file is not kept. Errors: those of `fetchModel`; ERR_GGUF. */
export async function fetchGguf(uri: string, options: FetchOptions): Promise<string> {
  const path = await fetchModel(uri, options);
  try {
    await requireGguf(path);
  } catch (error) {
    // Kept, it would be taken for the model the next time.
    await rm(path, { force: true });
    throw error;
  }
  return path;
}
