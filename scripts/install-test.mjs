/**
 * Installs the packed packages as a user would, on a machine that has only Node: into an empty folder, with install scripts off and neither
 * compiler, CMake, Python nor git in PATH. Then maps the demo models and runs programs against the API. Needs the network, for the
 * dependencies. Usage: node scripts/install-test.mjs --packages DIR [--manager npm|pnpm|yarn]
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { packedPackages, startRegistry } from "./local-registry.mjs";
import { managers } from "./package-managers.mjs";
import { runNpm } from "./npm.mjs";
import { packageName, thisPlatform } from "./platforms.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const programs = join(root, "scripts", "install-test");
const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
/** What a user has besides a package manager; no compiler, no make, no CMake, no Python, no git. */
const tools = ["sh", "env", "uname", "cat", "ls", "mkdir", "rm", "cp", "sed", "dirname", "basename", "readlink", "getconf", "ldd", "tar", "gzip"];
const forbidden = ["cc", "gcc", "g++", "clang", "make", "ninja", "cmake", "python", "python3", "git"];

class InstallTestFailure extends Error {}

function expect(condition, message) {
  if (!condition) throw new InstallTestFailure(message);
}

/** A folder that is the whole PATH: links to Node, its package manager and the tools above. */
function searchPath(folder, manager) {
  if (process.platform === "win32") return [dirname(process.execPath), manager.bin, join(process.env.SystemRoot, "System32")].filter(Boolean).join(delimiter);
  mkdirSync(folder);
  symlinkSync(process.execPath, join(folder, "node"));
  for (const name of tools) {
    const path = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
    if (path.startsWith("/")) symlinkSync(path, join(folder, name));
  }
  for (const [name, path] of Object.entries(manager.commands)) symlinkSync(path, join(folder, name));
  const found = forbidden.filter((name) => existsSync(join(folder, name)));
  expect(found.length === 0, `${found.join(", ")} must not be in PATH`);
  return folder;
}

/** This process's environment without what npm adds for its scripts. */
function plainEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|node_path$|node_options$|init_cwd$)/i.test(name)));
}

/** Runs commands in a folder, asynchronously, since the registry answers from this process; resolves with what they print. */
function runner(folder, env) {
  return (title, [command, ...args]) =>
    new Promise((resolve, reject) => {
      const start = performance.now();
      const child = spawn(command, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"], shell: process.platform === "win32" });
      const output = { stdout: "", stderr: "" };
      for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
      const fail = (reason) => {
        console.error(`${output.stdout}${output.stderr}`);
        reject(new InstallTestFailure(`${title} failed: ${command} ${args.join(" ")}: ${reason}`));
      };
      child.on("error", ({ message }) => fail(message)).on("close", (code, signal) => {
        if (code !== 0) return fail(signal ?? `exit code ${code}`);
        console.log(`ok  ${title} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
        resolve(output.stdout);
      });
    });
}

function bytesIn(folder) {
  const entry = statSync(folder);
  return entry.isDirectory() ? readdirSync(folder).reduce((sum, name) => sum + bytesIn(join(folder, name)), 0) : entry.size;
}

/** Says how much of the disk our packages take, where they are found from the main one. */
function printSizes(folder) {
  const main = realpathSync(join(folder, "node_modules", "llmap-native"));
  const addon = realpathSync(dirname(createRequire(join(main, "package.json")).resolve(`${packageName(thisPlatform)}/package.json`)));
  const megabytes = (path) => (bytesIn(path) / 1e6).toFixed(1);
  console.log(`    llmap-native ${megabytes(main)} MB (of which demo ${megabytes(join(main, "demo"))} MB), ${packageName(thisPlatform)} ${megabytes(addon)} MB`);
}

async function testCommandLine(run, exec, folder) {
  const { facts, problems } = JSON.parse(await run("doctor", exec("llmap-native", "doctor", "--gpu", "off", "--json")));
  const addon = facts.find(({ name }) => name === "addon")?.value;
  expect(addon === packageName(thisPlatform), `doctor says that the addon is ${addon}`);
  expect(problems.length === 0, `doctor found: ${problems.join(" ")}`);
  const events = (await run("run maps the demo models", exec("llmap-native", "run", "--gpu", "off", "--json"))).trim().split("\n").map((line) => JSON.parse(line));
  const portable = events.find(({ event, message }) => event === "warning" && message.includes("portable scorer"));
  expect(portable === undefined, `the native scorer was not used: ${portable?.message}`);
  for (const file of ["map.arrow", "kl.arrow", "report.html", "map.svg"]) expect(existsSync(join(folder, "llmap-out", file)), `run has not written ${file}`);
  await run("export", exec("llmap-native", "export", "--to", "exported", "--what", "kl", "--format", "csv"));
  const rows = readFileSync(join(folder, "exported", "kl.csv"), "utf8").trim().split("\n");
  expect(rows.length === 13, `expected the 12 demo models in kl.csv but found ${rows.length - 1} rows`);
}

/** Programs of a user's, with what each must print. */
async function testPrograms(run, exec, folder) {
  for (const file of readdirSync(programs)) writeFileSync(join(folder, file), readFileSync(join(programs, file)));
  const texts = readFileSync(join(folder, "node_modules", "llmap-native", "demo", "texts.jsonl"), "utf8").split("\n").slice(0, 12);
  writeFileSync(join(folder, "texts.jsonl"), texts.join("\n"));
  const expected = "base-q8_0 is nearest to base-q4_0";
  const check = async (title, command) => {
    const output = await run(title, command);
    expect(output.includes(expected), `${title} printed ${JSON.stringify(output)} where "${expected}" was expected`);
  };
  await check("ES module", ["node", "program.mjs"]);
  await check("CommonJS, import()", ["node", "program.cjs"]);
  for (const resolution of ["node16", "bundler"]) {
    await run(`TypeScript, moduleResolution ${resolution}`, exec("tsc", "-p", `tsconfig.${resolution}.json`));
    await check(`what it compiled, ${resolution}`, ["node", `built-${resolution}/program.js`]);
  }
}

async function testInstall(packages, managerName) {
  const work = realpathSync(mkdtempSync(join(tmpdir(), "llmap-native-install-")));
  const upstream = runNpm(["config", "get", "registry"]).trim();
  const registry = await startRegistry(packages, upstream);
  try {
    const manager = await managers[managerName](join(work, "manager"));
    const folder = join(work, "project");
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "project", private: true, type: "module", ...manager.manifest }));
    for (const [file, text] of Object.entries(manager.files?.(registry.address) ?? {})) writeFileSync(join(folder, file), text);
    const env = { ...plainEnvironment(), PATH: searchPath(join(work, "bin"), manager), CI: "true", ...manager.env(registry.address, work) };
    const run = runner(folder, env);
    const install = (...names) => run(`${managerName} installs ${names.join(" ")}`, manager.add(names));
    const { version } = packedPackages(packages).find(({ manifest }) => manifest.name === "llmap-native").manifest;
    await install(`llmap-native@${version}`);
    printSizes(folder);
    await install(`typescript@${devDependencies.typescript}`, `@types/node@${devDependencies["@types/node"]}`);
    await testCommandLine(run, manager.exec, folder);
    await testPrograms(run, manager.exec, folder);
  } finally {
    registry.close();
    rmSync(work, { recursive: true, force: true });
  }
}

try {
  const names = Object.keys(managers);
  const { values } = parseArgs({ options: { packages: { type: "string" }, manager: { type: "string", default: "npm" } } });
  if (values.packages === undefined) throw new InstallTestFailure("Usage: node scripts/install-test.mjs --packages DIR [--manager npm|pnpm|yarn]");
  if (!names.includes(values.manager)) throw new InstallTestFailure(`Expected one of ${names.join(", ")} for --manager but received ${values.manager}.`);
  if (!existsSync(values.packages)) throw new InstallTestFailure(`There is no folder ${values.packages}; make it with: npm run pack:all -- --out ${values.packages}`);
  await testInstall(resolve(values.packages), values.manager);
} catch (error) {
  if (!(error instanceof InstallTestFailure) && !error.code?.startsWith("ERR_PARSE_ARGS")) throw error;
  console.error(`install-test: ${error.message}`);
  process.exitCode = 1;
}
