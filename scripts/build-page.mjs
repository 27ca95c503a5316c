/**
 * Builds the report page: bundles lib/report/page with ECharts and puts script, style and content security policy into page.html.
 * The result, dist/report/page/page.html, has three places left for lib/report/write-report.ts: %TITLE%, %DATA% and %TEXTS%.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { build } from "esbuild";

const source = new URL("../lib/report/page/", import.meta.url);
const output = new URL("../dist/report/page/", import.meta.url);
const require = createRequire(import.meta.url);

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
    entryPoints: [new URL(entry, source).pathname],
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

const script = await bundle("main.ts", { js: await notices() });
const style = await bundle("page.css", {});
if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) {
  throw new Error("The bundle holds text that would end its element in the page.");
}
const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const parts = {
  "%POLICY%": `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`,
  "%STYLE%": style,
  "%SCRIPT%": script,
};
const template = await readFile(new URL("page.html", source), "utf8");
await mkdir(output, { recursive: true });
await writeFile(
  new URL("page.html", output),
  template.replace(/%POLICY%|%STYLE%|%SCRIPT%/g, (place) => parts[place]),
);
