/** Finds and loads the native addon of this platform. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { LlmapError, messageOf } from "../errors.js";
import { packageRoot } from "../package-root.js";
import type { Addon } from "./addon.js";

const require = createRequire(import.meta.url);

let loaded: Addon | undefined;

/**
 * The native addon, loaded once per process. Throws ERR_ADDON, with what was looked for and what to do, where there is none
 * for this platform or only one of another version.
 */
export function loadAddon(): Addon {
  loaded ??= findAddon(packageRoot);
  return loaded;
}

/**
 * The addon for a package folder: the one built in it, else the one of the platform's optional package.
 * @param root folder with package.json, whose version the addon must have
 */
export function findAddon(root: string): Addon {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const platform = `${process.platform}-${process.arch}`;
  const prebuilt = `@llmap-native/${platform}`;
  const failures: string[] = [];
  for (const request of [join(root, "build", "Release", "llmap.node"), prebuilt]) {
    try {
      return load(request, version);
    } catch (error) {
      // Node adds a "Require stack" below the first line.
      failures.push(messageOf(error).split("\n", 1).join());
    }
  }
  throw new LlmapError(
    "ERR_ADDON",
    `Could not load the native addon for ${platform}: ${failures.join("; ")}. Possible solutions: ` +
      "in a clone, run `bash scripts/setup.sh` (installs what is missing and builds it) or `npm run build:native`; " +
      `in a project that depends on llmap-native, run \`npm install --include=optional ${prebuilt}@${version}\`.`,
  );
}

function load(request: string, version: string): Addon {
  const addon = require(request) as Addon;
  const found = addon.info().version;
  if (found !== version) throw new Error(`${request} has version ${found} where ${version} is expected`);
  return addon;
}
