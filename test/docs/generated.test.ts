/** Pages that are written by scripts are as the scripts would write them, and error codes are explained. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { packageRoot } from "../../lib/package-root.js";
import { readPage } from "./markdown.js";

const check = (script: string) => promisify(execFile)(process.execPath, [join(packageRoot, "scripts", script), "--check"]);
const read = (path: string): string => readFileSync(join(packageRoot, path), "utf8");

it("docs/api.md is current, and every public export has a docstring", { timeout: 300_000 }, async () => {
  expect((await check("docs-api.mjs")).stderr).toBe("");
});

it("docs/cli.md is what --help prints", { timeout: 300_000 }, async () => {
  expect((await check("docs-cli.mjs")).stderr).toBe("");
});

it("each error code is explained in troubleshooting.md and listed in formats.md, and no other", () => {
  const codes = Array.from(read("lib/errors.ts").matchAll(/^ {2}\| "(ERR_\w+)"/gm), ([, code = ""]) => code).sort();
  expect(codes.length).toBeGreaterThan(15);
  const path = "docs/troubleshooting.md";
  const explained = readPage(path, read(path)).headings.filter((heading) => heading.startsWith("ERR_"));
  expect(explained.sort()).toEqual([...codes, "ERR_INTERNAL"].sort());
  const listed = Array.from(read("docs/formats.md").matchAll(/^\| (ERR_\w+) \|/gm), ([, code = ""]) => code);
  expect(listed.sort()).toEqual(codes);
});
