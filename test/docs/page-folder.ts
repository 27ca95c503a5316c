/** The folder that the commands of a page run in: models, texts and a run under the names that the pages use. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../lib/package-root.js";
import { runCli } from "../helpers/cli.js";
import { demoModel, fixture, fixtureTexts } from "../helpers/fixtures.js";

/** Few, since the same commands run on all pages. */
const textCount = 16;
const main = join(packageRoot, "dist", "cli", "main.js");
const shim = join(packageRoot, "test", "docs", "shim.mjs");

/** Pages that begin with a run which is there already, in out/; the others make theirs. */
const pagesWithRun = new Set(["README.md", "docs/compare.md", "docs/formats.md", "docs/open.md", "docs/predict.md", "docs/relatives.md", "docs/troubleshooting.md", "docs/performance.md"]);

export interface World {
  folder: string;
  /** Folder that has `npx` and `llmap-native` as a reader has them. */
  bin: string;
}

/** Writes what all pages share, and makes the run: the twelve demo models on these texts. */
export async function makeWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "llmap-native-docs-"));
  const shared = join(folder, "shared");
  mkdirSync(join(shared, "models"), { recursive: true });
  for (const name of ["base-f16", "base-q8_0", "base-q5_0", "base-q4_0"]) cpSync(demoModel(name), join(shared, "models", `${name}.gguf`));
  for (const name of ["new", "model"]) cpSync(demoModel("base-ft-german-q8_0"), join(shared, `${name}.gguf`));
  const adapter = "base-lora-r4-f16.gguf";
  cpSync(fixture(adapter), join(shared, "test", "fixtures", adapter));
  cpSync(join(packageRoot, "demo"), join(shared, "demo"), { recursive: true });
  const texts = fixtureTexts();
  writeFileSync(join(shared, "texts.jsonl"), texts.slice(0, textCount).map((text) => JSON.stringify(text)).join("\n"));
  writeFileSync(join(shared, "pile.jsonl"), texts.slice(textCount).map((text) => JSON.stringify(text)).join("\n"));
  mkdirSync(join(shared, "documents"));
  for (const [index, { text }] of texts.slice(0, 3).entries()) writeFileSync(join(shared, "documents", `${index}.txt`), text);
  // A made-up score, so that `predict` has something to predict, and made-up families.
  const [header = "", ...rows] = readFileSync(join(packageRoot, "demo", "models.csv"), "utf8").trim().split("\n");
  const line = (row: string, index: number): string => `demo/${row},base-${index % 6},${25 + ((index * 7) % 12)}`;
  writeFileSync(join(shared, "list.csv"), [`${header},base,mmlu`, ...rows.map(line)].join("\n"));

  const bin = join(folder, "bin");
  mkdirSync(bin);
  const scripts = {
    "llmap-native": `exec "${process.execPath}" "${shim}" "${main}" "$@"`,
    npx: `[ "$1" = llmap-native ] || { echo "The tests run npx llmap-native only: mark the block <!-- not run: REASON -->." >&2; exit 127; }\nshift\nexec llmap-native "$@"`,
    npm: `echo "The tests run no npm: mark the block <!-- not run: REASON -->." >&2; exit 127`,
  };
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const run = await runCli(["run", "--models", "list.csv", "--texts", "texts.jsonl", "--out", "out", "--bootstrap", "20", "--threads", "1"], { cwd: shared });
  if (run.code !== 0) throw new Error(`The run for the pages failed:\n${run.stderr}`);
  return { folder, bin };
}

/** A folder of its own for a page. */
export function makePageFolder(world: World, page: string): string {
  const folder = join(world.folder, page.replaceAll(/[/.]/g, "-"));
  cpSync(join(world.folder, "shared"), folder, { recursive: true, filter: (path) => pagesWithRun.has(page) || path !== join(world.folder, "shared", "out") });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(packageRoot, join(folder, "node_modules", "llmap-native"), "dir");
  return folder;
}
