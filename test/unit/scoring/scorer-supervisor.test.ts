/** The scorer process may die at any moment: one model fails, the next is scored by a new process. */
import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { ScorerFault } from "../../../lib/scoring/scorer-fault.js";
import { ScorerSupervisor } from "../../../lib/scoring/scorer-supervisor.js";
import { defaultScoringOptions } from "../../../lib/scoring/settings.js";
import { demoModel } from "../../helpers/fixtures.js";
import { scorerProcesses, signalScorers } from "../../helpers/processes.js";

const contents = ["In the beginning God created the heaven and the earth.", "And the earth was without form, and void."];
const supervisor = new ScorerSupervisor();
afterEach(() => supervisor.dispose());

async function score(onPrepared: () => void = () => undefined, signal?: AbortSignal, stallTimeout = 60): Promise<number> {
  let rows = 0;
  const options = { ...defaultScoringOptions, gpu: "off" as const, threads: 1, stallTimeout };
  await supervisor.score(
    { modelPath: demoModel("small-f16"), contents, options, stored: null },
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

const kill = (): void => signalScorers("SIGKILL");

describe("the scorer process", () => {
  it("is kept for the next model", async () => {
    expect(await score()).toBe(2);
    const first = scorerProcesses();
    expect(await score()).toBe(2);
    expect(scorerProcesses()).toEqual(first);
    expect(first).toHaveLength(1);
  });

  it("is replaced after so many models, and does not grow before", async () => {
    const models = 30;
    const kept = new ScorerSupervisor({}, { modelsPerProcess: models });
    const options = { ...defaultScoringOptions, gpu: "off" as const, threads: 1 };
    const handlers = { onPrepared: () => Promise.resolve(new Uint8Array(contents.length)), onBatch: () => Promise.resolve() };
    const pids = new Set<number>();
    const resident: number[] = [];
    for (let i = 0; i < models; i++) {
      const outcome = await kept.score({ modelPath: demoModel("base-f16"), contents, options, stored: null }, handlers);
      for (const pid of scorerProcesses()) pids.add(pid);
      resident.push(outcome.memory.resident);
    }
    expect(pids.size).toBe(1);
    await kept.score({ modelPath: demoModel("base-f16"), contents, options, stored: null }, handlers);
    expect(scorerProcesses().some((pid) => pids.has(pid))).toBe(false);
    kept.dispose();
    // One model kept in memory, with its vocabulary and context, would be several MiB; Node's heap and malloc settle within the first ten.
    expect(((resident.at(-1) ?? NaN) - (resident[9] ?? NaN)) / 20).toBeLessThan(1024 * 1024);
  });

  it("fails one model when it is killed, and the next one is scored", async () => {
    await expect(score(kill)).rejects.toMatchObject({
      code: "ERR_SCORING",
      message: expect.stringContaining("the scorer process died (SIGKILL) while it was scoring") as string,
      cause: expect.objectContaining({ step: "scoring", backend: "cpu" }) as ScorerFault,
    });
    expect(await score()).toBe(2);
  });

  it("fails one model when it hangs, is ended, and the next one is scored", async () => {
    // Started before, so that only the hanging takes longer than the limit.
    expect(await score()).toBe(2);
    let hung: number[] = [];
    const hang = (): void => {
      hung = scorerProcesses();
      signalScorers("SIGSTOP");
    };
    await expect(score(hang, undefined, 5)).rejects.toMatchObject({
      code: "ERR_SCORING",
      message: expect.stringMatching(/made no progress for \d+ s while it was scoring.*--stall-timeout/) as string,
    });
    expect(hung).toHaveLength(1);
    expect(await score()).toBe(2);
    expect(scorerProcesses()).not.toEqual(hung);
  });

  it("is ended at once when it is stopped while it loads", async () => {
    const controller = new AbortController();
    const stopped = score(() => expect.unreachable("it is stopped before"), controller.signal);
    controller.abort();
    await expect(stopped).rejects.toMatchObject({ code: "ERR_ABORTED" });
    expect(await score()).toBe(2);
  });

  it("may die between two models", async () => {
    expect(await score()).toBe(2);
    kill();
    while (scorerProcesses().length > 0) await setTimeout(10);
    expect(await score()).toBe(2);
  });

  it("stops at SIGTERM only when its parent says so", async () => {
    expect(await score(() => signalScorers("SIGTERM"))).toBe(2);
  });

  it("fails a model when a row cannot be stored, and the next one is scored", async () => {
    const noRoom = (): void => {
      throw new Error("no room");
    };
    await expect(score(noRoom)).rejects.toThrow("no room");
    expect(await score()).toBe(2);
  });
});
