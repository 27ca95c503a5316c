import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../lib/package-root.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const platform = (name: string, version = "1.0.0"): object => ({ name: `@llmap-native/${name}`, version });
const main = (...platforms: string[]): object => ({
  name: "llmap-native",
  version: "1.0.0",
  optionalDependencies: Object.fromEntries(platforms.map((name) => [`@llmap-native/${name}`, "1.0.0"])),
});

/** A folder of packed packages with these package.json. */
function packed(manifests: object[]): string {
  const folder = temporaryFolder();
  for (const [i, manifest] of manifests.entries()) {
    const source = join(temporaryFolder(), "package");
    mkdirSync(source);
    writeFileSync(join(source, "package.json"), JSON.stringify(manifest));
    const { status } = spawnSync("tar", ["-czf", join(folder, `${i}.tgz`), "-C", join(source, ".."), "package"]);
    expect(status).toBe(0);
  }
  return folder;
}

type Published = ReturnType<typeof spawnSync> & { stdout: string; stderr: string };

const publishWith = (env: NodeJS.ProcessEnv, folder: string, ...options: string[]): Published =>
  spawnSync(process.execPath, [join(packageRoot, "scripts", "publish.mjs"), "--packages", folder, ...options], {
    encoding: "utf8",
    env: { ...process.env, GITHUB_REPOSITORY: "owner/name", ...env },
  });

const publish = (folder: string, ...options: string[]): Published => publishWith({}, folder, ...options);

describe("scripts/publish.mjs", () => {
  it("puts the platforms' packages before the main one", () => {
    const folder = packed([main("linux-x64", "darwin-arm64"), platform("linux-x64"), platform("darwin-arm64")]);
    expect(publish(folder, "--check")).toMatchObject({
      status: 0,
      stdout: "@llmap-native/linux-x64 1.0.0\n@llmap-native/darwin-arm64 1.0.0\nllmap-native 1.0.0\n",
    });
  });

  it.each([
    ["a platform's package is missing", [main("linux-x64", "win32-x64"), platform("linux-x64")], "@llmap-native/win32-x64 is missing among 2"],
    ["the main package is missing", [platform("linux-x64")], "llmap-native is missing among 1"],
    ["a package is there twice", [main("linux-x64"), platform("linux-x64"), platform("linux-x64")], "more than once: 1.tgz, 2.tgz"],
    ["versions differ", [main("linux-x64"), platform("linux-x64", "0.9.0")], "@llmap-native/linux-x64 has version 0.9.0, but llmap-native has 1.0.0"],
    ["a package is not asked for", [main("linux-x64"), platform("linux-x64"), platform("linux-arm64")], "does not ask for @llmap-native/linux-arm64"],
    ["no platform is asked for", [main()], "asks for no platform's package"],
    [
      "the main package would take another version",
      [{ ...main(), optionalDependencies: { "@llmap-native/linux-x64": "^1.0.0" } }, platform("linux-x64")],
      "@llmap-native/linux-x64 ^1.0.0, not for exactly 1.0.0",
    ],
  ])("refuses where %s", (_, manifests, message) => {
    const { status, stderr } = publish(packed(manifests), "--check");
    expect(stderr).toContain(message);
    expect(status).toBe(1);
  });

  it("publishes nothing that npm would refuse the provenance of", () => {
    const without = packed([main("linux-x64"), platform("linux-x64")]);
    expect(publish(without).stderr).toContain('"url": "git+https://github.com/owner/name.git"');
    const repository = { type: "git", url: "git+https://github.com/other/name.git" };
    const other = packed([{ ...main("linux-x64"), repository }, { ...platform("linux-x64"), repository }]);
    expect(publish(other).stderr).toContain("names the repository git+https://github.com/other/name.git, but this is https://github.com/owner/name");
  });

  it.skipIf(process.platform === "win32")("refuses a version that is on npm with other content; a dry run goes on, and uploads nothing", () => {
    const repository = { type: "git", url: "git+https://github.com/owner/name.git" };
    const folder = packed([{ ...main("linux-x64"), repository }, { ...platform("linux-x64"), repository }]);
    const npm = temporaryFolder();
    writeFileSync(join(npm, "npm"), '#!/bin/sh\n[ "$1" = view ] && echo sha512-other || exit 1\n', { mode: 0o755 });
    const env = { PATH: `${npm}:${process.env["PATH"] ?? ""}` };
    const refused = publishWith(env, folder);
    expect(refused.stderr).toContain("@llmap-native/linux-x64 1.0.0 is on npm with other content");
    expect(refused.status).toBe(1);
    expect(publishWith(env, folder, "--dry-run")).toMatchObject({
      status: 0,
      stdout: "@llmap-native/linux-x64 1.0.0 is on npm already\nllmap-native 1.0.0 is on npm already\n",
    });
  });
});
