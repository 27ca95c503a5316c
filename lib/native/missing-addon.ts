/** What to say where no native addon can be loaded: what was looked for, what was found, and the commands that help. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describePlatform, glibcFloor, isBelowFloor, prebuiltPlatforms, type Platform } from "./platform.js";

export interface MissingAddon {
  /** The package's folder. */
  root: string;
  version: string;
  platform: Platform;
  /** One for each place that was looked at: its name and why it was of no use. */
  failures: readonly string[];
  /** Packages of other platforms that are installed. */
  otherPackages: readonly string[];
}

/** Several lines, the first of which says what is wrong. */
export function missingAddonMessage(missing: MissingAddon): string {
  const { platform, failures, otherPackages } = missing;
  return [
    `Could not load the native addon for ${describePlatform(platform)}. Looked for:`,
    ...failures.map((failure) => `- ${failure}`),
    ...(otherPackages.length > 0 ? [`Found packages of other platforms only: ${otherPackages.join(", ")}.`] : []),
    "Possible solutions:",
    ...solutions(missing).map((solution) => `- ${solution}`),
    "docs/install.md says more.",
  ].join("\n");
}

function solutions({ root, version, platform, failures }: MissingAddon): string[] {
  // A clone has scripts that the published package lacks.
  if (existsSync(join(root, "scripts", "setup.sh"))) {
    return ["In this clone, install what is missing and build the addon: bash scripts/setup.sh", "If the tools are there, build it alone: npm run build:native"];
  }
  const build = `Build it here, which takes a C++ compiler, CMake, git and OpenBLAS: ${buildCommands(root)}`;
  if (!prebuiltPlatforms.some((name) => name === platform.name)) return [`Packages exist for ${prebuiltPlatforms.join(", ")}. ${build}`];
  if (platform.libc === "musl") {
    return [
      `Use a system with glibc ${glibcFloor} or later, for example the image node:22-slim instead of node:22-alpine: node-llama-cpp has no binaries for musl`,
      `With llama.cpp built for musl by node-llama-cpp: ${build}`,
    ];
  }
  const prebuilt = `@llmap-native/${platform.name}`;
  const target = `--os=${process.platform} --cpu=${process.arch}${platform.libc === null ? "" : ` --libc=${platform.libc}`}`;
  const isThere = failures.some((failure) => failure.startsWith(prebuilt) && !failure.includes("Cannot find module"));
  return [
    ...(platform.glibc !== null && isBelowFloor(platform.glibc)
      ? [`Use a system with glibc ${glibcFloor} or later (Debian 12, Ubuntu 22.04, Fedora 35, RHEL 9): node-llama-cpp's binaries need it`]
      : []),
    ...(isThere ? [`Install it anew in the version that fits: npm install ${prebuilt}@${version}`] : []),
    `If optional packages were left out (--omit=optional, --no-optional): npm install --include=optional llmap-native@${version}`,
    `If node_modules or the lock file come from another platform: npm install ${target} llmap-native@${version}`,
    build,
  ];
}

function buildCommands(root: string): string {
  const { devDependencies = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { devDependencies?: Record<string, string> };
  const tools = ["cmake-js", "node-addon-api"].map((name) => `${name}@${devDependencies[name] ?? "latest"}`).join(" ");
  return `npm install --no-save ${tools} && node ${join(root, "scripts", "build-native.mjs")}`;
}
