import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { LlmapError } from "../../lib/errors.js";
import { withCancel } from "../../lib/native/cancellation.js";
import { loadAddon } from "../../lib/native/load-addon.js";

const addon = loadAddon();

describe("withCancel", () => {
  test("passes the result on and leaves no listener behind", async () => {
    const { signal } = new AbortController();
    const run = withCancel(signal, (cancel) => addon.quantile(Float64Array.of(1, 2, 3), 0.5, { threads: 1, cancel }));
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    expect(await run).toBe(2);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  test("does not start where the signal has fired", async () => {
    const run = withCancel(AbortSignal.abort(), () => Promise.reject(new Error("started")));
    await expect(run).rejects.toMatchObject({ name: "LlmapError", code: "ERR_ABORTED" });
  });

  test("sets the flag when the signal fires", async () => {
    const controller = new AbortController();
    const run = withCancel(controller.signal, (cancel) => {
      controller.abort();
      return Promise.resolve(cancel[0]);
    });
    expect(await run).toBe(1);
  });

  test("makes the addon's errors LlmapErrors with their code, message and the caller's stack", async () => {
    const theCaller = (): Promise<number> =>
      withCancel(undefined, (cancel) => addon.quantile(Float64Array.of(NaN), 0.5, { threads: 1, cancel }));
    const error: unknown = await theCaller().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LlmapError);
    const { code, message, stack } = error as LlmapError;
    expect(code).toBe("ERR_NUMERIC");
    expect(stack?.split("\n", 1)[0]).toBe(`LlmapError: ${message}`);
    expect(stack).toContain("theCaller");
  });

  test("lets every other error pass", async () => {
    const bug = new TypeError("a bug");
    await expect(withCancel(undefined, () => Promise.reject(bug))).rejects.toBe(bug);
  });
});
