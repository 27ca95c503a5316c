/** A queue whose workers die, whose Redis restarts or is full, and whose network is cut: every row is there once, to the bit, and nothing is left in Redis. */
import { setTimeout } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { seededRandom } from "../../lib/random.js";
import { CutProxy, hasRedis, needsRedis } from "../helpers/faulty-redis.js";
import { lockSeconds, until, warningsOf, type RunningProcess } from "../helpers/queue-under-test.js";
import { setUpQueue } from "../helpers/setup-queue.js";

const timeout = 600_000;
/** The long version: npm run test:queue-faults. */
const seed = Number(process.env["LLMAP_QUEUE_FAULTS_SEED"] ?? 1);
const minutes = Number(process.env["LLMAP_QUEUE_FAULTS_MINUTES"] ?? 0);
const mostModels = Number(process.env["LLMAP_QUEUE_FAULTS_MODELS"] ?? 300);
const isLong = minutes > 0;

const appendOnly = (fsync: string): string[] => ["--appendonly", "yes", "--appendfsync", fsync];

describe.skipIf(!hasRedis)(`workers that are killed at random times${needsRedis}`, () => {
  it("lose nothing and double nothing", { timeout: timeout + 600_000 * minutes }, async () => {
    const size = isLong ? { models: mostModels, texts: 12, workers: 10 } : { models: 24, texts: 8, workers: 3 };
    const { queue } = await setUpQueue(size);
    const expected = await queue.expected();
    const random = seededRandom(seed);
    const end = performance.now() + minutes * 60_000;
    for (let round = 0; round === 0 || performance.now() < end; round++) {
      const out = `out-${round}`;
      // Some of them in parts, which are leased one by one.
      const caller = queue.caller(out, ["--max-stalled", "1000", ...(random() < 0.5 ? ["--parts", "3"] : [])]);
      const workers: RunningProcess[] = [];
      let kills = 0;
      let next = performance.now();
      while (!caller.isOver()) {
        while (workers.length < size.workers) workers.push(queue.worker());
        await setTimeout(50);
        // Towards the end none is killed any more, so that there is one.
        if (kills >= 4 * size.workers || performance.now() < next) continue;
        next = performance.now() + random() * (isLong ? 3000 : 5000);
        const [victim] = workers.splice(Math.floor(random() * workers.length), 1);
        await victim?.kill();
        kills++;
      }
      const { code, stderr, stdout } = await caller.result;
      expect(code, stderr + stdout.slice(-4000)).toBe(0);
      await queue.expectWhole(out, expected);
      expect(kills).toBeGreaterThan(0);
      for (const worker of workers) await worker.kill();
      if (isLong) console.log(`round ${round}: ${size.models} models, ${kills} kills`);
    }
  });
});

describe.skipIf(!hasRedis)(`a Redis that is killed and comes back${needsRedis}`, () => {
  it.each(["always", "everysec"])("with appendfsync %s", { timeout }, async (fsync) => {
    const { redis, queue } = await setUpQueue({ models: 10, texts: 12 }, appendOnly(fsync));
    const expected = await queue.expected();
    const caller = queue.caller("out");
    const workers = [queue.worker(), queue.worker()];
    for (const worker of workers) await until("the workers are ready", () => worker.output().includes("worker-ready"));
    await until("rows come", async () => (await redis.client.keys("*:done:*")).length > 0);
    let restarts = 0;
    for (; restarts < 3 && !caller.isOver(); restarts++) {
      await redis.kill();
      await setTimeout(500);
      await redis.start();
      await setTimeout(1000 + 500 * restarts);
    }
    expect(restarts).toBeGreaterThan(1);
    const { code, stderr, stdout } = await caller.result;
    expect(code, stderr + stdout.slice(-4000)).toBe(0);
    await queue.expectWhole("out", expected);
    for (const worker of workers) {
      process.kill(worker.pid, "SIGTERM");
      expect((await worker.result).signal).toBe(null);
    }
  });

  it("without its data: the caller says so, and the same command goes on with what it has", { timeout }, async () => {
    const { redis, queue } = await setUpQueue({ models: 4, texts: 12 });
    const expected = await queue.expected();
    const worker = queue.worker();
    const caller = queue.caller("out");
    await until("rows come", async () => (await redis.client.keys("*:done:*")).length > 0);
    await redis.kill();
    await redis.start();
    const { code, stderr } = await caller.result;
    expect(code).not.toBe(0);
    expect(stderr).toContain("no longer knows the run");
    expect(stderr).not.toContain("    at ");
    const again = await queue.caller("out").result;
    expect(again.code, again.stderr).toBe(0);
    await queue.expectWhole("out", expected);
    expect(worker.isOver()).toBe(false);
  });
});

describe.skipIf(!hasRedis)(`a Redis that is full${needsRedis}`, () => {
  it("for a while: workers wait, and all is completed", { timeout }, async () => {
    const { redis, queue } = await setUpQueue({ models: 6, texts: 12 });
    const expected = await queue.expected();
    const worker = queue.worker();
    const caller = queue.caller("out");
    await until("rows come", async () => (await redis.client.keys("*:done:*")).length > 0);
    await redis.client.config("SET", "maxmemory", "1mb");
    // Longer than the lease, which cannot be renewed either.
    await setTimeout(2500 * lockSeconds);
    await redis.client.config("SET", "maxmemory", "0");
    const { code, stderr, stdout } = await caller.result;
    expect(code, stderr + stdout.slice(-4000)).toBe(0);
    process.kill(worker.pid, "SIGTERM");
    const ended = await worker.result;
    expect(warningsOf(ended)).toContain("OOM");
    await queue.expectWhole("out", expected);
  });

  it("for good: both sides say so and can be stopped, and nothing is lost", { timeout }, async () => {
    const { redis, queue } = await setUpQueue({ models: 4, texts: 12 });
    const expected = await queue.expected();
    const worker = queue.worker();
    const caller = queue.caller("out");
    await until("rows come", async () => (await redis.client.keys("*:done:*")).length > 0);
    await redis.client.config("SET", "maxmemory", "1mb");
    await setTimeout(3000);
    for (const one of [caller, worker]) process.kill(one.pid, "SIGTERM");
    const [left, stopped] = [await caller.result, await worker.result];
    expect([left.code, left.stderr]).toEqual([130, expect.stringContaining("Interrupted")]);
    expect(stopped.signal).toBe(null);
    expect(warningsOf(stopped)).toContain("OOM");

    const full = queue.caller("other", [], { models: queue.models.slice(0, 1) });
    await setTimeout(5000);
    process.kill(full.pid, "SIGTERM");
    expect(warningsOf(await full.result)).toMatch(/takes no jobs now.*OOM/);

    await redis.client.config("SET", "maxmemory", "0");
    queue.worker();
    for (const out of ["other", "out"]) {
      const again = await queue.caller(out, [], out === "out" ? {} : { models: queue.models.slice(0, 1) }).result;
      expect(again.code, again.stderr).toBe(0);
    }
    await queue.expectWhole("out", expected);
  });
});

describe.skipIf(!hasRedis)(`a network that is cut for longer than the lease${needsRedis}`, () => {
  it.each([
    ["breaks", "cut"],
    ["passes nothing on", "stall"],
  ] as const)("of a worker, where it %s: another one takes over, and the rows are there once", { timeout }, async (_, how) => {
    const { redis, queue } = await setUpQueue({ models: 3, texts: 16, characters: 400 });
    const proxy = await CutProxy.start(redis.port);
    onTestFinished(() => proxy.close());
    const expected = await queue.expected();
    const cut = queue.worker(["--name", "cut off"], { url: proxy.url });
    const caller = queue.caller("out");
    await until("rows come", async () => (await redis.client.keys("*:done:*")).length > 0);
    proxy[how]();
    await setTimeout(2500 * lockSeconds);
    const other = queue.worker(["--name", "other"]);
    await until("the other one has taken over", () => caller.isOver() || other.output().includes("part-start"));
    proxy.heal(how === "stall");
    const { code, stderr, stdout } = await caller.result;
    expect(code, stderr + stdout.slice(-4000)).toBe(0);
    await queue.expectWhole("out", expected);
    for (const worker of [cut, other]) {
      expect(worker.isOver()).toBe(false);
      process.kill(worker.pid, "SIGTERM");
      expect((await worker.result).signal).toBe(null);
    }
  });

  it.each(["cut", "stall"] as const)("of the caller (%s)", { timeout }, async (how) => {
    const { redis, queue } = await setUpQueue({ models: 4, texts: 12 });
    const proxy = await CutProxy.start(redis.port);
    onTestFinished(() => proxy.close());
    const expected = await queue.expected();
    queue.worker();
    const caller = queue.caller("out", [], { url: proxy.url });
    await until("rows come", async () => (await redis.client.keys("*:done:*")).length > 0);
    proxy[how]();
    await setTimeout(2000 * lockSeconds);
    proxy.heal(how === "stall");
    const { code, stderr, stdout } = await caller.result;
    expect(code, stderr + stdout.slice(-4000)).toBe(0);
    await queue.expectWhole("out", expected);
  });

  it("and does not come back: both sides can be stopped with one signal", { timeout }, async () => {
    const { redis, queue } = await setUpQueue({ models: 4, texts: 12 });
    const proxy = await CutProxy.start(redis.port);
    onTestFinished(() => proxy.close());
    const both = [queue.worker([], { url: proxy.url }), queue.caller("out", [], { url: proxy.url })] as const;
    await until("rows come", async () => (await redis.client.keys("*:done:*")).length > 0);
    proxy.cut();
    await setTimeout(1000);
    for (const { pid } of both) process.kill(pid, "SIGTERM");
    const ended = await Promise.race([Promise.all(both.map(({ result }) => result)), setTimeout(90_000, null)]);
    expect(ended?.map(({ code }) => code)).toEqual([130, 130]);
  });
});
