/** The package managers that install-test.mjs installs with: where they come from and what their commands are. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runNpm } from "./npm.mjs";

/** A manager from the registry, into a folder of its own. */
function fetchManager(folder, spec) {
  runNpm(["install", "--prefix", folder, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", spec]);
  return join(folder, "node_modules", ".bin");
}

/**
 * Optional packages that node-llama-cpp names in a version that the registry does not have, with the newest that it has. npm and pnpm leave
 * them out; Yarn stops, unless it is told to take these.
 */
function absentPackages() {
  const { dependencies } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const named = JSON.parse(runNpm(["view", `node-llama-cpp@${dependencies["node-llama-cpp"]}`, "optionalDependencies", "--json"]));
  const absent = {};
  for (const [name, wanted] of Object.entries(named)) {
    const versions = [JSON.parse(runNpm(["view", name, "versions", "--json"]))].flat();
    if (!versions.includes(wanted)) absent[name] = versions.at(-1);
  }
  return absent;
}

const settings = (registry) => ({ npm_config_registry: registry, npm_config_ignore_scripts: "true", npm_config_audit: "false", npm_config_fund: "false" });

/**
 * Each makes a manager: `commands` (names and paths, for PATH), `bin` (their folder), `env` and `files` (settings for a registry, install
 * scripts off), `manifest` (what a user's package.json needs), `add` (the command that installs packages), `exec` (the command that runs an installed one).
 */
export const managers = {
  npm: () => {
    const bin = dirname(process.execPath);
    const path = (name) => (existsSync(join(bin, name)) ? join(bin, name) : spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim());
    return {
      bin,
      commands: process.platform === "win32" ? {} : { npm: path("npm"), npx: path("npx") },
      env: settings,
      add: (names) => ["npm", "install", ...names],
      exec: (...command) => ["npx", ...command],
    };
  },
  pnpm: (folder) => {
    const bin = fetchManager(folder, "pnpm@10");
    return {
      bin,
      commands: { pnpm: join(bin, "pnpm") },
      env: (registry, work) => ({ ...settings(registry), npm_config_store_dir: join(work, "pnpm-store"), npm_config_manage_package_manager_versions: "false" }),
      add: (names) => ["pnpm", "add", ...names],
      exec: (...command) => ["pnpm", "exec", ...command],
    };
  },
  yarn: (folder) => {
    const bin = fetchManager(folder, "@yarnpkg/cli-dist@4");
    return {
      bin,
      commands: { yarn: join(bin, "yarn") },
      env: (_registry, work) => ({ YARN_GLOBAL_FOLDER: join(work, "yarn"), YARN_ENABLE_TELEMETRY: "0", YARN_ENABLE_IMMUTABLE_INSTALLS: "0" }),
      files: (registry) => ({
        "yarn.lock": "",
        ".yarnrc.yml": [
          "nodeLinker: node-modules",
          "enableScripts: false",
          "enableGlobalCache: false",
          `npmRegistryServer: "${registry.replace(/\/$/, "")}"`,
          'unsafeHttpWhitelist: ["127.0.0.1"]',
          "",
        ].join("\n"),
      }),
      manifest: { resolutions: absentPackages() },
      add: (names) => ["yarn", "add", ...names],
      exec: (...command) => ["yarn", ...command],
    };
  },
};
