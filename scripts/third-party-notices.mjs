/**
 * Writes THIRD_PARTY_NOTICES.md: the licences of what is bundled into the pages, with their texts, and of all packages that an installation brings
 * along, on every platform. Fails where a licence is not among those that are known to fit.
 * Usage: node scripts/third-party-notices.mjs [--check]    --check: writes nothing, fails where the file is out of date
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "THIRD_PARTY_NOTICES.md");
const read = (...path) => readFileSync(join(root, ...path), "utf8");

/** SPDX, as packages write them. All but MPL-2.0 ask for their notice only; MPL-2.0 for changes to its files, of which we make none. */
const allowed = new Set(["0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "(BSD-2-Clause OR MIT OR Apache-2.0)"]);

/** Packages that an installation brings along, on any platform: those of package-lock.json that are not for development. */
function installedPackages() {
  const { packages } = JSON.parse(read("package-lock.json"));
  const found = new Map();
  for (const [path, { version, license, dev, devOptional }] of Object.entries(packages)) {
    if (path === "" || dev || devOptional) continue;
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    found.set(`${name} ${version}`, { name, version, licence: license ?? "unknown" });
  }
  return [...found.values()].sort((a, b) => (a.name === b.name ? a.version.localeCompare(b.version) : a.name < b.name ? -1 : 1));
}

/** Folders below node_modules of the packages whose code is in the pages' scripts. */
async function bundledFolders() {
  const { metafile } = await build({
    entryPoints: ["lib/report/page/main.ts", "lib/serve/watch-page/main.ts"].map((path) => join(root, path)),
    bundle: true,
    write: false,
    metafile: true,
    outdir: "unused",
    absWorkingDir: root,
  });
  const bundled = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0));
  const folders = bundled.map(([path]) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter((folder) => folder !== undefined);
  return [...new Set(folders)].sort();
}

/** The licence and notice texts in a package's folder. */
function licenceTexts(folder) {
  const isText = (file) => /^(licen[sc]e|copying|notice)/i.test(file) && !file.startsWith("licenses");
  const files = readdirSync(join(root, folder)).filter(isText).sort();
  const more = existsSync(join(root, folder, "licenses")) ? readdirSync(join(root, folder, "licenses")).map((file) => join("licenses", file)) : [];
  return [...files, ...more].map((file) => read(folder, file).replaceAll("\r\n", "\n").trim());
}

function bundledSection(folder) {
  const { name, version, license } = JSON.parse(read(folder, "package.json"));
  const texts = licenceTexts(folder).map((text) => `\`\`\`text\n${text.replace(/[ \t]+$/gm, "")}\n\`\`\`\n`);
  if (texts.length === 0) throw new Error(`${folder} is bundled, but has no licence text.`);
  return `### ${name} ${version} (${license})\n\n${texts.join("\n")}`;
}

const packages = installedPackages();
const unknown = packages.filter(({ licence }) => !allowed.has(licence));
for (const { name, version, licence } of unknown) {
  console.error(`${name} ${version}: the licence ${licence} is not among those of scripts/third-party-notices.mjs. Read it, then add it there or take another package.`);
}
// A package may lie in two folders.
const sections = [...new Set((await bundledFolders()).map(bundledSection))];
const text = `# Third-party notices

llmap-native itself is under the MIT licence (LICENSE). Written by \`npm run notices\`.

## In the demo

The texts of the demo have licences of their own: demo/README.md and demo/LICENSES.

## In the addon

What is linked into a platform's addon is named in that platform's package, with its licences.

## In the pages

\`report.html\` and the page of \`--watch\` hold code of these packages.

${sections.join("\n")}
## Installed beside it

Packages that npm installs along with llmap-native, each with its licence in its own folder. Which of those for a platform are installed depends
on the platform; the versions are those that llmap-native is tested with.

| package | version | licence |
|---|---|---|
${packages.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |\n`).join("")}`;

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
if (unknown.length > 0) process.exitCode = 1;
else if (!values.check) writeFileSync(target, text);
else if (!existsSync(target) || readFileSync(target, "utf8") !== text) {
  console.error("THIRD_PARTY_NOTICES.md is out of date. Run: npm run notices");
  process.exitCode = 1;
}
