/** Builds a program of the native core's own (tests, benchmarks) with CMake. Used by the scripts beside it and by bench/. */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @param target the CMake target, which is also the program's name
 * @param folder build folder under build/
 * @param definitions CMake definitions, NAME=value
 * @returns the path of the program
 * Ends the process with exit code 1 where a step fails.
 */
export function buildCoreTool(target, folder, definitions) {
  const build = join(root, "build", folder);
  run("cmake", ["-S", root, "-B", build, "-DLLMAP_CORE_TOOLS=ON", ...definitions.map((definition) => `-D${definition}`)]);
  run("cmake", ["--build", build, "--target", target, "--parallel", String(availableParallelism())]);
  return join(build, target);
}

/** Runs a program; its output is shown where `options` says so ({stdio: "inherit"}), else returned. Ends the process where it fails. */
export function run(command, args, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", ...options });
  if (status === 0) return stdout;
  console.error(`${stdout ?? ""}${stderr ?? ""}`.trim());
  console.error(`Failed: ${[command, ...args].join(" ")}${error ? ` (${error.message})` : ""}`);
  process.exit(1);
}
