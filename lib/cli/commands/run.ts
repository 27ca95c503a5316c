import type { Argv } from "yargs";
import { execute } from "../execute.js";
import { cancelQueue, onStop } from "../queue-commands.js";
import { exitCodes } from "../exit-codes.js";
import { withFolderOptions } from "../options/folder-options.js";
import { mapOptionsOf, withMapOptions } from "../options/map-options.js";
import { queueOptionsOf, withQueueOptions } from "../options/queue-options.js";
import { scoreOptionsOf, withScoreOptions } from "../options/scoring-options.js";
import { withWatchOptions } from "../options/serve-options.js";
import { watched } from "../watched.js";

const builder = (yargs: Argv) =>
  withWatchOptions(withQueueOptions(withFolderOptions(withMapOptions(withScoreOptions(yargs)))))
    .example("$0 run", "Map the built-in demo models")
    .example("$0 run ./models/*.gguf --texts texts.jsonl --out out", "Map your own files on your own texts")
    .example("$0 run --models list.csv", "Map a list; its columns become labels to colour by")
    .example("$0 run --models list.csv --queue redis://host:6379", "Score by workers on other machines (llmap-native worker)")
    .example("$0 run ./models --watch", "See progress and the map so far in the browser");

export const addRunCommand = (cli: Argv): Argv =>
  cli.command("run [model..]", "Score what is missing, then draw the map and its page", builder, (args) =>
    execute(args, watched(args, mapOptionsOf(args), async (context) => {
      const queue = queueOptionsOf(args);
      if (queue !== null && args["queue-cancel"]) return await cancelQueue({ ...queue, out: args.out, signal: context.signal });
      if (queue !== null) {
        const [{ scoreOnQueue }, { scoreAndMap }] = [await import("../../queue/score-on-queue.js"), await import("../../run/run.js")];
        const options = { ...scoreOptionsOf(args), ...mapOptionsOf(args), ...context };
        const { failed } = await scoreAndMap(options, () => scoreOnQueue({ ...options, ...queue }));
        return failed.length === 0 ? exitCodes.done : exitCodes.someFailed;
      }
      const { run } = await import("../../run/run.js"); // loaded when needed: help and completion are quick
      const { failed } = await run({ ...scoreOptionsOf(args), ...mapOptionsOf(args), ...context });
      return failed.length === 0 ? exitCodes.done : exitCodes.someFailed;
    }), onStop(args)),
  );
