#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { closest, distance } from "fastest-levenshtein";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { z } from "zod";
import { LlmapError, messageOf } from "../errors.js";
import { packageVersion } from "../package-root.js";
import { addAddCommand } from "./commands/add.js";
import { addCompareCommand } from "./commands/compare.js";
import { addDoctorCommand } from "./commands/doctor.js";
import { addExportCommand } from "./commands/export.js";
import { addImportCommand } from "./commands/import.js";
import { addKubernetesCommand } from "./commands/kubernetes.js";
import { addMapCommand } from "./commands/map.js";
import { addOpenCommand } from "./commands/open.js";
import { addPredictCommand } from "./commands/predict.js";
import { addRelativesCommand } from "./commands/relatives.js";
import { addResampleCommand } from "./commands/resample.js";
import { addRunCommand } from "./commands/run.js";
import { addScaleCommand } from "./commands/scale.js";
import { addScoreCommand } from "./commands/score.js";
import { addScoreTaskCommand } from "./commands/score-task.js";
import { addSlurmCommand } from "./commands/slurm.js";
import { addTextsCommand } from "./commands/texts.js";
import { addWorkerCommand } from "./commands/worker.js";
import { reportError } from "./execute.js";
import { commandOptions, configurableOptions, repeatableOptions } from "./options/command-options.js";
import { exitCodes } from "./exit-codes.js";

/** The options of a config file. One file serves all commands: what only others know is left out, what none knows is refused. */
function readConfig(path: string): Record<string, unknown> {
  let config: Record<string, unknown>;
  try {
    config = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, "utf8").replace(/^\uFEFF/, "")));
  } catch (error) {
    const reason = error instanceof z.ZodError ? "it holds no JSON object with options" : messageOf(error);
    throw new LlmapError("ERR_USAGE", `Cannot read the config file ${path}: ${reason}.`, { cause: error });
  }
  const unknown = Object.keys(config).find((key) => !configurableOptions.has(key));
  if (unknown !== undefined) {
    const known = [...configurableOptions].join(", ");
    throw new LlmapError("ERR_USAGE", `The config file ${path} has the unknown option "${unknown}". Options are ${known}.`);
  }
  const command = givenCommand();
  const used = command === undefined ? configurableOptions : commandOptions[command];
  return Object.fromEntries(Object.entries(config).filter(([key]) => used.has(key)));
}

/** The command that the command line names, if any. */
function givenCommand(): keyof typeof commandOptions | undefined {
  return hideBin(process.argv).find((argument) => argument in commandOptions) as keyof typeof commandOptions | undefined;
}

/** The option of the command that was probably meant, for a message of yargs that names an unknown one. */
function suggestion(message: string): string {
  const [, unknown] = /^Unknown arguments?: ([^,]+)/.exec(message) ?? [];
  if (unknown === undefined) return "";
  const command = givenCommand();
  const likely = closest(unknown, [...(command === undefined ? configurableOptions : commandOptions[command])]);
  return distance(unknown, likely) <= Math.max(2, unknown.length / 3) ? ` Did you mean --${likely}?` : "";
}

const commands = [
  addRunCommand,
  addScoreCommand,
  addMapCommand,
  addOpenCommand,
  addAddCommand,
  addCompareCommand,
  addRelativesCommand,
  addScaleCommand,
  addPredictCommand,
  addTextsCommand,
  addResampleCommand,
  addExportCommand,
  addImportCommand,
  addWorkerCommand,
  addSlurmCommand,
  addKubernetesCommand,
  addScoreTaskCommand,
  addDoctorCommand,
];
const cli = commands
  .reduce((parser, add) => add(parser), yargs(hideBin(process.argv)))
  .scriptName("llmap-native")
  .usage("$0 <command>\n\nDraws a map of language models from GGUF files.")
  .completion("completion", "Print a completion script for your shell")
  .config("config", "Read options from a JSON file", readConfig)
  .demandCommand(1, "Name a command, for example: llmap-native run")
  .recommendCommands()
  .strict()
  .check((args) => {
    const repeated = [...configurableOptions].find((name) => !repeatableOptions.has(name) && Array.isArray(args[name]));
    if (repeated !== undefined) throw new LlmapError("ERR_USAGE", `--${repeated} was given more than once. Give it one value${repeated === "map" ? ", several methods with commas between them" : ""}.`);
    const noNumber = [...configurableOptions].find((name) => Number.isNaN(args[name]));
    if (noNumber !== undefined) throw new LlmapError("ERR_USAGE", `Expected a number for --${noNumber}, but what was given is none.`);
    return true;
  })
  .version(packageVersion)
  .wrap(process.stdout.isTTY ? Math.min(110, process.stdout.columns) : 100)
  .epilogue("Exit codes: 0 all done, 1 nothing could be done, 3 some models failed, 4 a limit is exceeded (--max-kl), 130 interrupted.")
  .fail((message, error: Error | undefined) => {
    throw error ?? new LlmapError("ERR_USAGE", `${message}${/[.?]$/.test(message) ? "" : "."}${suggestion(message)} See llmap-native ${[givenCommand() ?? [], "--help"].flat().join(" ")}.`);
  });

// A reader that has seen enough (`| head`) ends the command; finished rows are kept.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCodes.interrupted);
  throw error;
});

try {
  await cli.parseAsync();
} catch (error) {
  reportError(error, process.argv.includes("--json"));
  process.exitCode = exitCodes.nothingDone;
}
