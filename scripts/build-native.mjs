/**
 * Builds the native addon: build/Release/llmap.node, for this machine. Downloads nothing. Usage:
 *   node scripts/build-native.mjs
 *   node scripts/build-native.mjs --release    for other machines of this platform: build/prebuilt/<platform>/llmap.node, with OpenBLAS
 *                                              inside: the one in build/openblas (scripts/build-openblas.sh), else the system's static one
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BuildFailure, missingIn } from "./build-failure.mjs";
import { cloneLlamaSource, nodeLlamaCppVersion } from "./llama-source.mjs";
import { macosFloor, prebuiltAddon, thisPlatform } from "./platforms.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(join(root, "package.json"));
const { version, dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** The folder of an installed package. By path: not every package exports its package.json. */
function packageFolder(name) {
  const folder = (require.resolve.paths(name) ?? []).map((modules) => join(modules, name)).find((path) => existsSync(join(path, "package.json")));
  if (folder !== undefined) return folder;
  const wanted = { ...dependencies, ...devDependencies }[name];
  throw new BuildFailure(`the package ${name} is missing. Install it with: npm install --no-save ${name}@${wanted}`);
}

/** The public headers of llama.cpp, extracted once per version of node-llama-cpp. */
function extractLlamaHeaders(nodeLlamaCpp) {
  const release = nodeLlamaCppVersion(nodeLlamaCpp);
  const target = join(root, "build", "llama-headers");
  const stamp = join(target, "node-llama-cpp-version");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === release) return target;

  const clone = join(root, "build", "llama-source");
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  cloneLlamaSource(nodeLlamaCpp, clone);
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
function runCmakeJs(bin, args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: root, encoding: "utf8" });
  const output = `${stdout}${stderr}`;
  if (status === 0) {
    const warnings = output.split("\n").filter((line) => /warning:/i.test(line));
    if (warnings.length > 0) console.error(warnings.join("\n"));
    return;
  }
  const missingTool = missingIn(output);
  if (missingTool !== null) throw missingTool;
  console.error(output.trim());
  throw new BuildFailure(`cmake-js ${args[0]} failed, as shown above.`);
}

/** Builds for this machine: build/Release/llmap.node. */
function buildLocal(cmakeJs) {
  cmakeJs("configure", []);
  cmakeJs("build", ["--parallel", String(availableParallelism())]);
  return join("build", "Release", "llmap.node");
}

/** Builds for other machines: build/prebuilt/<platform>/llmap.node. */
function buildRelease(cmakeJs) {
  const out = join(root, "build", "prebuilt", "cmake");
  const openblas = join(root, "build", "openblas");
  cmakeJs("configure", [
    "--out", out, "--CDLLMAP_RELEASE=ON",
    ...(existsSync(openblas) ? [`--CDCMAKE_PREFIX_PATH=${openblas}`] : []),
    ...(process.platform === "darwin" ? [`--CDCMAKE_OSX_DEPLOYMENT_TARGET=${macosFloor}`] : []),
  ]);
  cmakeJs("build", ["--out", out, "--parallel", String(availableParallelism())]);
  const target = prebuiltAddon(thisPlatform);
  mkdirSync(join(root, dirname(target)), { recursive: true });
  cpSync(join(out, "Release", "llmap.node"), join(root, target));
  return target;
}

try {
  const { values } = parseArgs({ options: { release: { type: "boolean", default: false } } });
  const cmakeJsPackage = packageFolder("cmake-js");
  packageFolder("node-addon-api");
  const headers = extractLlamaHeaders(packageFolder("node-llama-cpp"));

  const bin = join(cmakeJsPackage, "bin", "cmake-js");
  // Visual Studio has another compiler by default; see CMakeLists.txt.
  const common = [`--CDLLMAP_VERSION=${version}`, `--CDLLMAP_LLAMA_HEADERS=${headers}`, ...(process.platform === "win32" ? ["--toolset", "ClangCL"] : [])];
  const step = (command, args) => runCmakeJs(bin, [command, ...common, ...args]);
  const built = values.release ? buildRelease(step) : buildLocal(step);
  console.log(`Built ${built} (version ${version}).`);
} catch (error) {
  if (error.code?.startsWith("ERR_PARSE_ARGS")) console.error(`${error.message}\nUsage: node scripts/build-native.mjs [--release]`);
  else if (error instanceof BuildFailure) console.error(`Cannot build the native addon: ${error.message}`);
  else throw error;
  process.exitCode = 1;
}
