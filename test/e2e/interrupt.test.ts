/** Nothing that was finished is lost at Ctrl-C; a folder is one process's at a time. Kills are in kills.test.ts. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { runCli, startCli } from "../helpers/cli.js";
import { demoModel } from "../helpers/fixtures.js";
import { manyBatches, waitForRows, writeTexts } from "../helpers/run-folder.js";
import { scorerProcesses } from "../helpers/processes.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

function setUp(): { args: string[]; scores: string } {
  const folder = temporaryFolder();
  const out = join(folder, "out");
  const args = ["score", demoModel("base-q4_0"), "--texts", writeTexts(folder, 60), "--out", out, ...manyBatches(256)];
  return { args, scores: join(out, "scores") };
}

describe("Ctrl-C", () => {
  it("finishes the batch in hand, exits 130, says how to continue, and keeps the rows", async () => {
    const { args, scores } = setUp();
    const { child, result } = startCli(args);
    expect(await waitForRows(scores, result, 1500)).toBe(true);
    child.kill("SIGINT");
    const { code, stderr } = await result;
    expect(code).toBe(130);
    expect(stderr).toContain("the same command continues");
    expect(readdirSync(scores).some((name) => name.endsWith(".arrows"))).toBe(true);
    expect(readdirSync(scores).some((name) => name.endsWith(".lock"))).toBe(false);
    expect((await runCli(args)).stderr).toMatch(/continuing after \d+ texts/);
  });

  it("a second time leaves at once, and the rows are kept", async () => {
    const { args, scores } = setUp();
    const { child, result } = startCli(args);
    expect(await waitForRows(scores, result, 1500)).toBe(true);
    // A batch that never ends: the scorer process is stopped.
    const scorers = scorerProcesses(child.pid);
    expect(scorers).toHaveLength(1);
    for (const pid of scorers) process.kill(pid, "SIGSTOP");
    child.kill("SIGINT");
    await setTimeout(300);
    expect(child.exitCode).toBeNull();
    child.kill("SIGINT");
    const { code, stderr } = await result;
    expect(code).toBe(130);
    expect(stderr).toContain("Left at once.");
    for (const pid of scorers) process.kill(pid, "SIGKILL");
    expect((await runCli(args)).stderr).toMatch(/continuing after \d+ texts/);
  });
});

describe("a folder in use", () => {
  it("is refused, naming the process that uses it", async () => {
    const { args, scores } = setUp();
    const { child, result } = startCli(args);
    expect(await waitForRows(scores, result, 1500)).toBe(true);
    child.kill("SIGSTOP");
    try {
      const second = await runCli(args);
      expect(second.code).toBe(1);
      expect(second.stderr).toMatch(new RegExp(`base-q4_0.*in use by process ${child.pid ?? "?"}`));
    } finally {
      child.kill("SIGCONT");
    }
    expect((await result).code).toBe(0);
  });
});
