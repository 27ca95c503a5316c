import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { findAddon, loadAddon } from "../../lib/native/load-addon.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
const platform = `${process.platform}-${process.arch}`;

const folder = mkdtempSync(join(tmpdir(), "llmap-addon-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test("the addon says what it is", () => {
  const info = loadAddon().info();
  expect(info.version).toBe(version);
  expect(info.simdAvailable[0]).toBe(info.simd);
  expect(info.simdAvailable.at(-1)).toBe("scalar");
  expect(info.blas).toMatch(process.platform === "darwin" ? /Accelerate/ : /^OpenBLAS \d/);
  expect(info.cores).toBeGreaterThanOrEqual(1);
  expect(info.cores).toBeLessThanOrEqual(availableParallelism());
});

test("it is loaded once", () => {
  expect(loadAddon()).toBe(loadAddon());
});

test("a missing addon is one line that says what was looked for and what to do", () => {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ version: "9.9.9" }));
  const find = (): unknown => findAddon(folder);
  expect(find).toThrow(expect.objectContaining({ name: "LlmapError", code: "ERR_ADDON" }) as Error);
  expect(find).toThrow(platform);
  expect(find).toThrow(join(folder, "build", "Release", "llmap.node"));
  expect(find).toThrow(`npm install --include=optional @llmap-native/${platform}@9.9.9`);
  expect(find).toThrow("bash scripts/setup.sh");
  expect(find).toThrow(/^[^\n]*$/);
});

test("an addon of another version is refused", () => {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ version: "9.9.9" }));
  mkdirSync(join(folder, "build", "Release"), { recursive: true });
  symlinkSync(join(root, "build", "Release", "llmap.node"), join(folder, "build", "Release", "llmap.node"));
  expect(() => findAddon(folder)).toThrow(`has version ${version} where 9.9.9 is expected`);
});
