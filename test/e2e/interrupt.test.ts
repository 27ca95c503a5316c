/** Nothing that was finished is lost: kills and Ctrl-C at any moment, then the same command again. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { runCli, startCli } from "../helpers/cli.js";
import { demoModel, fixtureTexts } from "../helpers/fixtures.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

function setUp(): { args: string[]; scores: string; scoreFile: string; folder: string } {
  const folder = temporaryFolder();
  const path = join(folder, "texts.jsonl");
  writeFileSync(path, fixtureTexts().slice(0, 60).map((text) => JSON.stringify(text)).join("\n"));
  const out = join(folder, "out");
  const scores = join(out, "scores");
  // Small batches, so that there are many moments to be killed at.
  const args = ["score", demoModel("base-q4_0"), "--texts", path, "--out", out, "--gpu", "off", "--threads", "1", "--sequences", "1", "--batch-tokens", "256"];
  return { args, scores, scoreFile: join(scores, "base-q4_0.arrow"), folder };
}

/** Waits until a stream of unfinished rows holds more than so many bytes, or the child has ended. */
async function waitForRows(scores: string, ended: Promise<unknown>, bytes: number): Promise<void> {
  const state = { over: false };
  void ended.then(() => (state.over = true));
  while (!state.over) {
    try {
      const streams = readdirSync(scores).filter((name) => name.endsWith(".arrows"));
      if (streams.some((name) => statSync(join(scores, name)).size > bytes)) return;
    } catch {
      // Not there yet.
    }
    await setTimeout(5);
  }
}

describe("a run that is killed", () => {
  it("continues, and its numbers are bit-identical to an undisturbed run's", async () => {
    const undisturbed = setUp();
    expect((await runCli(undisturbed.args)).code).toBe(0);

    const killed = setUp();
    for (const bytes of [1500, 5000, 9000]) {
      const { child, result } = startCli(killed.args);
      await waitForRows(killed.scores, result, bytes);
      child.kill("SIGKILL");
      await result;
    }
    const last = await runCli([...killed.args, "--json"]);
    expect(last.code).toBe(0);
    const ready = last.stdout.split("\n").find((line) => line.includes('"model-ready"'));
    expect((JSON.parse(ready ?? "{}") as { resumedTexts: number }).resumedTexts).toBeGreaterThan(0);
    expect(readdirSync(killed.scores)).toEqual(["base-q4_0.arrow"]);
    expect(readFileSync(killed.scoreFile).equals(readFileSync(undisturbed.scoreFile))).toBe(true);
  });
});

describe("Ctrl-C", () => {
  it("finishes the batch in hand, exits 130, says how to continue, and keeps the rows", async () => {
    const { args, scores } = setUp();
    const { child, result } = startCli(args);
    await waitForRows(scores, result, 1500);
    child.kill("SIGINT");
    const { code, stderr } = await result;
    expect(code).toBe(130);
    expect(stderr).toContain("the same command continues");
    expect(readdirSync(scores).some((name) => name.endsWith(".arrows"))).toBe(true);
    expect(readdirSync(scores).some((name) => name.endsWith(".lock"))).toBe(false);
    expect((await runCli(args)).stderr).toMatch(/continuing after \d+ texts/);
  });
});

describe("a folder in use", () => {
  it("is refused, naming the process that uses it", async () => {
    const { args, scores } = setUp();
    const { child, result } = startCli(args);
    await waitForRows(scores, result, 1500);
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
