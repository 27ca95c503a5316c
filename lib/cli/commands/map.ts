import type { Argv } from "yargs";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { withFolderOptions } from "../options/folder-options.js";
import { mapOptionsOf, withMapOptions } from "../options/map-options.js";

const builder = (yargs: Argv) =>
  withFolderOptions(withMapOptions(yargs)).example("$0 map --out out --clip 0", "Draw the map again, without clipping");

export const addMapCommand = (cli: Argv): Argv =>
  cli.command("map", "Draw the map of the models that the run folder holds", builder, (args) =>
    execute(args, async (context) => {
      const { map } = await import("../../run/map.js"); // loaded when needed: help and completion are quick
      await map({ ...mapOptionsOf(args), ...context });
      return exitCodes.done;
    }),
  );
