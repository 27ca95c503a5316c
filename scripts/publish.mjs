/**
 * Publishes packed packages, the platforms' before the main one that asks for them. What is on npm already with the same content is left
 * out, so that a release which was cut short can be run again.
 *
 * Usage: node scripts/publish.mjs --packages DIR [--check | --dry-run]
 *   --check      only checks that the packages belong together; needs no network
 *   --dry-run    everything but the upload, and no provenance, which needs a workflow; a version that is on npm with other content, as each night
 *                after a release, is no fault
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ReleaseFailure, checkRepository, publishingOrder } from "./release-checks.mjs";

const mainPackage = "llmap-native";

/** Output of a program; null where it fails and `failing` is expected of it. */
function output(command, args, failing = null) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", shell: process.platform === "win32" });
  if (status === 0) return stdout;
  if (failing?.test(`${stdout}${stderr}`)) return null;
  throw new ReleaseFailure(`${command} ${args.join(" ")} failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
}

/** Whether this version is on npm; @throws ReleaseFailure where it is there with other content, unless that is `allowed` */
function published(file, { name, version }, allowed) {
  const found = output("npm", ["view", `${name}@${version}`, "dist.integrity"], /E404/)?.trim();
  if (!found) return false;
  const packed = `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;
  if (found === packed || allowed) return true;
  throw new ReleaseFailure(`${name} ${version} is on npm with other content (${found}, packed: ${packed}). Raise the version.`);
}

function publish(file, manifest, dryRun) {
  // A version such as 1.0.0-rc.1 must not become what `npm install` takes.
  const tag = manifest.version.includes("-") ? "next" : "latest";
  output("npm", ["publish", file, "--access", "public", "--tag", tag, dryRun ? "--dry-run" : "--provenance"]);
}

const { values } = parseArgs({
  options: { packages: { type: "string" }, check: { type: "boolean", default: false }, "dry-run": { type: "boolean", default: false } },
});
try {
  if (values.packages === undefined) throw new ReleaseFailure("Name the folder of the packages: --packages DIR");
  const folder = resolve(values.packages);
  const files = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
  const manifests = new Map(files.map((file) => [file, JSON.parse(output("tar", ["-xzOf", join(folder, file), "package/package.json"]))]));
  const order = publishingOrder(manifests, mainPackage);
  if (!values.check && !values["dry-run"]) for (const manifest of manifests.values()) checkRepository(manifest, process.env.GITHUB_REPOSITORY);
  for (const file of order) {
    const manifest = manifests.get(file);
    const what = `${manifest.name} ${manifest.version}`;
    if (values.check) console.log(what);
    else if (published(join(folder, file), manifest, values["dry-run"])) console.log(`${what} is on npm already`);
    else {
      publish(join(folder, file), manifest, values["dry-run"]);
      console.log(values["dry-run"] ? `${what} would be published` : `Published ${what}`);
    }
  }
} catch (error) {
  if (!(error instanceof ReleaseFailure)) throw error;
  console.error(`Cannot publish: ${error.message}`);
  process.exitCode = 1;
}
