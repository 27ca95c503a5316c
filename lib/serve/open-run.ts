/** `open`: the page of a run folder on this machine, with what does not fit into the file. */
import { RunFolder } from "../store/run-folder.js";
import { startServer, type LocalServer, type ServeOptions, type Site } from "./local-server.js";
import { runData } from "./run-data.js";
import { readServedPage } from "./served-page.js";

/** Options of `openRun`. */
export interface OpenRunOptions extends ServeOptions {
  /** The run folder. */
  out: string;
}

/**
 * Serves the page until `close` is called.
 * Errors: ERR_NOT_FOUND where the folder has no page, ERR_RUN_FOLDER where it is of another version, ERR_USAGE where it cannot listen there.
 */
export async function openRun({ out, ...options }: OpenRunOptions): Promise<LocalServer> {
  const folder = new RunFolder(out);
  await readServedPage(folder.report);
  return startServer(runSite(folder), options);
}

/** The page, and its data under data/. */
export function runSite(folder: RunFolder): Site {
  const data = runData(folder);
  return async (path, query) => {
    if (path === "") return readServedPage(folder.report);
    return path.startsWith("data/") ? data(path.slice("data/".length), query) : null;
  };
}
