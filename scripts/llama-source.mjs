/**
 * The sources of the llama.cpp release that node-llama-cpp's binaries were built from: a git bundle in that package, with its patches
 * applied. Nothing is downloaded.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BuildFailure, missing } from "./build-failure.mjs";

/** Version of node-llama-cpp in a package folder. */
export function nodeLlamaCppVersion(nodeLlamaCpp) {
  return JSON.parse(readFileSync(join(nodeLlamaCpp, "package.json"), "utf8")).version;
}

/**
 * Clones the bundle and applies the patches.
 * @param nodeLlamaCpp folder of the package node-llama-cpp
 * @param target folder of the sources; replaced where it exists
 * Throws BuildFailure where git is missing or fails.
 */
export function cloneLlamaSource(nodeLlamaCpp, target) {
  const git = (...args) => {
    try {
      execFileSync("git", args, { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
    } catch (error) {
      if (error.code === "ENOENT") throw missing("git");
      throw new BuildFailure(`llama.cpp's sources cannot be taken from ${nodeLlamaCpp}: git ${args[0]} failed: ${error.stderr.trim()}`);
    }
  };
  rmSync(target, { recursive: true, force: true });
  git("clone", "--quiet", "--depth", "1", join(nodeLlamaCpp, "llama", "gitRelease.bundle"), target);
  const patches = join(nodeLlamaCpp, "llama", "patches");
  for (const patch of existsSync(patches) ? readdirSync(patches).sort() : []) {
    if (patch.endsWith(".diff")) git("-C", target, "apply", join(patches, patch));
  }
}
