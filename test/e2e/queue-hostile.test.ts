/** Who can write to the Redis can send anything: hostile jobs, rows and models hurt themselves at most, and secrets stay secret. */
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Queue } from "bullmq";
import { describe, expect, it } from "vitest";
import { ticketQueue } from "../../lib/queue/keys.js";
import { encodeRows } from "../../lib/queue/row-message.js";
import { packageRoot } from "../../lib/package-root.js";
import { hasRedis, needsRedis } from "../helpers/faulty-redis.js";
import { cannotInject, whereInjected } from "../helpers/fault-injection.js";
import { eventsOf, statuses, until, warningsOf } from "../helpers/queue-under-test.js";
import { setUpQueue } from "../helpers/setup-queue.js";

const timeout = 600_000;
const run = "f".repeat(32);
const worker = { id: "0".repeat(16), name: "mallory" };

describe.skipIf(!hasRedis)(`hostile data in a queue${needsRedis}`, () => {
  it("jobs: the worker refuses them, and goes on with the others", { timeout }, async () => {
    const { redis, queue } = await setUpQueue({ models: 2, texts: 6 });
    const expected = await queue.expected();
    const tickets = new Queue(ticketQueue, { connection: redis.client, prefix: "llmap" });
    tickets.on("error", () => undefined);
    const hostile: unknown[] = [null, 7, "x", [], {}, { run, model: 0 }, { run, model: -1 }, { run, model: 0, path: "/etc/passwd" }, { run: "../../etc", model: 0 }, { run: `${run}\0`, model: 0 }, { run, model: 1e300 }];
    for (const [number, data] of hostile.entries()) await tickets.add("ticket", data, { jobId: `hostile-${number}` });
    await tickets.add("ticket", { run, model: 0, payload: "x".repeat(20_000_000) }, { jobId: "huge" });
    await tickets.add("ticket", { run: "no", model: 0 }, { jobId: "odd", attempts: 1e9, backoff: { type: "no such", delay: -1 } });
    // A run by hand, whose models name what no worker may read.
    const { runs } = { runs: [{ kind: "shared", path: "../../etc/passwd" }, { kind: "shared", path: "a\0b" }, { kind: "uri", uri: "file:///etc/passwd" }, { kind: "shared", path: "/etc/passwd" }, { kind: "exec", command: "x" }] };
    const settings = await settingsOfARun(queue, redis.client);
    await redis.client.set(`llmap:run:${run}`, settings);
    for (const [model, file] of runs.entries()) {
      await redis.client.hset(`llmap:run:${run}:models`, String(model), JSON.stringify({ name: "m", files: [file], sha256: null }));
      await redis.client.hset(`llmap:run:${run}:model:${model}`, "status", "open", "generation", "0");
      await tickets.add("ticket", { run, model }, { jobId: `${run}-${model}-0-0`, removeOnComplete: true, removeOnFail: true });
    }
    // A job that is no JSON.
    await tickets.add("ticket", { run, model: 0 }, { jobId: "broken" });
    await redis.client.hset(`llmap:${ticketQueue}:broken`, "data", "{");

    const good = queue.caller("out");
    const one = queue.worker();
    const { code, stderr } = await good.result;
    expect(code, stderr).toBe(0);
    expect(one.isOver()).toBe(false);
    process.kill(one.pid, "SIGTERM");
    const ended = await one.result;
    const said = ended.stdout + ended.stderr;
    expect(said).toMatch(/is not a path below the shared folder/);
    expect(said).toMatch(/not a URI that workers fetch/);
    expect(said).not.toContain("root:");
    expect(said).not.toContain("ERR_INTERNAL");
    await tickets.close();
    await redis.client.flushall();
    await queue.expectWhole("out", expected);
  });

  it("events and rows: the caller fails the model that they are of, and no other", { timeout }, async () => {
    const { redis, queue } = await setUpQueue({ models: 6, texts: 6 });
    const expected = await queue.expected();
    const caller = queue.caller("out");
    await until("all is queued", async () => (await redis.client.keys("*:tickets-*:wait")).length > 0);
    const [events = ""] = (await redis.client.keys("llmap:run:*:models")).map((key) => key.replace(/:models$/, ":events"));
    const id = events.split(":")[2] ?? "";
    const send = async (event: unknown, rows?: Buffer): Promise<unknown> =>
      redis.client.xadd(events, "*", "event", typeof event === "string" ? event : JSON.stringify(event), ...(rows === undefined ? [] : ["rows", rows]));
    const rowsOf = (model: number): object => ({ type: "rows", model, generation: 0, unit: 1, worker });
    const row = (text: number, value: number): Buffer => encodeRows({ text: Int32Array.of(text), tokens: Int32Array.of(3), logLikelihood: Float64Array.of(value), truncated: [false] });
    // What is nonsense, of another run's shape, or of a model that is not there, is left out.
    await send("{");
    await send({ type: "rows", model: 0 });
    await send({ ...rowsOf(0), run: "f".repeat(32) }, row(0, -1));
    await send({ ...rowsOf(99) }, row(0, -1));
    await send({ type: "retry", model: 0, generation: 100, worker, fallback: "cpu", reason: "x", log: "" });
    await redis.client.xadd(events, "*", "no", "event");
    // Rows of nonsense fail their model.
    await send(rowsOf(1), Buffer.from("no rows"));
    await send(rowsOf(2), row(6, -1));
    await send(rowsOf(3), row(0, NaN));
    // So does a plan of nonsense, and a state.
    await redis.client.set(`llmap:run:${id}:model:4:pin:0`, "{}");
    await send({ type: "prepared", model: 4, generation: 0, worker, seconds: 1 });
    await redis.client.hset(`llmap:run:${id}:model:5`, "generation", "1000000000000");
    await send({ type: "retry", model: 5, generation: 1, worker, fallback: "cpu", reason: "x", log: "" });
    await until("all has been read", async () => (await redis.client.xlen(events)) === 0);
    queue.worker();
    const result = await caller.result;
    expect(result.code, result.stderr).toBe(3);
    const failed = eventsOf(result).filter(({ event }) => event === "model-failed").map(({ model, code }) => [model, code]);
    expect(failed.sort()).toEqual([1, 2, 3, 4, 5].map((number) => [`tiny-000${number}`, "ERR_QUEUE"]));
    expect(warningsOf(result)).toContain("is not what this version writes");
    await queue.expectNothingLeft();
    // Run again, they are scored: nothing of it has stuck.
    const again = await queue.caller("out").result;
    expect(again.code, again.stderr).toBe(0);
    await queue.expectWhole("out", expected);
  });

  it("keys of another kind: an error that says so, without a stack", { timeout }, async () => {
    const { redis, queue } = await setUpQueue({ models: 1, texts: 6 });
    const caller = queue.caller("out");
    await until("all is queued", async () => (await redis.client.keys("*:tickets-*:wait")).length > 0);
    const [models = ""] = await redis.client.keys("llmap:run:*:models");
    await redis.client.set(models.replace(/:models$/, ":events"), "no stream");
    const { code, stderr } = await caller.result;
    expect(code).not.toBe(0);
    expect(stderr).toContain("WRONGTYPE");
    expect(stderr).not.toContain("    at ");
  });
});

describe.skipIf(!hasRedis)(`workers that do not fit${needsRedis}`, () => {
  it("another version, another file: others do the work, and where there are no others the caller says so", { timeout }, async () => {
    const { redis, queue, folder } = await setUpQueue({ models: 2, texts: 6 });
    const expected = await queue.expected();
    // The same package as another version.
    const other = join(folder, "other-version");
    cpSync(join(packageRoot, "dist"), join(other, "dist"), { recursive: true });
    const description = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as object;
    writeFileSync(join(other, "package.json"), JSON.stringify({ ...description, version: "99.0.0" }));
    for (const name of ["node_modules", "build", "demo"]) symlinkSync(join(packageRoot, name), join(other, name));
    const stranger = queue.worker(["--name", "stranger"], { main: join(other, "dist", "cli", "main.js") });
    // One whose folder has another file of the same name.
    const files = join(folder, "files");
    cpSync(queue.shared, files, { recursive: true });
    copyFileSync(queue.models[1] ?? "", join(files, basename(queue.models[0] ?? "")));
    const wrong = queue.worker(["--name", "wrong file"], { shared: files });
    for (const one of [stranger, wrong]) await until("it is ready", () => one.output().includes("worker-ready"));

    const failed = await queue.caller("out").result;
    expect(failed.code, failed.stderr).toBe(3);
    const said = failed.stdout;
    expect(said).toMatch(/stranger is of another version \(99\.0\.0/);
    expect(said).toMatch(/No worker that is there can score it: Its file here is another one: expected sha256/);
    expect(statuses(join(folder, "out")).map(([, status]) => status).sort()).toEqual(["complete", "failed"]);
    queue.worker(["--name", "right"]);
    const { code, stderr } = await queue.caller("out").result;
    expect(code, stderr).toBe(0);
    await queue.expectWhole("out", expected);
    expect([stranger.isOver(), wrong.isOver()]).toEqual([false, false]);
    expect(await redis.client.dbsize()).toBeGreaterThan(0);
  });
});

describe.skipIf(!hasRedis || cannotInject)(`poisoned models${needsRedis}${whereInjected}`, () => {
  it("one that kills every scorer process, and one that kills every worker: each fails with its reason, and the queue goes on", { timeout }, async () => {
    const { queue, folder } = await setUpQueue({ models: 4, texts: 6 });
    const library = join(folder, "poison.so");
    execFileSync("cc", ["-shared", "-fPIC", "-O1", "-U_FORTIFY_SOURCE", "-o", library, join(packageRoot, "test", "helpers", "poison.c"), "-ldl"]);
    const expected = await queue.expected(queue.models.slice(0, 2));
    const env = { LD_PRELOAD: library, UV_USE_IO_URING: "0", LLMAP_POISON_LOAD: "tiny-0002.gguf", LLMAP_POISON_READ: "tiny-0003.gguf" };
    const caller = queue.caller("out", ["--max-stalled", "1"]);
    let deaths = 0;
    while (!caller.isOver() && deaths < 20) {
      const one = queue.worker([], { env });
      await Promise.race([one.result, caller.result]);
      if (one.isOver()) {
        expect((await one.result).signal).toBe("SIGKILL");
        deaths++;
      }
    }
    const result = await caller.result;
    expect(result.code, result.stderr).toBe(3);
    expect(deaths).toBe(2);
    const reasons = Object.fromEntries(eventsOf(result).flatMap(({ event, model, reason }) => (event === "model-failed" ? [[model ?? "", reason]] : [])));
    expect(Object.keys(reasons).sort()).toEqual(["tiny-0002", "tiny-0003"]);
    expect(reasons["tiny-0002"]).toMatch(/SIGKILL|killed/);
    expect(reasons["tiny-0003"]).toMatch(/A worker died or lost the queue while it had it in hand, 2 times/);
    const complete = statuses(join(folder, "out")).filter(([, status]) => status === "complete").map(([model]) => model);
    expect(complete.sort()).toEqual(Object.keys(expected).map((file) => file.replace(".arrow", "")).sort());
    await queue.expectNothingLeft();
  });
});

describe.skipIf(!hasRedis)(`the password of a Redis${needsRedis}`, () => {
  const secret = "s3cr3t-of-the-queue";

  it("is in no line, event, file or list of processes", { timeout }, async () => {
    const { redis, queue, folder } = await setUpQueue({ models: 1, texts: 6 }, [], secret);
    const env = { LLMAP_REDIS_PASSWORD: secret };
    const one = queue.worker([], { env });
    const caller = queue.caller("out", [], { env });
    await until("the worker is ready", () => one.output().includes("worker-ready"));
    const processes = execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" }).split("\n");
    expect(processes.filter((line) => line.includes(secret) && !line.startsWith("redis-server"))).toEqual([]);
    const good = await caller.result;
    expect(good.code, good.stderr).toBe(0);
    const said = [good];
    for (const address of [redis.url.replace("//", `//:${secret}x@`), `redis:${secret}@127.0.0.1`, `redis:/:${secret}@127.0.0.1`, `redis://:${secret}%zz@127.0.0.1`, `http://u:${secret}@x`]) {
      said.push(await queue.worker([], { url: address }).result);
    }
    expect(said.slice(1).map(({ code }) => code)).toEqual([1, 1, 1, 1, 1]);
    await redis.kill();
    process.kill(one.pid, "SIGTERM");
    said.push(await one.result);
    for (const { stdout, stderr } of said) expect(stdout + stderr).not.toContain(secret);
    for (const { stderr } of said.slice(1)) expect(stderr).not.toContain("    at ");
    const files = readdirSync(join(folder, "out"), { recursive: true, encoding: "utf8" }).map((name) => join(folder, "out", name)).filter((path) => statSync(path).isFile());
    expect(files.filter((path) => readFileSync(path).includes(secret))).toEqual([]);
  });
});

/** What a run of the test's settings says of itself in Redis. */
async function settingsOfARun(queue: Awaited<ReturnType<typeof setUpQueue>>["queue"], client: { keys(pattern: string): Promise<string[]>; get(key: string): Promise<string | null> }): Promise<string> {
  const caller = queue.caller("settings");
  const found = { settings: "" };
  await until("a run is there", async () => {
    const [key] = (await client.keys("llmap:run:*")).filter((name) => /^llmap:run:[0-9a-f]{32}$/.test(name));
    found.settings = key === undefined ? "" : ((await client.get(key)) ?? "");
    return found.settings !== "";
  });
  await caller.kill();
  return found.settings;
}
