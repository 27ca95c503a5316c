import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { addonSource, findAddon, loadAddon, type AddonPlace } from "../../lib/native/load-addon.js";

const require = createRequire(import.meta.url);
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
  expect(info.simdCompiled).toEqual(expect.arrayContaining(info.simdAvailable));
  expect(info.blas).toMatch(process.platform === "darwin" ? /Accelerate/ : /^OpenBLAS \d/);
  expect(info.cores).toBeGreaterThanOrEqual(1);
  expect(info.cores).toBeLessThanOrEqual(availableParallelism());
});

test("it is loaded once", () => {
  expect(loadAddon()).toBe(loadAddon());
});

/** A folder that stands for a package of this version, and places in it. */
function packageOf(version: string): { root: string; local: AddonPlace } {
  const path = join(folder, "build", "Release", "llmap.node");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ version, devDependencies: { "cmake-js": "8.0.0", "node-addon-api": "8.9.2" } }));
  return { root: folder, local: { name: path, load: () => require(path) as unknown } };
}

const prebuilt: AddonPlace = { name: `@llmap-native/${platform}`, load: () => require(`@llmap-native/${platform}-that-is-not-there`) as unknown };

test("a missing addon is an error that says what was looked for and what to do", () => {
  const { root: package_, local } = packageOf("9.9.9");
  const find = (): unknown => findAddon([local, prebuilt], package_);
  expect(find).toThrow(expect.objectContaining({ name: "LlmapError", code: "ERR_ADDON" }) as Error);
  expect(find).toThrow(`Could not load the native addon for ${platform}`);
  expect(find).toThrow(`- ${local.name}: Cannot find module`);
  expect(find).toThrow(`- @llmap-native/${platform}: Cannot find module`);
  expect(find).toThrow("npm install --include=optional llmap-native@9.9.9");
  expect(find).toThrow(`--os=${process.platform} --cpu=${process.arch}`);
  expect(find).toThrow("npm install --no-save cmake-js@8.0.0 node-addon-api@8.9.2 && node ");
});

test("an addon of another version is refused, and the next place looked at", () => {
  const { root: package_, local } = packageOf("9.9.9");
  mkdirSync(join(folder, "build", "Release"), { recursive: true });
  symlinkSync(join(root, "build", "Release", "llmap.node"), local.name);
  expect(() => findAddon([local, prebuilt], package_)).toThrow(`${local.name}: it has version ${version} where 9.9.9 is expected`);
  const other: AddonPlace = { name: "other", load: () => ({ info: () => ({ version: "9.9.9" }) }) };
  expect(findAddon([local, prebuilt, other], package_).source).toBe("other");
});

test("the local build comes first, and says where it is", () => {
  const { root: package_, local } = packageOf(version);
  expect(findAddon([local, prebuilt], package_).source).toBe(local.name);
  expect(addonSource()).toBe(join(root, "build", "Release", "llmap.node"));
});
