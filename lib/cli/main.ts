#!/usr/bin/env node
import { readFileSync } from "node:fs";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { LlmapError, messageOf } from "../errors.js";
import { packageVersion } from "../package-root.js";
import { addDoctorCommand } from "./commands/doctor.js";
import { addMapCommand } from "./commands/map.js";
import { addRunCommand } from "./commands/run.js";
import { addScoreCommand } from "./commands/score.js";
import { reportError } from "./execute.js";
import { exitCodes } from "./exit-codes.js";

function readConfig(path: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  } catch (error) {
    throw new LlmapError("ERR_USAGE", `Cannot read the config file ${path}: ${messageOf(error)}.`, { cause: error });
  }
}

const commands = [addRunCommand, addScoreCommand, addMapCommand, addDoctorCommand];
const cli = commands
  .reduce((parser, add) => add(parser), yargs(hideBin(process.argv)))
  .scriptName("llmap-native")
  .usage("$0 <command>\n\nDraws a map of language models from GGUF files.")
  .completion("completion", "Print a completion script for your shell")
  .config("config", "Read options from a JSON file", readConfig)
  .demandCommand(1, "Name a command, for example: llmap-native run")
  .recommendCommands()
  .strict()
  .version(packageVersion)
  .wrap(process.stdout.isTTY ? Math.min(110, process.stdout.columns) : 100)
  .epilogue("Exit codes: 0 all done, 1 nothing could be done, 3 some models failed, 130 interrupted.")
  .fail((message, error: Error | undefined) => {
    throw error ?? new LlmapError("ERR_USAGE", `${message}. See llmap-native --help.`);
  });

try {
  await cli.parseAsync();
} catch (error) {
  reportError(error, process.argv.includes("--json"));
  process.exitCode = exitCodes.nothingDone;
}
