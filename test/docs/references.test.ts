/** What the documentation refers to is there: pages, headings, files, commands, options, scripts. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../lib/package-root.js";
import { cliReference, commandsOf, knownOptions, packageScripts, problemsOf } from "./command-lines.js";
import { documentationPages, readPage } from "./markdown.js";

const pages = documentationPages();
const shells = new Set(["", "bash", "sh", "console", "yaml"]);

describe("links", () => {
  const anchors = new Map(pages.map((page) => [page.path, page.anchors]));

  it.each(pages)("$path", ({ path, links }) => {
    const broken = links
      .filter(({ target }) => !/^(https?:|mailto:)/.test(target))
      .filter(({ target }) => {
        const [file = "", anchor] = target.split("#");
        const to = file === "" ? path : normalize(join(dirname(path), file)).replace(/\/$/, "");
        if (!existsSync(join(packageRoot, to))) return true;
        return anchor !== undefined && to.endsWith(".md") && !(anchors.get(to) ?? readPage(to, readFileSync(join(packageRoot, to), "utf8")).anchors).has(anchor);
      });
    expect(broken.map(({ target, line }) => `${path}:${line}: ${target}`)).toEqual([]);
  });

  it("docs/README.md leads to every page", () => {
    const index = pages.find(({ path }) => path === "docs/README.md");
    const linked = new Set(index?.links.map(({ target }) => normalize(join("docs", target.replace(/#.*/, "")))));
    expect(pages.map(({ path }) => path).filter((path) => path.startsWith("docs/") && path !== "docs/README.md" && !linked.has(path))).toEqual([]);
  });
});

describe("commands", () => {
  const known = knownOptions(cliReference());
  const scripts = packageScripts();

  it("docs/cli.md lists commands and their options", () => {
    expect(known.get("compare")).toContain("max-kl");
    expect(problemsOf(["npx", "llmap-native", "compare", "a", "b", "--max-lk", "1"], known, scripts)).toEqual(["llmap-native compare has no option --max-lk"]);
    expect(problemsOf(["npm", "run", "bench:nothing"], known, scripts)).toEqual(['package.json has no script "bench:nothing"']);
  });

  it.each(pages)("$path", ({ path, blocks, inlineCode }) => {
    const inBlocks = blocks.filter(({ language }) => shells.has(language)).flatMap(({ code, line }) => commandsOf(code.replaceAll(/^\s*(- )?run: /gm, "")).map((words) => ({ words, line })));
    const inProse = inlineCode.filter(({ code }) => /^(npx |llmap-native |npm run |node |bash )/.test(code)).flatMap(({ code, line }) => commandsOf(code).map((words) => ({ words, line })));
    const problems = [...inBlocks, ...inProse].flatMap(({ words, line }) => problemsOf(words, known, scripts).map((problem) => `${path}:${line}: ${problem}`));
    expect(problems).toEqual([]);
  });
});
