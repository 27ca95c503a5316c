/** Every command of the documentation is run, page by page, as a reader would: in order, in one folder. */
import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cliReference, commandsOf, knownOptions } from "./command-lines.js";
import { type Block, documentationPages } from "./markdown.js";
import { makePageFolder, makeWorld, type World } from "./page-folder.js";
import { missingLine } from "./shown-output.js";

/** Their commands build, test and release the project. */
const developerPages = ["CONTRIBUTING.md", "docs/release.md", "docs/architecture.md"];
const known = knownOptions(cliReference());

const pages = documentationPages().filter(({ path }) => !developerPages.includes(path) && path !== "docs/cli.md" && path !== "docs/api.md");
const isCommand = ({ language, code }: Block): boolean =>
  ["bash", "sh", "console"].includes(language) || (language === "" && commandsOf(code).some(([first = ""]) => /^(npx|npm|llmap-native|bash|node)$/.test(first)));
const isRun = (block: Block): boolean => block.notRun === null && (isCommand(block) || block.language === "ts");

/** By command, the options of a block for the tests that it knows. One thread: llama.cpp's threads spin while they wait for those of other tests. */
function optionsInTests({ testOptions }: Block): Record<string, string[][]> {
  const pairs = `--threads 1 ${testOptions ?? ""}`.split("--").slice(1).map((pair) => `--${pair.trim()}`.split(" "));
  return Object.fromEntries([...known].map(([command, options]) => [command, pairs.filter(([name = ""]) => options.has(name.slice(2)))]));
}

function execute(program: string, args: string[], folder: string, world: World, block: Block): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const env = {
      ...process.env,
      PATH: `${world.bin}:${process.env.PATH ?? ""}`,
      LLMAP_CACHE_DIR: join(world.folder, "cache"),
      LLMAP_DOCS_OPTIONS: JSON.stringify(optionsInTests(block)),
    };
    const child = spawn(program, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"], timeout: 500_000, killSignal: "SIGKILL" });
    let output = "";
    child.stdout.on("data", (text: Buffer) => (output += text.toString()));
    child.stderr.on("data", (text: Buffer) => (output += text.toString()));
    child.on("error", reject).on("close", (code) => resolve({ code, output }));
  });
}

function run(block: Block, folder: string, world: World): Promise<{ code: number | null; output: string }> {
  if (block.language !== "ts") return execute("bash", ["-c", `set -eo pipefail\n${block.code}`], folder, world, block);
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };
  const program = join(folder, "program.mjs");
  writeFileSync(program, ts.transpileModule(block.code, { compilerOptions: options }).outputText);
  return execute(process.execPath, [program], folder, world, block);
}

// The commands are a shell's, and what they do on other systems is tested elsewhere.
describe.skipIf(process.platform === "win32")("commands of the documentation", () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
  }, 600_000);
  afterAll(() => rmSync(world.folder, { recursive: true, force: true }));

  it.each(pages.filter(({ blocks }) => blocks.some(isRun)))("$path", { timeout: 1_200_000 }, async ({ path, blocks }) => {
    const folder = makePageFolder(world, path);
    let printed: string | null = null;
    for (const block of blocks) {
      if (block.output !== null) {
        const missing = printed === null ? "there is no command before it" : missingLine(block.code, printed, block.output === "numbers");
        expect(missing, `${path}:${block.line} shows a line that the command does not print:\n${printed ?? ""}`).toBeNull();
      } else if (isRun(block)) {
        const { code, output } = await run(block, folder, world);
        expect(code, `${path}:${block.line}\n${block.code}\n${output}`).toBe(block.exitCode);
        printed = output;
      } else if (isCommand(block)) printed = null;
    }
  });
});

describe("commands that are not run", () => {
  const left = pages.flatMap(({ blocks }) => blocks.filter((block) => block.notRun !== null));

  it("say why", () => {
    console.log(`${left.length} blocks of the documentation are not run:\n${left.map(({ page, line, notRun }) => `  ${page}:${line}: ${notRun ?? ""}`).join("\n")}`);
    expect(left.filter(({ notRun }) => notRun === "").map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  });

  it("blocks say what they hold", () => {
    expect(pages.flatMap(({ blocks }) => blocks.filter((block) => block.language === "" && !isCommand(block)).map(({ page, line }) => `${page}:${line}`))).toEqual([]);
  });
});
