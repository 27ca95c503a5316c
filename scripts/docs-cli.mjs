// Writes docs/cli.md from the help of every command of the built command line. `npm run docs:cli` builds first; with --check it only says
// whether the page is current.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
export const cliPage = join(root, "docs", "cli.md");

async function help(...command) {
  const environment = { ...process.env, LC_ALL: "C", LANG: "C", NO_COLOR: "1" };
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, "dist", "cli", "main.js"), ...command, "--help"], { env: environment });
  return stdout.trimEnd();
}

/** The page, as it should be. */
export async function cliReference() {
  const overview = await help();
  // The rows of the list of commands, without those that go on with a description.
  const names = [...overview.matchAll(/^ {2}llmap-native ([\w-]+)/gm)].map(([, name]) => name).filter((name) => name !== "completion");
  const pages = [];
  for (const name of names) pages.push(`## ${name}\n\n\`\`\`text\n${await help(name)}\n\`\`\``);
  return `# The command line

What \`llmap-native --help\` and the help of each command print. \`npm run docs:cli\` writes this page: change \`lib/cli\`, not it.

Every command but \`texts\`, \`doctor\` and \`completion\` works on a run folder (\`--out\`, default \`llmap-out\`). With \`--json\` progress and results are lines of JSON
on standard output ([formats.md](formats.md#events---json)). \`--config llmap.json\` reads options from a JSON file, for example \`{ "texts": "texts.jsonl", "gpu": "off" }\`:
one file serves all commands, each takes the options that it knows, and what stands on the command line wins.

\`\`\`text
${overview}
\`\`\`

${pages.join("\n\n")}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = await cliReference();
  if (!process.argv.includes("--check")) writeFileSync(cliPage, page);
  else if (readFileSync(cliPage, "utf8") !== page) {
    console.error("docs/cli.md is not current. Run npm run docs:cli.");
    process.exitCode = 1;
  }
}
