/**
 * llama.cpp's own llama-perplexity and llama-quantize, built once from the sources inside node-llama-cpp into build/llama-tools: as
 * llama.cpp builds by default (Release, for this machine's processor), CPU only.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildFailure, missing, missingIn } from "../scripts/build-failure.mjs";
import { cloneLlamaSource, nodeLlamaCppVersion } from "../scripts/llama-source.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const nodeLlamaCpp = join(root, "node_modules", "node-llama-cpp");
const folder = join(root, "build", "llama-tools");
const programs = ["llama-perplexity", "llama-quantize"];

/** Nothing that these programs do not need, and nothing that looks for the network. */
const definitions = ["CMAKE_BUILD_TYPE=Release", "GGML_NATIVE=ON", "BUILD_SHARED_LIBS=OFF", "GGML_CCACHE=OFF", "LLAMA_OPENSSL=OFF", "LLAMA_BUILD_TOOLS=ON"].concat(
  ["TESTS", "EXAMPLES", "SERVER", "APP", "UI"].map((part) => `LLAMA_BUILD_${part}=OFF`),
);

function cmake(args) {
  const { status, error, stdout, stderr } = spawnSync("cmake", args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (error?.code === "ENOENT") throw missing("CMake");
  if (status === 0) return;
  const output = `${stdout}${stderr}`.trim();
  throw missingIn(output) ?? new BuildFailure(`cmake ${args[0]} failed: ${output.split("\n").slice(-5).join(" / ")}`);
}

/**
 * @returns {perplexity, quantize}: paths of the programs; or {unavailable}: a sentence with the reason, where git, CMake or a compiler is missing
 */
export function llamaTools() {
  const [perplexity, quantize] = programs.map((name) => join(folder, "bin", process.platform === "win32" ? `${name}.exe` : name));
  try {
    const version = nodeLlamaCppVersion(nodeLlamaCpp);
    const stamp = join(folder, "node-llama-cpp-version");
    if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== version) {
      console.error("Building llama-perplexity and llama-quantize, once; this takes minutes.");
      const source = join(root, "build", "llama-tools-source");
      cloneLlamaSource(nodeLlamaCpp, source);
      cmake(["-S", source, "-B", folder, ...definitions.map((definition) => `-D${definition}`)]);
      cmake(["--build", folder, "--config", "Release", "--parallel", String(availableParallelism()), "--target", ...programs]);
      rmSync(source, { recursive: true, force: true });
      writeFileSync(stamp, version);
    }
    return { perplexity, quantize };
  } catch (error) {
    if (!(error instanceof BuildFailure)) throw error;
    return { unavailable: error.message };
  }
}
