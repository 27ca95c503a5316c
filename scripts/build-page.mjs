/**
 * Builds the pages: bundles lib/report/page (with ECharts) and lib/serve/watch-page, and puts script, style and content security policy into each one's
 * page.html. That of the report, dist/report/page/page.html, has four places left for lib/report/write-report.ts: %TITLE%, %DATA%, %TEXTS% and %TOKENS%.
 * Usage: node scripts/build-page.mjs [DIST]
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const require = createRequire(import.meta.url);
const dist = process.argv[2] === undefined ? new URL("../dist/", import.meta.url) : pathToFileURL(`${process.argv[2]}/`);

/** The page carries ECharts and zrender inside, so it carries their notices too. */
async function notices() {
  const echarts = require.resolve("echarts/package.json");
  const zrender = createRequire(echarts).resolve("zrender/package.json");
  const read = (file, name) => readFile(new URL(name, `file://${file}`), "utf8");
  const notice = (await read(echarts, "NOTICE")).trim();
  const licence = (await read(zrender, "LICENSE")).trim();
  const apache = "Licensed under the Apache License 2.0, https://www.apache.org/licenses/LICENSE-2.0";
  return `/*! Contains ${notice}\n${apache}\n\nContains zrender.\n${licence} */`;
}

async function bundle(entry, banner) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    banner,
    write: false,
  });
  return outputFiles[0].text.trim();
}

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** @param folder below lib/ @param allowed what its policy has beyond its own script and style */
async function buildPage(folder, banner, allowed) {
  const source = new URL(`../lib/${folder}/`, import.meta.url);
  const output = new URL(`${folder}/`, dist);
  const script = await bundle(new URL("main.ts", source), banner);
  const style = await bundle(new URL("page.css", source), {});
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) {
    throw new Error("The bundle holds text that would end its element in the page.");
  }
  const parts = {
    "%POLICY%": [`default-src 'none'`, `script-src ${hash(script)}`, `style-src ${hash(style)}`, ...allowed, `base-uri 'none'`, `form-action 'none'`].join("; "),
    "%STYLE%": style,
    "%SCRIPT%": script,
  };
  const template = await readFile(new URL("page.html", source), "utf8");
  await mkdir(output, { recursive: true });
  await writeFile(
    new URL("page.html", output),
    template.replace(/%POLICY%|%STYLE%|%SCRIPT%/g, (place) => parts[place]),
  );
}

await buildPage("report/page", { js: await notices() }, []);
await buildPage("serve/watch-page", {}, ["connect-src 'self'", "frame-src 'self'"]);
