/**
 * Writes a run folder of simulated models whose KL divergences are known (test/helpers/simulated-world.ts), to try `map` and its relatives at any
 * size, or maps one and says how long that took and how well the families came back as clusters. --add maps four fifths of the models, drawn at
 * random, and adds the others to that map.
 *
 * Usage: node scripts/simulate-world.mjs --out DIR [--models 1018] [--texts 10000] [--families 10] [--seed 1] [--map | --add]
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
    add: { type: "boolean", default: false },
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
      contents: ["test/helpers/simulated-world.ts", "lib/index.ts", "lib/random.ts", "lib/run/extend-map.ts"].map((file) => `export * from "./${file}";`).join("\n"),
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

const { adjustedRandIndex, extendMap, importScores, map, randomOrder, seededRandom, simulatedWorld } = await helpers();
const out = resolve(values.out);
const seconds = async (work) => {
  const start = performance.now();
  const result = await work();
  return [((performance.now() - start) / 1000).toFixed(1), result];
};

const world = simulatedWorld({ models: number("models"), texts: number("texts"), families: number("families"), seed: number("seed") });
const families = new Map(world.models.map(({ name, labels }) => [name, labels.family]));
const order = Array.from(randomOrder(seededRandom(number("seed")), world.models.length), (i) => world.models[i].name);
const later = new Set(values.add ? order.slice(0, Math.round(order.length / 5)) : []);
const first = world.models.filter(({ name }) => !later.has(name));
const second = world.models.filter(({ name }) => later.has(name));
const size = `${world.models.length} models x ${world.texts.texts.length} texts`;
world.models.length = 0; // their memory is not the map's

const [written] = await seconds(() => importScores({ out, texts: world.texts, models: first }));
first.length = 0;
console.log(`${later.size > 0 ? "Four fifths of " : ""}${size} written to ${out} in ${written} s.`);
const told = (what, time, { rows }) => {
  const index = adjustedRandIndex(rows.map(({ cluster }) => cluster ?? -1), rows.map(({ model }) => families.get(model)));
  const peak = process.resourceUsage().maxRSS / 1024 ** 2;
  console.log(`${what} in ${time} s; adjusted Rand index of clusters and families ${index.toFixed(3)}; peak memory so far ${peak.toFixed(1)} GiB.`);
};
if (values.map || values.add) told("Mapped", ...(await seconds(() => map({ out }))));
if (values.add) {
  await importScores({ out, texts: world.texts, models: second });
  told(`${later.size} models added`, ...(await seconds(() => extendMap({ out, models: [...later] }))));
}
