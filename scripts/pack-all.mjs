/**
 * Packs the main package and a package for each platform whose addon is there, as they are to be published. Usage:
 *   npm run pack:all -- --out DIR [--all]
 * The addon of this platform is built by build-native.mjs --release, unless one that was built elsewhere lies in build/prebuilt/<platform>, as
 * those of other platforms must. --all: all platforms must be there. dist/ is neither read nor changed: the TypeScript is built anew.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BinaryError } from "./binary-facts.mjs";
import { checkBinary } from "./check-binary.mjs";
import { runNpm } from "./npm.mjs";
import { componentsOf, platformManifest, platformReadme } from "./platform-package.mjs";
import { packageName, platforms, prebuiltAddon, thisPlatform } from "./platforms.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const clone = (...path) => join(root, ...path);
const main = JSON.parse(readFileSync(clone("package.json"), "utf8"));
/** Commands that work in an installed package; the others belong to a clone. */
const packedScripts = ["build:native"];
/** What a build from source needs beyond the dependencies. */
const buildDependencies = ["cmake-js", "node-addon-api"];

class PackFailure extends Error {}

const pick = (object, names) => Object.fromEntries(names.map((name) => [name, object[name]]));
const writeJson = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
const runNode = (...args) => execFileSync(process.execPath, args, { cwd: root, stdio: "inherit" });

/** The main package.json as it is published: with the platforms' packages, which a clone does not want since it builds its own addon. */
function mainManifest() {
  const published = {
    ...main,
    scripts: pick(main.scripts, packedScripts),
    optionalDependencies: Object.fromEntries(platforms.map(({ name }) => [packageName(name), main.version])),
    devDependencies: pick(main.devDependencies, buildDependencies),
  };
  delete published.private; // which keeps a clone from being published as it is
  delete published.allowScripts;
  return published;
}

function stageMain(folder) {
  runNode(clone("node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json", "--outDir", join(folder, "dist"));
  runNode(clone("scripts", "build-page.mjs"), join(folder, "dist"));
  for (const command of Object.values(main.bin)) chmodSync(join(folder, command), 0o755);
  for (const path of [...main.files.filter((path) => path !== "dist"), "README.md", "LICENSE"]) cpSync(clone(path), join(folder, path), { recursive: true });
  writeJson(join(folder, "package.json"), mainManifest());
}

function stagePlatform(platform, folder) {
  const addon = clone(prebuiltAddon(platform.name));
  const { facts, faults } = checkBinary(addon);
  if (facts.platform !== platform.name) throw new PackFailure(`${prebuiltAddon(platform.name)} is for ${facts.platform}.`);
  if (faults.length > 0) throw new PackFailure(`${prebuiltAddon(platform.name)}: ${faults.join("; ")}.`);
  cpSync(addon, join(folder, "llmap.node"));
  cpSync(clone("LICENSE"), join(folder, "LICENSE"));
  mkdirSync(join(folder, "LICENSES"));
  for (const { name, file } of componentsOf(platform)) cpSync(clone(file), join(folder, "LICENSES", `${name.replaceAll(" ", "-")}.txt`));
  writeFileSync(join(folder, "README.md"), platformReadme(main, platform, facts.floor));
  writeJson(join(folder, "package.json"), platformManifest(main, platform, facts.floor));
}

/** Builds this platform's addon, unless there is one that was brought here. */
function ensureOwnAddon() {
  if (!platforms.some(({ name }) => name === thisPlatform)) return;
  const broughtHere = existsSync(clone(prebuiltAddon(thisPlatform))) && !existsSync(clone("build", "prebuilt", "cmake"));
  if (!broughtHere) runNode(clone("scripts", "build-native.mjs"), "--release");
}

function packAll(out, all) {
  ensureOwnAddon();
  const present = platforms.filter(({ name }) => existsSync(clone(prebuiltAddon(name))));
  const absent = platforms.filter((platform) => !present.includes(platform)).map(({ name }) => name);
  if (all && absent.length > 0) throw new PackFailure(`--all needs every platform's addon; missing: ${absent.map(prebuiltAddon).join(", ")}.`);

  mkdirSync(out, { recursive: true });
  for (const file of readdirSync(out)) if (/^llmap-native-.*\.tgz$/.test(file)) rmSync(join(out, file));
  const staging = mkdtempSync(join(tmpdir(), "llmap-native-pack-"));
  try {
    const addons = present.map((platform) => ({ name: packageName(platform.name), stage: (folder) => stagePlatform(platform, folder) }));
    const packages = [{ name: main.name, stage: stageMain }, ...addons];
    for (const { name, stage } of packages) {
      const folder = join(staging, basename(name));
      mkdirSync(folder);
      stage(folder);
      const [packed] = JSON.parse(runNpm(["pack", "--json", "--ignore-scripts", "--pack-destination", out], { cwd: folder }));
      console.log(`${join(out, packed.filename)}: ${megabytes(packed.size)} MB, unpacked ${megabytes(packed.unpackedSize)} MB, ${packed.entryCount} files`);
    }
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  if (absent.length > 0) console.log(`Without an addon here, and so not packed: ${absent.join(", ")}`);
}

const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

try {
  const { values } = parseArgs({ options: { out: { type: "string" }, all: { type: "boolean", default: false } } });
  if (values.out === undefined) throw new PackFailure("Usage: npm run pack:all -- --out DIR [--all]");
  packAll(resolve(values.out), values.all);
} catch (error) {
  // A command that failed has said why.
  const known = error instanceof PackFailure || error instanceof BinaryError || error.code?.startsWith("ERR_PARSE_ARGS");
  if (!known && error.status === undefined) throw error;
  console.error(`pack-all: ${error.message}`);
  process.exitCode = 1;
}
