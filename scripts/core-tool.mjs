/** Builds a program of the native core's own (tests, benchmarks) with CMake and runs it. Used by the scripts beside it. */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @param target the CMake target, which is also the program's name
 * @param folder build folder under build/
 * @param definitions CMake definitions, NAME=value
 * @param args of the program
 * Ends the process with exit code 1 where a step fails.
 */
export function runCoreTool(target, folder, definitions, args) {
  const build = join(root, "build", folder);
  run("cmake", ["-S", root, "-B", build, "-DLLMAP_CORE_TOOLS=ON", ...definitions.map((definition) => `-D${definition}`)]);
  run("cmake", ["--build", build, "--target", target, "--parallel", String(availableParallelism())]);
  run(join(build, target), args, { stdio: "inherit" });
}

function run(command, args, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", ...options });
  if (status === 0) return;
  console.error(`${stdout ?? ""}${stderr ?? ""}`.trim());
  console.error(`Failed: ${[command, ...args].join(" ")}${error ? ` (${error.message})` : ""}`);
  process.exit(1);
}
