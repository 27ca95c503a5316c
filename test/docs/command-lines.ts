/** The commands in a block of code, as far as they are checked without being run. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../lib/package-root.js";
import { type Page, readPage } from "./markdown.js";

/** Words of each simple command: comments are left out, lines that end in a backslash are joined, quotes taken off. */
export function commandsOf(code: string): string[][] {
  const lines = code.replaceAll(/\\\n/g, " ").split("\n").map((line) => line.replace(/^\s*\$ /, "").replace(/(^|\s)#.*$/, ""));
  return lines
    .flatMap((line) => line.split(/&&|\|\||[|;]/))
    .map((command) => Array.from(command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g), ([, double, single, bare]) => double ?? single ?? bare ?? ""))
    .filter((words) => words.length > 0);
}

/** The options of each command of llmap-native, by docs/cli.md, which its own test holds to what --help prints. */
export function knownOptions(cliPage: Page): Map<string, Set<string>> {
  const text = readFileSync(join(packageRoot, cliPage.path), "utf8");
  const sections = text.split(/^## /m).slice(1);
  return new Map(sections.map((section) => [/^[\w-]+/.exec(section)?.[0] ?? "", new Set(Array.from(section.matchAll(/^ +--([\w-]+)/gm), ([, name = ""]) => name))]));
}

/** What is wrong with a command as it is written; nothing for a program that is not ours. */
export function problemsOf(words: readonly string[], known: ReadonlyMap<string, ReadonlySet<string>>, scripts: ReadonlySet<string>): string[] {
  const program = words.findIndex((word) => /^(.*\/)?llmap-native$/.test(word));
  if (program >= 0 && (program === 0 || words[program - 1] === "npx" || /^\w+=/.test(words[program - 1] ?? "") || words.includes("ssh") || words.includes("srun"))) {
    return problemsOfOurs(words.slice(program + 1), known);
  }
  const [first, second, third] = words;
  if (first === "npm" && second === "run" && third !== undefined && !words.includes("--prefix")) {
    const script = words.slice(2).find((word) => !word.startsWith("-"));
    return script === undefined || scripts.has(script) ? [] : [`package.json has no script "${script}"`];
  }
  return words.filter((word) => /^(scripts|test|bench)\/[\w./-]+$/.test(word) && !existsSync(join(packageRoot, word))).map((word) => `${word} does not exist`);
}

function problemsOfOurs(words: readonly string[], known: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const [command, ...rest] = words;
  if (command === undefined || command.startsWith("<") || ["--help", "--version", "completion"].includes(command)) return [];
  const options = known.get(command);
  if (options === undefined) return [`llmap-native has no command "${command}"`];
  const end = rest.indexOf("--");
  const given = (end < 0 ? rest : rest.slice(0, end)).filter((word) => /^--[a-z]/.test(word)).map((word) => word.slice(2).replace(/=.*/, ""));
  return given.filter((name) => !options.has(name) && !options.has(name.replace(/^no-/, ""))).map((name) => `llmap-native ${command} has no option --${name}`);
}

export const packageScripts = (): Set<string> =>
  new Set(Object.keys((JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { scripts: Record<string, string> }).scripts));

export const cliReference = (): Page => readPage("docs/cli.md", readFileSync(join(packageRoot, "docs", "cli.md"), "utf8"));
