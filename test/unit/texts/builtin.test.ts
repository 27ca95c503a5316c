import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { demoModelList } from "../../../lib/run/demo.js";
import { readTextSet } from "../../../lib/texts/read-text-set.js";

const demo = join(import.meta.dirname, "../../../demo");

describe("the built-in text set", () => {
  it("holds texts of six sources, cut as the authors do, each once", async () => {
    const { name, texts } = await readTextSet("builtin");
    expect(name).toBe("builtin");
    const count = (source: string): number => texts.filter((text) => text.source === source).length;
    expect(["man-en", "man-de", "man-fr", "python", "c", "kjv"].map(count)).toEqual(new Array(6).fill(30));
    expect(texts).toHaveLength(180);
    expect(texts.filter(({ bytes }) => bytes <= 256 || bytes > 1024)).toEqual([]);
    expect(new Set(texts.map(({ content }) => content)).size).toBe(texts.length);
  });

  it("records for every text a licence that ships with it, for a work that the README names", async () => {
    const { texts } = await readTextSet("builtin");
    const readme = readFileSync(join(demo, "README.md"), "utf8");
    for (const license of new Set(texts.map(({ columns }) => columns["license"]))) {
      if (license !== "public domain") expect(existsSync(join(demo, "LICENSES", `${String(license)}.txt`)), String(license)).toBe(true);
    }
    for (const { columns, source } of texts) {
      const row = readme.split("\n").find((line) => line.startsWith("|") && line.includes(`| ${String(columns["work"])} |`));
      expect(row, String(columns["work"])).toContain(String(columns["license"]));
      expect(row).toContain(source);
      expect(columns["document"]).toMatch(/\S/);
    }
  });
});

describe("the built-in models", () => {
  it("are all listed, with parents from the list", () => {
    const rows: Record<string, string>[] = parse(readFileSync(demoModelList), { columns: true });
    const names = rows.map((row) => row["model"]?.replace(/^models\/|\.gguf$/g, ""));
    expect(rows).toHaveLength(12);
    for (const row of rows) {
      expect(existsSync(join(demo, row["model"] ?? "")), row["model"]).toBe(true);
      expect(["", ...names]).toContain(row["parent"]);
    }
  });
});
