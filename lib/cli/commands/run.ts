import type { Argv } from "yargs";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { withFolderOptions } from "../options/folder-options.js";
import { mapOptionsOf, withMapOptions } from "../options/map-options.js";
import { scoreOptionsOf, withScoreOptions } from "../options/scoring-options.js";

const builder = (yargs: Argv) =>
  withFolderOptions(withMapOptions(withScoreOptions(yargs)))
    .example("$0 run", "Map the built-in demo models")
    .example("$0 run ./models/*.gguf --texts texts.jsonl --out out", "Map your own files on your own texts")
    .example("$0 run --models list.csv", "Map a list; its columns become labels to colour by");

export const addRunCommand = (cli: Argv): Argv =>
  cli.command("run [model..]", "Score what is missing, then draw the map and its page", builder, (args) =>
    execute(args, async (context) => {
      const { run } = await import("../../run/run.js"); // loaded when needed: help and completion are quick
      const { failed } = await run({ ...scoreOptionsOf(args), ...mapOptionsOf(args), ...context });
      return failed.length === 0 ? exitCodes.done : exitCodes.someFailed;
    }),
  );
