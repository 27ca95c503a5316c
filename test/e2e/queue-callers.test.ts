/** Callers of a queue that are killed, leave and come back, or come twice: every row is there once, to the bit, and nothing is left in Redis. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../lib/random.js";
import { QueueStore } from "../../lib/queue/queue-store.js";
import { hasRedis, needsRedis } from "../helpers/faulty-redis.js";
import { cannotInject, faultEnvironment, loggedCalls, useFaultInjection, whereInjected } from "../helpers/fault-injection.js";
import { eventsOf, until } from "../helpers/queue-under-test.js";
import { setUpQueue } from "../helpers/setup-queue.js";

const timeout = 600_000;

describe.skipIf(!hasRedis)(`a caller of a queue${needsRedis}`, () => {
  it("that is killed at random times and comes back, with the same command or --attach", { timeout }, async () => {
    const { redis, queue, folder } = await setUpQueue({ models: 8, texts: 12 });
    const expected = await queue.expected();
    const random = seededRandom(3);
    queue.worker();
    let kills = 0;
    const isQueued = (): boolean => existsSync(join(folder, "out", "queue.json"));
    for (let attempt = 0; attempt < 5; attempt++) {
      const caller = queue.caller("out", attempt % 2 === 1 && isQueued() ? ["--attach"] : []);
      if (attempt > 0) await until("it is at work", () => caller.isOver() || caller.output().includes("model-ready"));
      await Promise.race([caller.result, setTimeout(random() * 1500)]);
      if (caller.isOver()) break;
      await caller.kill();
      kills++;
    }
    const { code, stderr } = await queue.caller("out").result;
    expect(code, stderr).toBe(0);
    expect(kills).toBeGreaterThan(0);
    await queue.expectWhole("out", expected);
    expect(await redis.client.dbsize()).toBeGreaterThan(0);
  });

  it("that leaves, while workers finish all, finds everything there", { timeout }, async () => {
    const { redis, queue } = await setUpQueue({ models: 4, texts: 8 });
    const expected = await queue.expected();
    const caller = queue.caller("out");
    await until("all is queued", async () => (await redis.client.keys("*:tickets-*:wait")).length > 0);
    process.kill(caller.pid, "SIGINT");
    expect((await caller.result).code).toBe(130);
    const worker = await queue.worker(["--until-empty"]).result;
    expect(worker.code, worker.stderr).toBe(0);
    const { code, stderr } = await queue.caller("out", ["--attach"]).result;
    expect(code, stderr).toBe(0);
    await queue.expectWhole("out", expected);
  });

  it("that reads of a model's failure behind all its rows: the model is complete", { timeout }, async () => {
    const { redis, queue, folder } = await setUpQueue({ models: 1, texts: 6 });
    const expected = await queue.expected();
    const caller = queue.caller("out");
    await until("all is queued", async () => (await redis.client.keys("*:tickets-*:wait")).length > 0);
    process.kill(caller.pid, "SIGSTOP");
    const worker = await queue.worker(["--until-empty"]).result;
    expect(worker.code, worker.stderr).toBe(0);
    // As a worker says it whose scorer process dies behind the last batch.
    const [state = ""] = await redis.client.keys("llmap:run:*:model:0");
    const retry = { type: "retry", model: 0, generation: 1, worker: { id: "0".repeat(16), name: "worker" }, fallback: "smaller batch", reason: "it died", log: "it died" };
    await redis.client.hset(state, "generation", "1");
    await redis.client.xadd(state.replace(":model:0", ":events"), "*", "event", JSON.stringify(retry));
    process.kill(caller.pid, "SIGCONT");
    const result = await caller.result;
    expect(result.code, result.stderr).toBe(0);
    expect(eventsOf(result).map(({ event }) => event)).not.toContain("model-retry");
    expect(existsSync(join(folder, "out", "logs"))).toBe(false);
    await queue.expectWhole("out", expected);
  });

  it("beside another one of the same folder: one of them is refused, the other does all", { timeout }, async () => {
    const { queue } = await setUpQueue({ models: 3, texts: 8 });
    const expected = await queue.expected();
    const half = { models: queue.models.slice(0, 1) };
    const callers = [queue.caller("out"), queue.caller("out", [], half), queue.caller("out")];
    queue.worker();
    const ended = await Promise.all(callers.map(({ result }) => result));
    expect(ended.filter(({ code }) => code === 0).length).toBeGreaterThanOrEqual(1);
    for (const { code, stderr } of ended) if (code !== 0) expect(stderr).toMatch(/in use by process|Another caller/);
    const { code, stderr } = await queue.caller("out").result;
    expect(code, stderr).toBe(0);
    await queue.expectWhole("out", expected);
  });

  it("that comes after a worker began a model anew takes only rows of the new attempt", { timeout }, async () => {
    const { redis, queue } = await setUpQueue({ models: 1, texts: 8 });
    const expected = await queue.expected();
    // A worker scores it all; then it is as if it had been begun anew before any caller saw that.
    const first = queue.caller("out");
    await until("all is queued", async () => (await redis.client.keys("*:tickets-*:wait")).length > 0);
    await first.kill();
    await queue.worker(["--until-empty"]).result;
    const [key = ""] = await redis.client.keys("*:model:0");
    const run = key.split(":")[2] ?? "";
    const store = new QueueStore(redis.client, "llmap");
    expect((await store.state(run, 0))?.generation).toBe(0);
    const worker = { id: "0".repeat(16), name: "the first" };
    const attempt = { fallback: "smaller batch", batchTokens: 64, reason: "no memory" } as const;
    await store.retry(run, attempt, { type: "retry", model: 0, generation: 1, worker, fallback: "smaller batch", reason: "no memory", log: "no memory" });
    queue.worker();
    const { code, stderr } = await queue.caller("out").result;
    expect(code, stderr).toBe(0);
    expect(existsSync(join(queue.folder, "out", "scores", "tiny-0000.arrow"))).toBe(true);
    // Of other batches, and marked so: not the file of an undisturbed run.
    await expect(queue.expectWhole("out", expected)).rejects.toThrow();
    const { tableFromIPC } = await import("apache-arrow");
    const { readFileSync } = await import("node:fs");
    const { metadata } = tableFromIPC(readFileSync(join(queue.folder, "out", "scores", "tiny-0000.arrow"))).schema;
    expect(metadata.get("fallback")).toBe("smaller batch");
    expect((JSON.parse(metadata.get("settings") ?? "") as { batchTokens: number }).batchTokens).toBeLessThanOrEqual(64);
    await queue.expectNothingLeft();
  });
});

describe.skipIf(!hasRedis || cannotInject)(`a caller of a queue that is killed inside a call of the file system${needsRedis}${whereInjected}`, () => {
  const library = useFaultInjection();

  it("at the places where a row is on disk and still in Redis, or complete and not yet off the queue", { timeout }, async () => {
    const { queue, folder } = await setUpQueue({ models: 3, texts: 8 });
    const expected = await queue.expected();
    queue.worker();
    const places = [
      { calls: ["rename"], path: "*/queue.json", at: 1, action: "kill-after" },
      { calls: ["sync"], path: "*/.tiny-*.arrows", at: 1, action: "kill-after" },
      { calls: ["write"], path: "*/.tiny-*.arrows", at: 2, action: "kill-torn" },
      { calls: ["rename"], path: "*/tiny-*.arrow", at: 1, action: "kill-after" },
      { calls: ["rename"], path: "*/models.arrow", at: 1, action: "kill-after" },
      { calls: ["unlink"], path: "*/queue.json", at: 1, action: "kill-before" },
    ] as const;
    let met = 0;
    for (const [number, place] of places.entries()) {
      const log = join(folder, `calls-${number}.log`);
      const env = faultEnvironment(library(), { ...place, calls: [...place.calls] }, log);
      const { signal } = await queue.caller("out", [], { env }).result;
      if (signal === "SIGKILL") met += loggedCalls(log).length;
    }
    expect(met).toBeGreaterThanOrEqual(4);
    const { code, stderr } = await queue.caller("out").result;
    expect(code, stderr).toBe(0);
    await queue.expectWhole("out", expected);
  });
});
