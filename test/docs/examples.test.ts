/** The TypeScript of the documentation is checked against the types that a program sees. */
import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { packageRoot } from "../../lib/package-root.js";
import { documentationPages } from "./markdown.js";

const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: ["node"],
};

it("examples compile", { timeout: 300_000 }, () => {
  const blocks = documentationPages().filter(({ path }) => path !== "docs/api.md").flatMap((page) => page.blocks).filter(({ language }) => language === "ts");
  expect(blocks.length).toBeGreaterThan(0);
  // Files that exist nowhere, but in this package, so that its own name leads to dist/ by the exports of package.json.
  const sources = new Map(blocks.map(({ page, line, code }) => [join(packageRoot, `${page.replaceAll(/\W/g, "-")}-${line}.mts`), `${code}\nexport {};\n`]));
  const host = ts.createCompilerHost(options);
  const onDisk = ts.createCompilerHost(options);
  host.fileExists = (path) => sources.has(path) || onDisk.fileExists(path);
  host.readFile = (path) => sources.get(path) ?? onDisk.readFile(path);
  const program = ts.createProgram([...sources.keys()], options, host);
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => `${file?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
  expect(problems).toEqual([]);
});
