import type { Argv } from "yargs";
import { LlmapError } from "../../errors.js";
import { execute } from "../execute.js";
import { cancelQueue, onStop } from "../queue-commands.js";
import { exitCodes } from "../exit-codes.js";
import { withFolderOptions } from "../options/folder-options.js";
import { queueOptionsOf, withQueueOptions } from "../options/queue-options.js";
import { scoreOptionsOf, withScoreOptions } from "../options/scoring-options.js";
import { withWatchOptions } from "../options/serve-options.js";
import { watched } from "../watched.js";

const builder = (yargs: Argv) =>
  withWatchOptions(withQueueOptions(withFolderOptions(withScoreOptions(yargs))))
    .example("$0 score ./models --out out", "Score every model of a folder; interrupt and repeat at will")
    .example("$0 score hf:user/repo:Q4_K_M --texts texts.jsonl", "Fetch a model and score it on your own texts");

export const addScoreCommand = (cli: Argv): Argv =>
  cli.command("score [model..]", "Score models into the run folder, without drawing the map", builder, (args) =>
    execute(args, watched(args, {}, async (context) => {
      const queue = queueOptionsOf(args);
      if (queue !== null && args["queue-cancel"]) return await cancelQueue({ ...queue, out: args.out, signal: context.signal });
      const options = { ...scoreOptionsOf(args), ...context };
      // loaded when needed: help and completion are quick
      const scoring =
        queue === null
          ? (await import("../../run/score.js")).score(options)
          : (await import("../../queue/score-on-queue.js")).scoreOnQueue({ ...options, ...queue });
      const { scored, failed } = await scoring;
      if (scored.length === 0) throw new LlmapError("ERR_NOTHING_DONE", "No model could be scored.");
      return failed.length === 0 ? exitCodes.done : exitCodes.someFailed;
    }), onStop(args)),
  );
