/**
 * Checks that the clone is ready to be published under a tag: versions, changelog, repository. Usage: node scripts/check-release.mjs --tag v1.2.3
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ReleaseFailure, checkRepository, checkVersion } from "./release-checks.mjs";

const read = (file) => readFileSync(join(fileURLToPath(new URL("..", import.meta.url)), file), "utf8");
const { values } = parseArgs({ options: { tag: { type: "string" } } });
const manifest = JSON.parse(read("package.json"));
const checks = [
  () => checkVersion(manifest, JSON.parse(read("package-lock.json")), read("CHANGELOG.md"), values.tag ?? "(missing: --tag)"),
  () => checkRepository(manifest, process.env.GITHUB_REPOSITORY),
];
for (const check of checks) {
  try {
    check();
  } catch (error) {
    if (!(error instanceof ReleaseFailure)) throw error;
    console.error(`Not ready for a release: ${error.message}`);
    process.exitCode = 1;
  }
}
if (process.exitCode === undefined) console.log(`${manifest.name} ${manifest.version} is ready for a release.`);
