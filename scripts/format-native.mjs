/** Formats the C++ sources with clang-format. Usage: node scripts/format-native.mjs [--check] */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "native");
const files = readdirSync(folder, { recursive: true })
  .filter((file) => /\.(cpp|h)$/.test(file))
  .map((file) => join(folder, file));
const mode = process.argv.includes("--check") ? ["--dry-run", "--Werror"] : ["-i"];

const { status, error } = spawnSync("clang-format", [...mode, ...files], { stdio: "inherit" });
if (error) {
  console.error(`Cannot run clang-format: ${error.message}. Install it with: sudo apt-get install -y clang-format`);
}
process.exitCode = status ?? 1;
