/** Finds and loads the native addon of this platform. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LlmapError, messageOf } from "../errors.js";
import type { Addon } from "./addon.js";

// This file is lib/native/load-addon.ts or dist/native/load-addon.js: two folders below the package in both cases.
const packageRoot = fileURLToPath(new URL("../../", import.meta.url));
const require = createRequire(import.meta.url);

let loaded: Addon | undefined;

/**
 * The native addon, loaded once per process: the one built in this package, else the one of the platform's optional package.
 * Throws ERR_ADDON, with what was looked for and what to do, where neither can be loaded or its version is not this package's.
 */
export function loadAddon(): Addon {
  loaded ??= findAddon();
  return loaded;
}

function findAddon(): Addon {
  const platform = `${process.platform}-${process.arch}`;
  const built = join(packageRoot, "build", "Release", "llmap.node");
  const prebuilt = `@llmap-native/${platform}`;
  const failures: string[] = [];

  if (existsSync(built)) {
    const addon = tryLoad(built, failures);
    if (addon !== undefined) return addon;
  } else {
    failures.push(`${built} does not exist`);
  }
  const addon = tryLoad(prebuilt, failures);
  if (addon !== undefined) return addon;

  throw new LlmapError(
    "ERR_ADDON",
    `Could not load the native addon for ${platform}: ${failures.join("; ")}. Possible solutions: ` +
      `in a clone, run \`bash scripts/setup.sh\` (installs what is missing and builds it) or \`npm run build:native\`; ` +
      `in a project that depends on llmap-native, run \`npm install --include=optional ${prebuilt}@${packageVersion()}\`.`,
  );
}

/** The addon at a path or in a package, or undefined with the reason added to `failures`. A wrong version is refused. */
function tryLoad(request: string, failures: string[]): Addon | undefined {
  let addon: Addon;
  try {
    addon = require(request) as Addon;
  } catch (error) {
    // Node adds a "Require stack" below the first line.
    failures.push(`${request}: ${messageOf(error).split("\n", 1)[0] ?? "unknown error"}`);
    return undefined;
  }
  const found = addon.info().version;
  const expected = packageVersion();
  if (found === expected) return addon;
  failures.push(`${request} has version ${found} where ${expected} is expected`);
  return undefined;
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { version: string };
  return version;
}
