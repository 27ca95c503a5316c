/** Finds and loads the native addon of this platform. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { LlmapError, messageOf } from "../errors.js";
import { packageRoot } from "../package-root.js";
import type { Addon } from "./addon.js";
import { missingAddonMessage } from "./missing-addon.js";
import { prebuiltPlatforms, thisPlatform } from "./platform.js";

const require = createRequire(import.meta.url);

/** A place where an addon may be. */
export interface AddonPlace {
  /** What it is called in messages: a path or a package. */
  name: string;
  /** Returns the addon's exports; throws where there is none or it cannot be loaded. */
  load: () => unknown;
}

export interface LoadedAddon {
  addon: Addon;
  /** The name of its place. */
  source: string;
}

let loaded: LoadedAddon | undefined;

/**
 * The native addon, loaded once per process. Throws ERR_ADDON, with what was looked for, what was found and what to do, where there is
 * none for this platform or only one of another version.
 */
export function loadAddon(): Addon {
  return load().addon;
}

/** Where the addon came from: the path of a local build, or the name of a package. Throws as {@link loadAddon}. */
export function addonSource(): string {
  return load().source;
}

function load(): LoadedAddon {
  loaded ??= findAddon(places(), packageRoot);
  return loaded;
}

/**
 * The first addon of the right version.
 * @param root folder with package.json, whose version the addon must have
 */
export function findAddon(places: readonly AddonPlace[], root: string): LoadedAddon {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const failures: string[] = [];
  for (const { name, load } of places) {
    try {
      const addon = load() as Addon;
      const found = addon.info().version;
      if (found === version) return { addon, source: name };
      failures.push(`${name}: it has version ${found} where ${version} is expected`);
    } catch (error) {
      // Node adds a "Require stack" below the first line.
      failures.push(`${name}: ${messageOf(error).split("\n", 1).join()}`);
    }
  }
  throw new LlmapError("ERR_ADDON", missingAddonMessage({ root, version, platform: thisPlatform(), failures, otherPackages: otherPackages() }));
}

/** A build in the package's own folder, then the package of the platform. The requires are literal, so that bundlers see them. */
function places(): AddonPlace[] {
  const local: AddonPlace = { name: join(packageRoot, "build", "Release", "llmap.node"), load: () => require("../../build/Release/llmap.node") as unknown };
  const { name } = thisPlatform();
  switch (name) {
    case "linux-x64":
      return [local, { name: "@llmap-native/linux-x64", load: () => require("@llmap-native/linux-x64") as unknown }];
    case "linux-arm64":
      return [local, { name: "@llmap-native/linux-arm64", load: () => require("@llmap-native/linux-arm64") as unknown }];
    case "darwin-arm64":
      return [local, { name: "@llmap-native/darwin-arm64", load: () => require("@llmap-native/darwin-arm64") as unknown }];
    case "darwin-x64":
      return [local, { name: "@llmap-native/darwin-x64", load: () => require("@llmap-native/darwin-x64") as unknown }];
    case "win32-x64":
      return [local, { name: "@llmap-native/win32-x64", load: () => require("@llmap-native/win32-x64") as unknown }];
    default:
      return [local];
  }
}

/** Packages of other platforms that are installed, as where node_modules was copied from another machine. */
function otherPackages(): string[] {
  return prebuiltPlatforms
    .filter((platform) => platform !== thisPlatform().name)
    .map((platform) => `@llmap-native/${platform}`)
    .filter((name) => {
      try {
        return require.resolve(`${name}/package.json`) !== "";
      } catch {
        return false;
      }
    });
}
