import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readModels, writeModels, type ModelRow } from "../../../lib/store/models-table.js";
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
