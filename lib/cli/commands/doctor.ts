import type { Argv } from "yargs";
import { gpuChoices } from "../../scoring/settings.js";
import { exitCodes } from "../exit-codes.js";

const builder = (yargs: Argv) =>
  yargs
    .option("gpu", { choices: gpuChoices, default: "auto" as const, describe: "Backend of llama.cpp to look for" })
    .option("json", { type: "boolean", default: false, describe: "Print one JSON object" })
    .example("$0 doctor", "What this machine has, and what is missing");

export const addDoctorCommand = (cli: Argv): Argv =>
  cli.command("doctor", "Tell what this machine has: backend, devices, cores, BLAS, versions", builder, async ({ gpu, json }) => {
    const { inspectMachine } = await import("../../run/machine.js");
    const report = await inspectMachine(gpu);
    if (json) {
      console.log(JSON.stringify(report));
    } else {
      const width = Math.max(...report.facts.map(({ name }) => name.length));
      for (const { name, value } of report.facts) console.log(`${name.padEnd(width)}  ${value}`);
      for (const problem of report.problems) console.log(`\nProblem: ${problem}`);
    }
    process.exitCode = report.problems.length === 0 ? exitCodes.done : exitCodes.nothingDone;
  });
