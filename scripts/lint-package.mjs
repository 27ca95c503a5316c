/**
 * Lints the packed packages: publint (what package.json says against what is there) and Are the Types Wrong (whether TypeScript resolves the
 * types under each module resolution). Usage: npm run lint:package [-- --packages DIR]; without a folder it packs first.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { packedPackages } from "./local-registry.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const runNode = (...args) => execFileSync(process.execPath, args, { stdio: "inherit" });

/** @returns how many of publint's messages there are */
async function lint({ tarball, manifest }) {
  const { buffer, byteOffset, byteLength } = readFileSync(tarball);
  const { messages } = await publint({ pack: { tarball: buffer.slice(byteOffset, byteOffset + byteLength) }, strict: true });
  for (const message of messages) console.error(`publint: ${manifest.name}: ${formatMessage(message, manifest)}`);
  return messages.length;
}

async function lintAll(folder) {
  const packages = packedPackages(folder);
  let faults = 0;
  for (const packed of packages) faults += await lint(packed);
  const main = packages.find(({ manifest }) => manifest.name === "llmap-native");
  // The package is an ES module; CommonJS takes it with import(), docs/install.md.
  runNode(join(root, "node_modules", "@arethetypeswrong", "cli", "dist", "index.js"), main.tarball, "--profile", "esm-only", "--format", "ascii");
  console.log(`${packages.length} packages linted, ${faults} messages.`);
  if (faults > 0) process.exitCode = 1;
}

const { values } = parseArgs({ options: { packages: { type: "string" } } });
if (values.packages !== undefined) {
  await lintAll(values.packages);
} else {
  const folder = mkdtempSync(join(tmpdir(), "llmap-native-lint-"));
  try {
    runNode(join(root, "scripts", "pack-all.mjs"), "--out", folder);
    await lintAll(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
