/** The scorer process may die at any moment: one model fails, the next is scored by a new process. */
import { execFileSync } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { ScorerSupervisor } from "../../../lib/scoring/scorer-supervisor.js";
import { defaultScoringOptions } from "../../../lib/scoring/settings.js";
import { demoModel } from "../../helpers/fixtures.js";

const contents = ["In the beginning God created the heaven and the earth.", "And the earth was without form, and void."];
const supervisor = new ScorerSupervisor();
afterEach(() => supervisor.dispose());

/** Ids of the scorer processes that this process has started. */
function scorerProcesses(): number[] {
  const lines = execFileSync("ps", ["-o", "pid=,ppid=,args=", "-A"], { encoding: "utf8" }).split("\n");
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === process.pid && args.join(" ").includes("scorer-process"))
    .map(([pid]) => Number(pid));
}

async function score(onPrepared: () => void = () => undefined, signal?: AbortSignal): Promise<number> {
  let rows = 0;
  const options = { ...defaultScoringOptions, gpu: "off" as const, threads: 1 };
  await supervisor.score(
    { modelPath: demoModel("small-f16"), contents, options, plan: null },
    {
      onPrepared: () => {
        onPrepared();
        return Promise.resolve(new Uint8Array(contents.length));
      },
      onBatch: (batch) => {
        rows += batch.text.length;
        return Promise.resolve();
      },
    },
    signal,
  );
  return rows;
}

const kill = (): void => scorerProcesses().forEach((pid) => process.kill(pid, "SIGKILL"));

describe("the scorer process", () => {
  it("is kept for the next model", async () => {
    expect(await score()).toBe(2);
    const first = scorerProcesses();
    expect(await score()).toBe(2);
    expect(scorerProcesses()).toEqual(first);
    expect(first).toHaveLength(1);
  });

  it("fails one model when it is killed, and the next one is scored", async () => {
    await expect(score(kill)).rejects.toMatchObject({
      code: "ERR_SCORING",
      message: expect.stringContaining("the scorer process died (SIGKILL)") as string,
    });
    expect(await score()).toBe(2);
  });

  it("may die between two models", async () => {
    expect(await score()).toBe(2);
    kill();
    while (scorerProcesses().length > 0) await setTimeout(10);
    expect(await score()).toBe(2);
  });

  it("stops at SIGTERM only when its parent says so", async () => {
    expect(await score(() => scorerProcesses().forEach((pid) => process.kill(pid, "SIGTERM")))).toBe(2);
  });

  it("fails a model when a row cannot be stored, and the next one is scored", async () => {
    const noRoom = (): void => {
      throw new Error("no room");
    };
    await expect(score(noRoom)).rejects.toThrow("no room");
    expect(await score()).toBe(2);
  });
});
