/**
 * Builds the native addon: build/Release/llmap.node. Downloads nothing. Usage: node scripts/build-native.mjs
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildFailure, missingIn } from "./build-failure.mjs";
import { cloneLlamaSource, nodeLlamaCppVersion } from "./llama-source.mjs";

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
function cmakeJs(bin, args) {
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
  console.error(`Cannot build the native addon: ${error.message}`);
  process.exitCode = 1;
}
