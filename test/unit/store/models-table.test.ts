import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readModels, updateModels, writeModels, type ModelRow } from "../../../lib/store/models-table.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const row = (name: string, adapters: string[], labels: Record<string, string> = {}): ModelRow => ({
  ...{ name, fileName: name, path: "/m/base.gguf", adapters, sha256: null, facts: null, labels, status: "complete", error: null },
  ...{ bosPolicy: null, backend: null, device: null, scorer: null, fallback: null, truncatedTexts: null, warnings: [] },
});

it("the table of models keeps adapters as lines, null without", async () => {
  const path = join(temporaryFolder(), "models.arrow");
  const rows = [row("base", []), row("base+a", ["/m/a.gguf"]), row("base+a+b", ["/m/a.gguf", "/m/b.gguf"], { adapters: "two" })];
  await writeModels(path, rows);
  const table = tableFromIPC(readFileSync(path));
  expect(Array.from(table.getChild("adapters") ?? [])).toEqual([null, "/m/a.gguf", "/m/a.gguf\n/m/b.gguf"]);
  expect(Array.from(table.getChild("adapters_label") ?? [])).toEqual([null, null, "two"]);
  expect(await readModels(path)).toEqual(rows);
});

it("rows are added and replaced, together as one by one", async () => {
  const folder = temporaryFolder();
  const named = (name: string, fileName: string | null, error: string): ModelRow => ({ ...row(name, []), fileName, error });
  const first = [named("a", "a", "1"), named("b", null, "1"), named("c", "c", "1")];
  // By file, though the name is another; by name, where one of both has no file; not by name alone, where both have files.
  const changed = [named("renamed", "a", "2"), named("b", "b", "2"), named("c", "other", "2"), named("d", null, "2"), named("d", "d", "3"), named("a", null, "4"), named("e", "e", "2"), named("e", "e", "3")];
  const [together, single] = [join(folder, "together.arrow"), join(folder, "single.arrow")];
  await updateModels(together, first);
  await updateModels(together, changed);
  for (const one of [...first, ...changed]) await updateModels(single, one);
  const rows = await readModels(together);
  expect(rows).toEqual(await readModels(single));
  expect(rows.map(({ name, fileName, error }) => [name, fileName, error])).toEqual([
    ["renamed", "a", "2"],
    ["b", "b", "2"],
    ["c", "c", "1"],
    ["c", "other", "2"],
    ["d", "d", "3"],
    ["a", null, "4"],
    ["e", "e", "3"],
  ]);
});
