/** A disk that is full, broken or read-only: one clear line, finished rows kept, and the same command continues when it is mended. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli, type CliResult } from "../helpers/cli.js";
import { cannotInject, faultEnvironment, loggedCalls, useFaultInjection, whereInjected, type Fault } from "../helpers/fault-injection.js";
import { demoModel } from "../helpers/fixtures.js";
import { filesOf, manyBatches, timedFiles, writeTexts } from "../helpers/run-folder.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

const timeout = 600_000;

/** Texts that the command found done; null where it ended before it could tell. */
function resumedTexts(stdout: string): number | null {
  const ready = stdout.split("\n").find((line) => line.includes('"model-ready"'));
  return ready === undefined ? null : (JSON.parse(ready) as { resumedTexts: number }).resumedTexts;
}

/** The command failed for a reason of the user's, told in one line that says what to do. */
function expectOneClearLine({ code, stderr, stdout }: CliResult, file: string, what: string): void {
  expect(code, `${what}: ${stderr}`).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toMatch(/^llmap-native: Cannot (read|write) /);
  expect(stderr).toContain(file);
  expect(stderr).toMatch(/[Cc]hoose another|another folder with --out/);
  const last = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as { event: string; code: string };
  expect(last).toMatchObject({ event: "error", code: "ERR_RUN_FOLDER" });
}

describe.skipIf(cannotInject)(`a run on a failing disk${whereInjected}`, () => {
  const library = useFaultInjection();

  function setUp(): { folder: string; cache: string; run: (out: string, fault?: Fault) => Promise<CliResult & { met: number }> } {
    const folder = temporaryFolder();
    const texts = writeTexts(folder, 12, 200);
    const cache = join(folder, "cache");
    let runs = 0;
    const run = async (out: string, fault?: Fault): Promise<CliResult & { met: number }> => {
      const log = join(folder, `calls-${++runs}.log`);
      const args = ["run", demoModel("small-f16"), "--texts", texts, "--out", join(folder, out), ...manyBatches(128), "--json"];
      const environment = fault === undefined ? {} : faultEnvironment(library(), fault, log);
      const result = await runCli(args, { env: { LLMAP_CACHE_DIR: cache, ...environment } });
      return { ...result, met: loggedCalls(log).length };
    };
    return { folder, cache, run };
  }

  it("says so in one line wherever it fails, and continues from there", { timeout }, async () => {
    const { folder, run } = setUp();
    expect((await run("undisturbed")).code).toBe(0);

    const stream = "*/scores/.small-f16.*.arrows";
    /** The fault, the file that the line names, and how many texts this command found done. */
    const stages: [Fault, string, number | null][] = [
      [{ calls: ["mkdir"], path: "*/out/scores", at: 1, action: "fail", error: "EACCES" }, "out", null],
      [{ calls: ["mkdir"], path: "*/out*", at: 1, action: "fail", error: "EROFS", lasting: true }, "out", null],
      [{ calls: ["write"], path: "*/.texts.arrow.*", at: 1, action: "fail-torn", error: "ENOSPC" }, "texts.arrow", null],
      [{ calls: ["open"], path: "*/.run.json.*", at: 1, action: "fail", error: "EACCES" }, "run.json", null],
      [{ calls: ["write"], path: "*/.run.json.*", at: 1, action: "fail", error: "ENOSPC" }, "run.json", null],
      [{ calls: ["open"], path: "*/scores/*", at: 1, action: "fail", error: "EROFS", lasting: true }, ".small-f16.lock", null],
      [{ calls: ["open"], path: `${stream}*`, at: 1, action: "fail", error: "ENOSPC" }, ".arrows", null],
      [{ calls: ["write"], path: `${stream}.*.tmp`, at: 1, action: "fail-torn", error: "ENOSPC" }, ".arrows", null],
      [{ calls: ["write"], path: stream, at: 3, action: "fail-torn", error: "ENOSPC", share: 0.6 }, ".arrows", 0],
      [{ calls: ["write"], path: stream, at: 2, action: "fail", error: "EIO" }, ".arrows", 2],
      [{ calls: ["sync"], path: stream, at: 3, action: "fail", error: "EIO", lasting: true }, ".arrows", 3],
      [{ calls: ["write"], path: "*/.small-f16.arrow.*", at: 1, action: "fail-torn", error: "ENOSPC" }, "small-f16.arrow", 6],
      [{ calls: ["sync"], path: "*/.small-f16.arrow.*", at: 1, action: "fail", error: "EIO" }, "small-f16.arrow", 12],
      [{ calls: ["rename"], path: "*/small-f16.arrow", at: 1, action: "fail", error: "EACCES" }, "small-f16.arrow", 12],
      // The file system becomes read-only while the complete file is written: what was begun cannot be removed either.
      [{ calls: ["sync", "unlink"], path: "*/.small-f16.@(arrow.*|lock)", at: 1, action: "fail", error: "EROFS", lasting: true }, "small-f16.arrow", 12],
      [{ calls: ["write"], path: "*/.models.arrow.*", at: 1, action: "fail-torn", error: "ENOSPC" }, "models.arrow", 12],
      [{ calls: ["rename"], path: "*/models.arrow", at: 1, action: "fail", error: "EIO" }, "models.arrow", null],
      [{ calls: ["open"], path: "*/.map.lock*", at: 1, action: "fail", error: "EACCES" }, "map.lock", null],
      [{ calls: ["write"], path: "*/.kl.arrow.*", at: 1, action: "fail", error: "ENOSPC" }, "kl.arrow", null],
      [{ calls: ["write"], path: "*/.report.html.*", at: 1, action: "fail-torn", error: "ENOSPC" }, "report.html", null],
      [{ calls: ["rename"], path: "*/run.json", at: 2, action: "fail", error: "EIO" }, "run.json", null],
    ];
    for (const [fault, file, resumed] of stages) {
      const result = await run("out", fault);
      const what = `${fault.error ?? ""} at ${fault.calls.join()} ${fault.at} of ${fault.path}`;
      expect(result.met, `${what}: ${result.stderr}`).toBeGreaterThan(0);
      expectOneClearLine(result, file, what);
      // The first error, not one of clearing away after it.
      expect(result.stderr).toMatch(new RegExp(`${fault.error ?? "EIO"}: .*\\b(f|fdata)?${fault.calls[0] ?? ""}\\b`));
      expect(resumedTexts(result.stdout), what).toBe(resumed);
    }
    const last = await run("out");
    expect(last.code, last.stderr).toBe(0);
    expect(filesOf(join(folder, "out"), timedFiles)).toEqual(filesOf(join(folder, "undisturbed"), timedFiles));
  });

  it("does without what it can do without: the cache of hashes, and removing what is done with", { timeout }, async () => {
    const { folder, cache, run } = setUp();
    expect((await run("undisturbed")).code).toBe(0);
    rmSync(cache, { recursive: true });
    const noCache = await run("out", { calls: ["mkdir", "open"], path: `${cache}*`, at: 1, action: "fail", error: "EROFS", lasting: true });
    expect(noCache.met).toBeGreaterThan(0);
    expect(noCache.code, noCache.stderr).toBe(0);
    expect(filesOf(join(folder, "out"), timedFiles)).toEqual(filesOf(join(folder, "undisturbed"), timedFiles));

    const left = await run("left", { calls: ["unlink"], path: "*/left/*", at: 1, action: "fail", error: "EIO", lasting: true });
    expect(left.met).toBeGreaterThan(0);
    expect(left.code, left.stderr).toBe(0);
    expect((await run("left")).code).toBe(0);
    expect(filesOf(join(folder, "left"), timedFiles)).toEqual(filesOf(join(folder, "undisturbed"), timedFiles));
  });

  it("scores a model anew whose complete file is damaged, also where its reader would go round and round", { timeout }, async () => {
    const { folder, run } = setUp();
    expect((await run("out")).code).toBe(0);
    const path = join(folder, "out", "scores", "small-f16.arrow");
    const whole = readFileSync(path);
    // The mark before the one batch: what the list of batches then leads to is none.
    const damaged = Buffer.from(whole);
    damaged.writeUInt8(whole.readUInt8(10) ^ 4, 10);
    for (const bytes of [damaged, whole.subarray(0, whole.length >> 1), Buffer.alloc(0)]) {
      writeFileSync(path, bytes);
      const again = await run("out");
      expect(again.code, again.stderr).toBe(0);
      expect(resumedTexts(again.stdout)).toBe(0);
      expect(readFileSync(path).equals(whole)).toBe(true);
    }
  });

  it("a file where the folder should be is told in one line", { timeout }, async () => {
    const { folder, run } = setUp();
    writeFileSync(join(folder, "out"), "a file");
    expectOneClearLine(await run("out"), "out", "a file in its place");
  });
});
