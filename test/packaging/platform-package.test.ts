import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { packageRoot } from "../../lib/package-root.js";

interface PlatformPackage {
  name: string;
  os: string;
  cpu: string;
  libc?: string;
}

const script = async (name: string): Promise<unknown> => import(pathToFileURL(join(packageRoot, "scripts", name)).href);
const { platforms } = (await script("platforms.mjs")) as { platforms: PlatformPackage[] };
const { componentsOf, platformManifest, platformReadme } = (await script("platform-package.mjs")) as {
  componentsOf: (platform: PlatformPackage) => { name: string; licence: string; file: string }[];
  platformManifest: (main: object, platform: PlatformPackage, floor: string | null) => Record<string, unknown>;
  platformReadme: (main: object, platform: PlatformPackage, floor: string | null) => string;
};
const main = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { name: string; version: string; engines: object };

test.each(platforms)("the package for $name is chosen by system, processor and C library, in the main version", (platform) => {
  const manifest = platformManifest(main, platform, null);
  expect(manifest).toMatchObject({ name: `@llmap-native/${platform.name}`, version: main.version, engines: main.engines, main: "llmap.node" });
  expect([manifest.os, manifest.cpu]).toEqual([[platform.name.split("-")[0]], [platform.name.split("-")[1]]]);
  expect(manifest.libc).toEqual(platform.os === "linux" ? ["glibc"] : undefined);
  expect(manifest).not.toHaveProperty("scripts");
  expect(manifest).not.toHaveProperty("dependencies");
});

test.each(platforms)("the licences of all that is inside the addon for $name are there and named", (platform) => {
  const components = componentsOf(platform);
  expect(components.some(({ name }) => name === "OpenBLAS")).toBe(platform.os !== "darwin");
  for (const { name, licence, file } of components) {
    expect(existsSync(join(packageRoot, file)), file).toBe(true);
    expect(platformManifest(main, platform, null).license).toContain(licence);
    expect(platformReadme(main, platform, null)).toContain(`- ${name} (${licence})`);
  }
});

test("the oldest C library that an addon works with is told", () => {
  const [linux] = platforms;
  if (linux === undefined) throw new Error("there is no platform");
  expect(platformManifest(main, linux, "2.28").floor).toEqual({ glibc: "2.28" });
  expect(platformReadme(main, linux, "2.28")).toContain("It needs glibc 2.28 or later.");
});
