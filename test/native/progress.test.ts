import { describe, expect, test } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import { withProgress } from "../../lib/native/progress.js";

describe("withProgress", () => {
  test("tells growing shares while the work runs, and 1 at its end", async () => {
    const told: number[] = [];
    const result = await withProgress(
      (share) => told.push(share),
      async (progress) => {
        for (const share of [0.25, 0.25, 0.5]) {
          if (progress) progress[0] = share;
          await sleep(150);
        }
        return "done";
      },
    );
    expect(result).toBe("done");
    expect(told).toEqual([0.25, 0.5, 1]);
  });

  test("does not say that failed work is done", async () => {
    const told: number[] = [];
    const failure = new Error("failed");
    await expect(withProgress((share) => told.push(share), () => Promise.reject(failure))).rejects.toBe(failure);
    expect(told).toEqual([]);
  });

  test("asks for nothing where nobody listens", async () => {
    expect(await withProgress(undefined, (progress) => Promise.resolve(progress))).toBeUndefined();
  });
});
