import type { Argv } from "yargs";
import { formatKl } from "../../report/format.js";
import { gpuChoices } from "../../scoring/settings.js";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { printResult } from "../print-result.js";

const builder = (yargs: Argv) =>
  yargs
    .option("gpu", { choices: gpuChoices, default: "auto" as const, describe: "Backend of llama.cpp to look for" })
    .option("json", { type: "boolean", default: false, describe: "Print one JSON object" })
    .option("noise", {
      group: "Noise floor:",
      type: "string",
      defaultDescription: "a demo model",
      describe: "Score this model in two ways and print how far apart that puts it from itself",
    })
    .option("texts", { group: "Noise floor:", type: "string", default: "builtin", requiresArg: true, describe: "Texts to score it on" })
    .option("out", { group: "Noise floor:", type: "string", requiresArg: true, describe: "Run folder to keep the noise floor in, for `compare`" })
    .example("$0 doctor", "What this machine has, and what is missing")
    .example("$0 doctor --noise", "How much batch shape and backend alone change the numbers here")
    .example("$0 doctor --noise model.gguf --out out", "The same for your own model, kept in the run for `compare`");

export const addDoctorCommand = (cli: Argv): Argv =>
  cli.command("doctor", "Tell what this machine has: backend, devices, cores, BLAS, versions", builder, async (args) => {
    if (args.noise === undefined) await inspect(args);
    else await measureNoise({ ...args, noise: args.noise });
  });

async function inspect({ gpu, json }: { gpu: (typeof gpuChoices)[number]; json: boolean }): Promise<void> {
  const { inspectMachine } = await import("../../run/machine.js"); // loaded when needed: help and completion are quick
  const report = await inspectMachine(gpu);
  if (json) {
    console.log(JSON.stringify(report));
  } else {
    const width = Math.max(...report.facts.map(({ name }) => name.length));
    for (const { name, value } of report.facts) console.log(`${name.padEnd(width)}  ${value}`);
    for (const problem of report.problems) console.log(`\nProblem: ${problem}`);
  }
  process.exitCode = report.problems.length === 0 ? exitCodes.done : exitCodes.nothingDone;
}

async function measureNoise(args: {
  gpu: (typeof gpuChoices)[number];
  json: boolean;
  noise: string;
  texts: string;
  out: string | undefined;
}): Promise<void> {
  const { gpu, json, noise, texts, out = null } = args;
  await execute({ json, out: out ?? "" }, async (context) => {
    const { measureNoiseFloor } = await import("../../run/noise-floor.js");
    const floor = await measureNoiseFloor({ model: noise === "" ? null : noise, texts, gpu, out, ...context });
    printResult(json, "noise-floor", floor, () => [
      `Noise floor of ${floor.model} on ${floor.texts} texts: ${formatKl(floor.bitsPerByte)} bits/byte`,
      ...floor.comparisons.map(({ conditions: [one, other], bitsPerByte }) => `  ${formatKl(bitsPerByte)}: ${one}; against ${other}`),
      ...(out === null ? [] : [`Kept in ${out}/run.json.`]),
    ]);
    return exitCodes.done;
  });
}
