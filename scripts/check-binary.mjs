/**
 * Checks an addon that is to be published: it may need nothing but the system's own C library, exports nothing but its entry points, and
 * chooses its kernels at run time. Usage: node scripts/check-binary.mjs FILE [--glibc 2.28] [--max-mib 32]
 * On the platform that it is for it is loaded too, and asked. Exit code 1 where something is wrong, each fault in a line.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BinaryError, binaryFacts, compareVersions } from "./binary-facts.mjs";
import { macosFloor, thisPlatform } from "./platforms.mjs";

const usage = "Usage: node scripts/check-binary.mjs FILE [--glibc 2.28] [--max-mib 32]";
const entryPoints = ["napi_register_module_v1", "node_api_module_get_api_version_v1"];
/** What every machine of the system has. */
const systemLibraries = {
  linux: /^(lib(c|m|dl|pthread|rt)\.so\.\d+|ld-linux.*)$/,
  darwin: /^(\/usr\/lib\/lib(System\.B|c\+\+\.1)\.dylib|\/System\/Library\/Frameworks\/Accelerate\.framework\/.*)$/,
  win32: /^(kernel32\.dll|node\.exe)$/i,
};
const kernels = { x64: ["avx512", "avx2", "scalar"], arm64: ["neon", "scalar"] };
/** Processors, by OpenBLAS's names, whose kernels it must have; none of them is chosen without dispatch. */
const openblasCores = { x64: ["Nehalem", "Haswell"], arm64: ["armv8", "neoversen1"] };

/**
 * @param file path of the addon
 * @param limits `glibc`: the newest version that it may need, or null; `maximumBytes`
 * @returns {{facts: import("./binary-facts.mjs").BinaryFacts, faults: string[], notes: string[]}}
 * Throws BinaryError where it cannot be read.
 */
export function checkBinary(file, { glibc = null, maximumBytes = 32 * 2 ** 20 } = {}) {
  const facts = binaryFacts(file);
  const [system, cpu] = facts.platform.split("-");
  const faults = [];

  const stray = facts.libraries.filter((name) => !systemLibraries[system].test(name));
  if (stray.length > 0) faults.push(`it needs ${stray.join(", ")}, which not every machine has: link them statically`);
  const foreign = facts.exported.filter((name) => !entryPoints.includes(name));
  if (foreign.length > 0) faults.push(`it exports ${some(foreign)}, which could be taken for another library's in the same process: hide them`);
  if (!facts.exported.includes(entryPoints[0])) faults.push(`it does not export ${entryPoints[0]}: it is no addon of Node-API`);
  const unresolved = facts.unresolved.filter((name) => !/^n(ode_)?api_/.test(name));
  if (stray.length === 0 && unresolved.length > 0) faults.push(`nothing provides ${some(unresolved)}`);
  if (glibc !== null && system === "linux" && facts.floor !== null && compareVersions(facts.floor, glibc) > 0) {
    faults.push(`it needs glibc ${facts.floor}, and ${glibc} is the newest that it may need: build it on an older system`);
  }
  if (system === "darwin" && facts.floor !== null && compareVersions(facts.floor, macosFloor) > 0) {
    faults.push(`it needs macOS ${facts.floor}, and ${macosFloor} is the newest that it may need`);
  }
  if (facts.executableStack) faults.push("it asks for an executable stack, which newer systems refuse");
  if (facts.bytes > maximumBytes) faults.push(`it has ${mib(facts.bytes)} MiB, and ${mib(maximumBytes)} is the limit`);

  if (system !== "darwin") faults.push(...missingOpenblasKernels(file, cpu));
  const notes = [];
  if (facts.platform !== thisPlatform) notes.push(`not loaded: it is for ${facts.platform}, and this is ${thisPlatform}`);
  else if (faults.length === 0) faults.push(...faultsWhenLoaded(file, system, cpu, notes));
  return { facts, faults, notes };
}

const mib = (bytes) => (bytes / 2 ** 20).toFixed(1);
const some = (names) => `${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;

/** By OpenBLAS's own strings, which also a stripped binary has. */
function missingOpenblasKernels(file, cpu) {
  const bytes = readFileSync(file);
  if (!bytes.includes("OpenBLAS")) return ["it has no OpenBLAS inside"];
  if (!bytes.includes("DYNAMIC_ARCH")) return ["its OpenBLAS has the kernels of one processor only: build that with DYNAMIC_ARCH=1"];
  const missing = openblasCores[cpu].filter((core) => !bytes.includes(core));
  return missing.length === 0 ? [] : [`its OpenBLAS has no kernels for ${missing.join(", ")}`];
}

/** What the addon answers in a process of its own, with OpenBLAS told to take this processor for others. */
function faultsWhenLoaded(file, system, cpu, notes) {
  const faults = [];
  const ask = (env) => {
    const options = { encoding: "utf8", env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] };
    return JSON.parse(execFileSync(process.execPath, ["-e", probe, resolve(file)], options));
  };
  try {
    const { info, sums } = ask({});
    const lacking = kernels[cpu].filter((name) => !info.simdCompiled.includes(name));
    if (lacking.length > 0) faults.push(`it has no kernels for ${lacking.join(", ")}`);
    for (const [level, sum] of Object.entries(sums)) {
      if (!(Math.abs(sum + Math.log(64)) < 1e-6)) faults.push(`its ${level} kernel gives ${sum} for -log 64`);
    }
    notes.push(`kernels ${info.simdCompiled.join(", ")}; run here: ${Object.keys(sums).join(", ")}`);
    if (system === "darwin") return faults;
    for (const core of openblasCores[cpu]) {
      const { blas } = ask({ OPENBLAS_CORETYPE: core }).info;
      if (!blas.toLowerCase().includes(core.toLowerCase())) faults.push(`its OpenBLAS does not choose its kernels by the processor: it is "${blas}" where ${core} was asked for`);
    }
    notes.push(info.blas);
  } catch (error) {
    faults.push(`it cannot be loaded: ${(error.stderr ?? error.message).split("\n").find((line) => /error/i.test(line)) ?? error.message}`);
  }
  return faults;
}

const probe = `
const addon = require(process.argv[1]);
const info = addon.info();
(async () => {
  const sums = {};
  for (const simd of info.simdAvailable) {
    const out = new Float64Array(1);
    await addon.logSoftmaxGather(new Float32Array(64), 64, new Int32Array([5]), out, { threads: 1, simd });
    sums[simd] = out[0];
  }
  console.log(JSON.stringify({ info, sums }));
})();`;

function main() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { glibc: { type: "string" }, "max-mib": { type: "string", default: "32" } } });
  const [file] = positionals;
  if (positionals.length !== 1 || !existsSync(file)) throw new BinaryError(positionals.length === 1 ? `There is no file ${file}.` : usage);
  if (values.glibc !== undefined && !/^\d+\.\d+$/.test(values.glibc)) throw new BinaryError(`Expected a version such as 2.28 for --glibc but received ${values.glibc}.`);
  if (!(Number(values["max-mib"]) > 0)) throw new BinaryError(`Expected a number above 0 for --max-mib but received ${values["max-mib"]}.`);
  const { facts, faults, notes } = checkBinary(file, { glibc: values.glibc ?? null, maximumBytes: Number(values["max-mib"]) * 2 ** 20 });
  const floor = facts.floor === null ? "" : `, ${facts.platform.startsWith("linux") ? "glibc" : "macOS"} ${facts.floor} or later`;
  console.log(`${file}: ${facts.platform}, ${mib(facts.bytes)} MiB${floor}; needs ${facts.libraries.join(", ") || "no library"}`);
  for (const note of notes) console.log(`  ${note}`);
  for (const fault of faults) console.error(`check-binary: ${file}: ${fault}.`);
  if (faults.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main();
  } catch (error) {
    if (!(error instanceof BinaryError) && !error.code?.startsWith("ERR_PARSE_ARGS")) throw error;
    console.error(`check-binary: ${error.message}`);
    process.exitCode = 1;
  }
}
