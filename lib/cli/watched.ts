/** A command's work with --watch: its events also go to a page in the browser. */
import type { RunEvent } from "../run/events.js";
import type { MapOptions } from "../run/options.js";
import type { CommandContext } from "./execute.js";
import type { FolderArguments } from "./options/folder-options.js";
import { serveOptionsOf, type WatchArguments } from "./options/serve-options.js";
import { showLink } from "./show-link.js";

type Work = (context: CommandContext) => Promise<number>;

/** The work as it is without --watch. @param map how the map is drawn at the end */
export function watched(args: WatchArguments & Pick<FolderArguments, "out" | "json">, map: Omit<MapOptions, "out">, work: Work): Work {
  if (!args.watch) return work;
  return async (context) => {
    const { watchRun } = await import("../serve/watch-run.js");
    const watch = await watchRun({ out: args.out, map, ...serveOptionsOf(args) });
    showLink(watch.url, "watch", args);
    const onEvent = (event: RunEvent): void => {
      context.onEvent(event);
      watch.onEvent(event);
    };
    let failure: unknown = null;
    try {
      return await work({ ...context, onEvent });
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      await watch.finish(failure, args.browser);
    }
  };
}
