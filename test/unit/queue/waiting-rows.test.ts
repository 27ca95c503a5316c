import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { WaitingRows } from "../../../lib/queue/waiting-rows.js";
import { readModels, updateModels, type ModelRow } from "../../../lib/store/models-table.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const row = (name: string): ModelRow => ({
  ...{ name, fileName: name, path: `/m/${name}.gguf`, adapters: [], sha256: null, facts: null, labels: {}, status: "complete", error: null },
  ...{ bosPolicy: null, backend: null, device: null, scorer: null, fallback: null, truncatedTexts: null, warnings: [] },
});

it("a lone row is due at once, and nothing is due where nothing waits", async () => {
  const path = join(temporaryFolder(), "models.arrow");
  const waiting = new WaitingRows(path);
  expect(waiting.isDue).toBe(false);
  waiting.add(row("a"));
  expect(waiting.isDue).toBe(true);
  await waiting.write();
  expect(waiting.isDue).toBe(false);
  expect((await readModels(path)).map(({ name }) => name)).toEqual(["a"]);
});

it("writing takes a tenth of the time at most, however many rows come, and none is lost", async () => {
  const path = join(temporaryFolder(), "models.arrow");
  await updateModels(path, Array.from({ length: 1000 }, (_, i) => row(`old-${i}`)));
  const waiting = new WaitingRows(path);
  const began = performance.now();
  const took: number[] = [];
  let rows = 0;
  while (took.length < 3) {
    waiting.add(row(`new-${++rows}`));
    if (waiting.isDue) {
      const start = performance.now();
      await waiting.write();
      took.push(performance.now() - start);
    } else {
      await setTimeout(1);
    }
  }
  // After each write but the last it has rested.
  const last = took.pop() ?? 0;
  const written = took.reduce((sum, one) => sum + one, 0);
  expect(written).toBeLessThanOrEqual(0.11 * (performance.now() - began - last));
  expect(await readModels(path)).toHaveLength(1000 + rows);
}, 60_000);

it("rows that could not be written wait on", async () => {
  const folder = join(temporaryFolder(), "later");
  const waiting = new WaitingRows(join(folder, "models.arrow"));
  waiting.add(row("a"));
  await expect(waiting.write()).rejects.toMatchObject({ code: "ERR_RUN_FOLDER" });
  mkdirSync(folder);
  waiting.add(row("b"));
  await waiting.write();
  expect((await readModels(join(folder, "models.arrow"))).map(({ name }) => name)).toEqual(["a", "b"]);
});
