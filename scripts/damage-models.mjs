/**
 * Damages GGUF files in many ways (test/helpers/damage-gguf.ts) and scores them through the command line, by the hundred. Each must end as a
 * named failure or with finite scores; a table says what became of each kind of damage. Exit code 1 where anything else came of one.
 *
 * Usage: node scripts/damage-models.mjs [--count 1000] [--seed 1] [--first 0] [--each 50] [--minutes 10]
 *   --first N     number of the first file: with --count 1 it makes one file of a longer run again
 *   --each N      files of one command
 *   --minutes N   a command that takes longer hangs: the model that it was at is lost, the others go on
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The helpers of the tests, which are TypeScript. Bundled one folder below the package's, where they find its files. */
async function helpers() {
  const outfile = join(root, "build", "damage-models.mjs");
  const names = ["cli", "damaged-models", "run-folder"];
  await build({
    stdin: { contents: names.map((name) => `export * from "./test/helpers/${name}.ts";`).join("\n"), resolveDir: root },
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
  });
  return import(outfile);
}

const defaults = { count: "1000", seed: "1", first: "0", each: "50", minutes: "10" };
const { values } = parseArgs({
  options: Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, { type: "string", default: value }])),
});
const { count, seed, first, each, minutes } = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
const { outcomesOf, runCli, strayFiles, writeDamagedModels, writeTexts } = await helpers();

/** Scores files first .. first + number - 1 of the seed; returns the outcome of each. */
async function scoreSome(folder, number, from) {
  const models = join(folder, "models");
  const out = join(folder, "out");
  mkdirSync(models);
  const damaged = writeDamagedModels(models, from, number, seed);
  const args = ["score", models, "--texts", writeTexts(folder, 4, 120), "--out", out, "--gpu", "off", "--threads", "1", "--json"];
  const hanging = new Map();
  // Every try but the last one loses a model, so there is an end to them.
  for (;;) {
    const result = await runCli(args, { env: { LLMAP_CACHE_DIR: join(folder, "cache") }, timeout: minutes * 60_000 });
    const events = result.stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    const current = events.findLast(({ event }) => event === "model-start")?.model;
    if (result.signal === "SIGKILL" && current !== undefined && !hanging.has(current)) {
      hanging.set(current, `no end after ${minutes} minutes`);
      rmSync(join(models, `${current}.gguf`));
      continue;
    }
    // Code 1: all of them failed, each with its reason.
    if (![0, 1, 3].includes(result.code)) console.error(`Exit code ${result.code}, signal ${result.signal}: ${result.stderr}`);
    const outcomes = outcomesOf(damaged, result, out).map((outcome) => {
      return hanging.has(outcome.name) ? { ...outcome, outcome: "lost", reason: hanging.get(outcome.name) } : outcome;
    });
    return { outcomes, stray: strayFiles(out, outcomes).filter((name) => !hanging.has(name.split(".")[1])) };
  }
}

const outcomes = [];
const stray = [];
for (let done = 0; done < count; done += each) {
  const folder = mkdtempSync(join(tmpdir(), "llmap-native-damage-"));
  try {
    const some = await scoreSome(folder, Math.min(each, count - done), first + done);
    outcomes.push(...some.outcomes);
    stray.push(...some.stray);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const lost = outcomes.filter(({ outcome }) => outcome === "lost").length;
  console.error(`${outcomes.length} of ${count} models, ${lost} lost`);
}

const columnOf = ({ outcome, code }) => (outcome === "failed" ? code : outcome);
const columns = [...new Set(outcomes.map(columnOf))].sort();
const kinds = [...new Set(outcomes.map(({ kind }) => kind))].sort();
const widest = Math.max(...kinds.map((kind) => kind.length));
const line = (name, cells) => console.log([name.padEnd(widest), ...cells.map((cell, i) => String(cell).padStart(columns[i].length))].join("  "));
const counts = (some) => columns.map((column) => some.filter((outcome) => columnOf(outcome) === column).length);
line("", columns);
for (const kind of kinds) line(kind, counts(outcomes.filter((outcome) => outcome.kind === kind)));
line("all", counts(outcomes));

// The reasons of models that died rather than failed are what llama.cpp should be told about.
const deaths = outcomes.filter(({ code }) => code === "ERR_SCORING");
for (const { name, source, kind, reason } of deaths) console.log(`${name} (${source}, ${kind}): ${reason}`);
const lost = outcomes.filter(({ outcome }) => outcome === "lost");
for (const { name, source, kind, reason } of lost) console.error(`Lost: ${name} (${source}, ${kind}): ${reason}`);
for (const name of stray) console.error(`Left over: ${name}`);
process.exit(lost.length + stray.length === 0 ? 0 : 1);
