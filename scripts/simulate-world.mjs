/**
 * Writes a run folder of simulated models whose KL divergences are known (test/helpers/simulated-world.ts), to try `map` and its relatives at any
 * size, or maps one and says how long that took and how well the families came back as clusters.
 *
 * Usage: node scripts/simulate-world.mjs --out DIR [--models 1018] [--texts 10000] [--families 10] [--seed 1] [--map]
 */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const defaults = { models: "1018", texts: "10000", families: "10", seed: "1" };
const { values } = parseArgs({
  options: {
    out: { type: "string" },
    map: { type: "boolean", default: false },
    ...Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, { type: "string", default: value }])),
  },
});
if (values.out === undefined) throw new Error("Name a folder with --out.");
const number = (name) => Number(values[name]);

/** The world is a helper of the tests, which is TypeScript. Bundled one folder below the package's, where it finds its files. */
async function helpers() {
  const outfile = join(root, "build", "simulate-world.mjs");
  mkdirSync(join(root, "build"), { recursive: true });
  await build({
    stdin: {
      contents: ['export * from "./test/helpers/simulated-world.ts";', 'export { importScores, map } from "./lib/index.ts";'].join("\n"),
      resolveDir: root,
    },
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  return import(outfile);
}

const { adjustedRandIndex, importScores, map, simulatedWorld } = await helpers();
const out = resolve(values.out);
const seconds = async (work) => {
  const start = performance.now();
  const result = await work();
  return [((performance.now() - start) / 1000).toFixed(1), result];
};

const world = simulatedWorld({ models: number("models"), texts: number("texts"), families: number("families"), seed: number("seed") });
const [written] = await seconds(() => importScores({ out, ...world }));
console.log(`${world.models.length} models x ${world.texts.texts.length} texts written to ${out} in ${written} s.`);
if (values.map) {
  const families = new Map(world.models.map(({ name, labels }) => [name, labels.family]));
  world.models.length = 0; // their memory is not the map's
  const [mapped, { rows }] = await seconds(() => map({ out }));
  const index = adjustedRandIndex(rows.map(({ cluster }) => cluster ?? -1), rows.map(({ model }) => families.get(model)));
  const peak = process.resourceUsage().maxRSS / 1024 ** 2;
  console.log(`Mapped in ${mapped} s; adjusted Rand index of clusters and families ${index.toFixed(3)}; peak memory of both ${peak.toFixed(1)} GiB.`);
}
