/**
 * Builds the native addon: build/Release/llmap.node. Downloads nothing. Usage: node scripts/build-native.mjs
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(join(root, "package.json"));
const { version, dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** One line on stderr, exit 1. */
class BuildFailure extends Error {}

const installHint = {
  "a C++ compiler": ["sudo apt-get install -y g++", "xcode-select --install"],
  CMake: ["sudo apt-get install -y cmake", "brew install cmake"],
  git: ["sudo apt-get install -y git", "xcode-select --install"],
  make: ["sudo apt-get install -y make", "xcode-select --install"],
  OpenBLAS: ["sudo apt-get install -y libopenblas-dev", "brew install openblas"],
};

/** What cmake-js and CMake print where a tool is missing. */
const signsOfMissing = [
  [/C\+\+ Compiler toolset is not available|No CMAKE_CX?X?_COMPILER could be found/i, "a C++ compiler"],
  [/CMake executable is not found|CMake is not installed/i, "CMake"],
  [/CMAKE_MAKE_PROGRAM is not set|unable to find a build program/i, "make"],
  [/Missing: OpenBLAS/, "OpenBLAS"],
];

function missing(tool) {
  const [apt, brew] = installHint[tool];
  const command = process.platform === "darwin" ? brew : apt;
  return new BuildFailure(`Cannot build the native addon: ${tool} is missing. Install it with: ${command}`);
}

/** The folder of an installed package. By path: not every package exports its package.json. */
function packageFolder(name) {
  const folder = (require.resolve.paths(name) ?? []).map((modules) => join(modules, name)).find((path) => existsSync(join(path, "package.json")));
  if (folder !== undefined) return folder;
  const wanted = { ...dependencies, ...devDependencies }[name];
  throw new BuildFailure(`Cannot build the native addon: the package ${name} is missing. Install it with: npm install --no-save ${name}@${wanted}`);
}

/**
 * The public headers of the llama.cpp release that node-llama-cpp's binaries were built from: from the git bundle in that
 * package, with its patches applied. Extracted once per version of node-llama-cpp.
 */
function extractLlamaHeaders(nodeLlamaCpp) {
  const { version: release } = JSON.parse(readFileSync(join(nodeLlamaCpp, "package.json"), "utf8"));
  const target = join(root, "build", "llama-headers");
  const stamp = join(target, "node-llama-cpp-version");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === release) return target;

  const clone = join(root, "build", "llama-source");
  rmSync(clone, { recursive: true, force: true });
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const git = (...args) => {
    try {
      execFileSync("git", args, { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
    } catch (error) {
      if (error.code === "ENOENT") throw missing("git");
      throw new BuildFailure(`Cannot extract llama.cpp's headers from ${nodeLlamaCpp}: git ${args[0]} failed: ${error.stderr.trim()}`);
    }
  };
  git("clone", "--quiet", "--depth", "1", join(nodeLlamaCpp, "llama", "gitRelease.bundle"), clone);
  const patches = join(nodeLlamaCpp, "llama", "patches");
  for (const patch of existsSync(patches) ? readdirSync(patches).sort() : []) {
    if (patch.endsWith(".diff")) git("-C", clone, "apply", join(patches, patch));
  }
  for (const folder of ["include", join("ggml", "include")]) {
    for (const file of readdirSync(join(clone, folder))) {
      if (file.endsWith(".h")) cpSync(join(clone, folder, file), join(target, file));
    }
  }
  rmSync(clone, { recursive: true, force: true });
  writeFileSync(stamp, release);
  return target;
}

/** Runs a cmake-js command. On failure the error is one line where the reason is known, else the tool's own output. */
function cmakeJs(bin, args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: root, encoding: "utf8" });
  if (status === 0) {
    const warnings = `${stdout}${stderr}`.split("\n").filter((line) => /warning:/i.test(line));
    if (warnings.length > 0) console.error(warnings.join("\n"));
    return;
  }
  const output = `${stdout}${stderr}`;
  for (const [sign, tool] of signsOfMissing) {
    if (sign.test(output)) throw missing(tool);
  }
  console.error(output.trim());
  throw new BuildFailure(`Cannot build the native addon: cmake-js ${args[0]} failed, as shown above.`);
}

try {
  const cmakeJsPackage = packageFolder("cmake-js");
  packageFolder("node-addon-api");
  const headers = extractLlamaHeaders(packageFolder("node-llama-cpp"));

  const bin = join(cmakeJsPackage, "bin", "cmake-js");
  cmakeJs(bin, ["configure", `--CDLLMAP_VERSION=${version}`, `--CDLLMAP_LLAMA_HEADERS=${headers}`]);
  cmakeJs(bin, ["build", "--parallel", String(availableParallelism())]);
  console.log(`Built ${join("build", "Release", "llmap.node")} (version ${version}).`);
} catch (error) {
  if (!(error instanceof BuildFailure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
