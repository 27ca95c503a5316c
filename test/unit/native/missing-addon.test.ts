import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { missingAddonMessage, type MissingAddon } from "../../../lib/native/missing-addon.js";
import { describePlatform, isBelowFloor, prebuiltPlatforms, thisPlatform, type Platform } from "../../../lib/native/platform.js";
import { packageRoot } from "../../../lib/package-root.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

/** The message for an installed package (without the scripts of a clone) on a platform. */
function messageOn(platform: Platform, more: Partial<MissingAddon> = {}): string {
  const root = temporaryFolder();
  writeFileSync(join(root, "package.json"), JSON.stringify({ devDependencies: { "cmake-js": "1.2.3", "node-addon-api": "4.5.6" } }));
  return missingAddonMessage({ root, version: "1.0.0", platform, failures: ["a: Cannot find module 'a'"], otherPackages: [], ...more });
}

const debian: Platform = { name: "linux-x64", libc: "glibc", glibc: "2.36" };

test("the packages that the loader knows are those that are packed", async () => {
  const { platforms } = (await import(pathToFileURL(join(packageRoot, "scripts", "platforms.mjs")).href)) as { platforms: { name: string }[] };
  expect(platforms.map(({ name }) => name)).toEqual([...prebuiltPlatforms]);
});

test("on a platform with a package: what was tried, and the commands that install it", () => {
  const message = messageOn(debian);
  expect(message).toMatch(/^Could not load the native addon for linux-x64 \(glibc 2\.36\)\. Looked for:\n- a: Cannot find module 'a'\n/);
  expect(message).toContain("npm install --include=optional llmap-native@1.0.0");
  expect(message).toContain("npm install --no-save cmake-js@1.2.3 node-addon-api@4.5.6 && node ");
  expect(message).not.toContain("2.34");
  expect(message).not.toContain("anew");
});

test("packages of other platforms are named", () => {
  expect(messageOn(debian, { otherPackages: ["@llmap-native/darwin-arm64"] })).toContain("Found packages of other platforms only: @llmap-native/darwin-arm64.");
});

test("a package that is there but of no use is installed anew", () => {
  const failures = ["@llmap-native/linux-x64: it has version 0.9.0 where 1.0.0 is expected"];
  expect(messageOn(debian, { failures })).toContain("npm install @llmap-native/linux-x64@1.0.0");
});

test("an old glibc, musl and a platform without a package are named as the reason", () => {
  expect(messageOn({ ...debian, glibc: "2.31" })).toContain("Use a system with glibc 2.34 or later (Debian 12");
  const musl = messageOn({ name: "linux-x64", libc: "musl", glibc: null });
  expect(musl).toMatch(/^Could not load the native addon for linux-x64 \(musl\)/);
  expect(musl).toContain("node-llama-cpp has no binaries for musl");
  expect(musl).not.toContain("--include=optional");
  const bsd = messageOn({ name: "freebsd-x64", libc: null, glibc: null });
  expect(bsd).toContain("Packages exist for linux-x64, linux-arm64, darwin-arm64, darwin-x64, win32-x64.");
});

test("in a clone the set-up script is the solution", () => {
  expect(messageOn(debian, { root: packageRoot })).toContain("bash scripts/setup.sh");
});

test("versions of glibc are compared as numbers", () => {
  expect(["2.4", "2.33", "1.40"].every(isBelowFloor)).toBe(true);
  expect(["2.34", "2.40", "3.0"].some(isBelowFloor)).toBe(false);
  expect(describePlatform({ name: "darwin-arm64", libc: null, glibc: null })).toBe("darwin-arm64");
});

test("this platform is one that Node knows", () => {
  const { name, libc, glibc } = thisPlatform();
  expect(name).toBe(`${process.platform}-${process.arch}`);
  expect(libc === "glibc").toBe(glibc !== null);
});
