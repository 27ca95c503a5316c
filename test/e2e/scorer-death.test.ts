/** The scorer process alone is killed: the model is scored once more with a smaller batch, and a model whose scorer dies again and again fails alone. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { tableFromIPC } from "apache-arrow";
import { describe, expect, it } from "vitest";
import { runCli, startCli } from "../helpers/cli.js";
import { demoModel } from "../helpers/fixtures.js";
import { childrenOf } from "../helpers/processes.js";
import { manyBatches, waitForRows, writeTexts } from "../helpers/run-folder.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

const timeout = 600_000;

const column = (path: string, name: string): unknown[] => Array.from(tableFromIPC(readFileSync(path)).getChild(name) ?? []);

/** Kills the processes that a command has started, as soon as there are any; false where it ended before. */
async function killScorer(command: number, ended: Promise<unknown>): Promise<boolean> {
  const state = { over: false };
  void ended.finally(() => (state.over = true));
  for (let waited = 0; waited < 60_000 && !state.over; waited += 20) {
    const scorers = childrenOf(command);
    for (const pid of scorers) process.kill(pid, "SIGKILL");
    if (scorers.length > 0) return true;
    await setTimeout(20);
  }
  return false;
}

describe("a scorer process that is killed once", () => {
  it.each([
    ["while it loads the model", 0],
    ["after some rows", 3000],
  ])("%s: the command goes on by itself with a smaller batch, and the rows are those of that batch", { timeout }, async (_, streamed) => {
    const folder = temporaryFolder();
    const texts = writeTexts(folder, 60);
    const score = (out: string, plan: string[]): string[] => ["score", demoModel("base-q4_0"), "--texts", texts, "--out", join(folder, out), ...plan];
    const out = join(folder, "out");
    const { child, result } = startCli(score("out", manyBatches(256)));
    if (streamed > 0) expect(await waitForRows(join(out, "scores"), result, streamed)).toBe(true);
    expect(await killScorer(child.pid ?? NaN, result)).toBe(true);
    const { code, stderr } = await result;
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/base-q4_0: warning: .*smaller batch/);
    expect(column(join(out, "models.arrow"), "status")).toEqual(["complete"]);
    expect(column(join(out, "models.arrow"), "fallback")).toEqual(["smaller batch"]);

    const scores = readFileSync(join(out, "scores", "base-q4_0.arrow"));
    const settings = JSON.parse(tableFromIPC(scores).schema.metadata.get("settings") ?? "") as { batchTokens: number; sequences: number };
    expect(settings.batchTokens).toBeLessThan(256);
    const plan = ["--gpu", "off", "--threads", "1", "--sequences", String(settings.sequences), "--batch-tokens", String(settings.batchTokens)];
    expect((await runCli(score("same-plan", plan))).code).toBe(0);
    const samePlan = join(folder, "same-plan", "scores", "base-q4_0.arrow");
    for (const name of ["text", "tokens", "log_likelihood", "truncated"]) {
      expect(column(join(out, "scores", "base-q4_0.arrow"), name)).toEqual(column(samePlan, name));
    }
  });
});

describe("a command that is killed while a model is scored with a smaller batch", () => {
  it("continues, and what is stored says how it was made", { timeout }, async () => {
    const folder = temporaryFolder();
    const texts = writeTexts(folder, 60);
    const score = (out: string): string[] => ["score", demoModel("base-q4_0"), "--texts", texts, "--out", join(folder, out), ...manyBatches(256), "--json"];
    const out = join(folder, "out");
    const { child, result } = startCli(score("out"));
    let said = "";
    child.stdout?.on("data", (text: string) => (said += text));
    expect(await killScorer(child.pid ?? NaN, result)).toBe(true);
    for (let waited = 0; waited < 60_000 && !said.includes('"model-retry"'); waited += 20) await setTimeout(20);
    expect(await waitForRows(join(out, "scores"), result, 3000)).toBe(true);
    child.kill("SIGKILL");
    await result;

    const { code, stderr } = await runCli(score("out"));
    expect(code, stderr).toBe(0);
    const scores = tableFromIPC(readFileSync(join(out, "scores", "base-q4_0.arrow")));
    const settings = JSON.parse(scores.schema.metadata.get("settings") ?? "") as { batchTokens: number };
    const asAsked = settings.batchTokens === 256;
    expect(column(join(out, "models.arrow"), "fallback")).toEqual([asAsked ? null : "smaller batch"]);
    expect((column(join(out, "models.arrow"), "warnings")[0] ?? "") === "").toBe(asAsked);
  });
});

describe("a scorer process that dies whenever it is at one model", () => {
  it("fails that model, by name and with its log; the next one is scored as ever: exit 3", { timeout }, async () => {
    const folder = temporaryFolder();
    const texts = writeTexts(folder, 20, 200);
    const score = (out: string, models: string[]): string[] => ["score", ...models.map(demoModel), "--texts", texts, "--out", join(folder, out), ...manyBatches(128), "--json"];
    expect((await runCli(score("alone", ["small-f16"]))).code).toBe(0);

    const { child, result } = startCli(score("out", ["base-q4_0", "small-f16"]));
    let said = "";
    child.stdout?.on("data", (text: string) => (said += text));
    const ended = (): boolean => child.exitCode !== null || said.includes('"event":"model-failed","model":"base-q4_0"');
    const attempts = (): number => said.match(/"event":"model-(start|retry)","model":"base-q4_0"/g)?.length ?? 0;
    let deaths = 0;
    for (let waited = 0; waited < 120_000 && !ended(); waited += 20) {
      if (attempts() > deaths) {
        expect(await killScorer(child.pid ?? NaN, result)).toBe(true);
        deaths++;
      }
      await setTimeout(20);
    }
    const { code, stderr } = await result;
    expect(code, stderr).toBe(3);
    expect(deaths).toBeGreaterThanOrEqual(2);
    const out = join(folder, "out");
    expect(column(join(out, "models.arrow"), "model")).toEqual(["base-q4_0", "small-f16"]);
    expect(column(join(out, "models.arrow"), "status")).toEqual(["failed", "complete"]);
    expect(column(join(out, "models.arrow"), "error")[0]).toMatch(/SIGKILL.*base-q4_0\.log/s);
    const scores = (run: string): Buffer => readFileSync(join(folder, run, "scores", "small-f16.arrow"));
    expect(scores("out").equals(scores("alone"))).toBe(true);
  });
});
