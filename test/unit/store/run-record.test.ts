import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readRunRecord, requireSameRun, writeRunRecord, type RunRecord } from "../../../lib/store/run-record.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const record: RunRecord = {
  format: 1,
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-02T00:00:00.000Z",
  versions: { "llmap-native": "0.1.0" },
  texts: { name: "mine.jsonl", reference: "./mine.jsonl", count: 3, meanBytes: 500, hash: "a".repeat(64) },
  settings: { bos: "auto", flashAttention: "off", kvCacheType: "F16/F32" },
  scoring: { gpu: "auto", threads: null, parallel: 2 },
  skipped: [],
  map: null,
  noiseFloor: null,
};

it("comes back as it was written", async () => {
  const path = join(temporaryFolder(), "run.json");
  expect(await readRunRecord(path)).toBeNull();
  await writeRunRecord(path, record);
  expect(await readRunRecord(path)).toEqual(record);
});

it.each(["{", '{"format": 2}', "[]"])("refuses a damaged or foreign record: %s", async (content) => {
  const path = join(temporaryFolder(), "run.json");
  writeFileSync(path, content);
  await expect(readRunRecord(path)).rejects.toMatchObject({ code: "ERR_RUN_FOLDER" });
});

describe("requireSameRun", () => {
  it("accepts the same texts and settings", () => {
    expect(() => requireSameRun("out", record, record.texts, record.settings)).not.toThrow();
  });

  it("names both text sets where they differ", () => {
    const other = { name: "other.jsonl", hash: "b".repeat(64) };
    expect(() => requireSameRun("out", record, other, record.settings)).toThrow(/"mine.jsonl".*"other.jsonl".*--out/);
  });

  it("names the setting that differs, and both values", () => {
    expect(() => requireSameRun("out", record, record.texts, { ...record.settings, flashAttention: "on" })).toThrow(
      /--flash-attention\) = off, not on/,
    );
    expect(() => requireSameRun("out", record, record.texts, { ...record.settings, bos: "never" })).toThrow(
      /--bos\) = auto, not never/,
    );
  });
});
