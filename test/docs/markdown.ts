/** The pages of the documentation: their blocks of code, headings and links. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../lib/package-root.js";

export interface Block {
  page: string;
  /** Line of the opening fence, from 1. */
  line: number;
  /** What stands behind the fence: bash, ts, text, …; "" for nothing. */
  language: string;
  code: string;
  /** `<!-- not run: REASON -->` above the block. */
  notRun: string | null;
  /** `<!-- exits with CODE -->` above the block: the exit code of its last command. */
  exitCode: number;
  /** `<!-- in tests: OPTIONS -->` above the block: what the tests add to its commands, or put in place of theirs, so that they stay short. */
  testOptions: string | null;
  /** `<!-- output -->` above a text block: it shows lines that the block before it prints. `<!-- output: numbers too -->`: also the same numbers. */
  output: "words" | "numbers" | null;
}

export interface Page {
  /** Path from the root of the repository, as README.md or docs/compare.md. */
  path: string;
  blocks: Block[];
  /** Anchors of the headings, as GitHub makes them. */
  anchors: Set<string>;
  headings: string[];
  links: { target: string; line: number }[];
  /** Code in running text. */
  inlineCode: { code: string; line: number }[];
}


/** README, CONTRIBUTING and everything in docs/. */
export function documentationPages(): Page[] {
  const docs = readdirSync(join(packageRoot, "docs")).filter((name) => name.endsWith(".md")).sort();
  const paths = ["README.md", "CONTRIBUTING.md", ...docs.map((name) => `docs/${name}`)];
  return paths.filter((path) => existsSync(join(packageRoot, path))).map((path) => readPage(path, readFileSync(join(packageRoot, path), "utf8")));
}

/** @param path from the root of the repository @param text its Markdown */
export function readPage(path: string, text: string): Page {
  const page: Page = { path, blocks: [], anchors: new Set(), headings: [], links: [], inlineCode: [] };
  const seen = new Map<string, number>();
  let comments: string[] = [];
  let open: { fence: string; block: Block; lines: string[] } | null = null;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const number = index + 1;
    if (open !== null) {
      if (line.trim() === open.fence) {
        page.blocks.push({ ...open.block, code: open.lines.join("\n") });
        open = null;
      } else open.lines.push(line);
      continue;
    }
    const [, fence, language] = /^\s*(`{3,})\s*(\w*)/.exec(line) ?? [];
    if (fence !== undefined && language !== undefined) {
      open = { fence, block: { page: path, line: number, language, code: "", ...directives(comments) }, lines: [] };
      comments = [];
      continue;
    }
    const [, comment] = /^\s*<!--\s*(.*?)\s*-->\s*$/.exec(line) ?? [];
    if (comment !== undefined) comments.push(comment);
    else if (line.trim() !== "") comments = [];
    readProse(page, line, number, seen);
  }
  if (open !== null) throw new Error(`${path}:${open.block.line}: the block is not closed.`);
  return page;
}

function readProse(page: Page, line: string, number: number, seen: Map<string, number>): void {
  const [, heading] = /^#{1,6}\s+(.*?)\s*#*$/.exec(line) ?? [];
  if (heading !== undefined) {
    page.headings.push(heading);
    const slug = anchorOf(heading);
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    page.anchors.add(times === 0 ? slug : `${slug}-${times}`);
  }
  for (const [, code = ""] of line.matchAll(/`([^`]+)`/g)) page.inlineCode.push({ code, line: number });
  const withoutCode = line.replaceAll(/`[^`]*`/g, "``");
  for (const [, target = ""] of withoutCode.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)) page.links.push({ target, line: number });
  for (const [, target = ""] of withoutCode.matchAll(/<(?:img|a)\s[^>]*?(?:src|href)="([^"]+)"/g)) page.links.push({ target, line: number });
}

/** GitHub's anchor of a heading: lower case, no punctuation, hyphens for spaces. */
function anchorOf(heading: string): string {
  const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/[`*]/g, "");
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, "").replaceAll(" ", "-");
}

function directives(comments: readonly string[]): Pick<Block, "notRun" | "exitCode" | "testOptions" | "output"> {
  const after = (prefix: string): string | null => comments.find((comment) => comment.startsWith(prefix))?.slice(prefix.length).trim() ?? null;
  const output = comments.includes("output: numbers too") ? "numbers" : comments.includes("output") ? "words" : null;
  return { notRun: after("not run:"), exitCode: Number(after("exits with") ?? 0), testOptions: after("in tests:"), output };
}
