/** Runs over a queue, with a real Redis, real workers and real models: the files are those of a local run, byte for byte. */
import { spawnSync, type ChildProcess } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { readModels } from "../../lib/store/models-table.js";
import { runCli, startCli, type CliResult } from "../helpers/cli.js";
import { adapterFixture, demoModel } from "../helpers/fixtures.js";
import { cannotUseRedis, startRedis, type TestRedis } from "../helpers/redis.js";
import { filesOf, manyBatches, waitForRows, writeTexts } from "../helpers/run-folder.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

const timeout = 300_000;
/** Leases of two seconds: a test does not wait half a minute for a dead worker. */
const shortLeases = { LLMAP_QUEUE_LOCK_SECONDS: "2" };
const secret = "correct horse";

describe.skipIf(cannotUseRedis !== null)(`a run over a queue${cannotUseRedis === null ? "" : ` (${cannotUseRedis})`}`, () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  /** A folder that callers and workers share, texts, and the commands. */
  function setUp(models: readonly string[], texts = 12, mostCharacters = 300) {
    const folder = temporaryFolder();
    const shared = join(folder, "shared");
    mkdirSync(shared);
    for (const model of models) copyFileSync(demoModel(model), join(shared, `${model}.gguf`));
    const textFile = writeTexts(folder, texts, mostCharacters);
    // Each test has a queue of its own.
    const prefix = `test-${Math.random().toString(36).slice(2, 10)}`;
    const queue = (url = redis.url): string[] => ["--queue", url, "--queue-prefix", prefix];
    const env = shortLeases;
    return {
      folder,
      shared,
      texts: textFile,
      prefix,
      local: (out: string, ...more: string[]) => runCli(["score", shared, "--texts", textFile, "--out", join(folder, out), ...small, ...more], { env }),
      start: (out: string, ...more: string[]) =>
        startCli(["score", shared, "--texts", textFile, "--out", join(folder, out), ...small, ...queue(), "--shared-files", shared, "--json", ...more], { env }),
      /** Without models. */
      command: (out: string, ...more: string[]) => runCli(["score", "--out", join(folder, out), ...queue(), ...more], { env }),
      worker: (...more: string[]) => stopped(startCli(["worker", ...queue(), "--shared-files", shared, "--gpu", "off", "--threads", "1", ...more], { env })),
      workerAt: (url: string, ...more: string[]) => stopped(startCli(["worker", ...queue(url), ...more], { env })),
      scores: (out: string) => filesOf(join(folder, out, "scores")),
    };
  }
  /** As many batches as the settings of a test with few texts allow. */
  const small = manyBatches(64);

  it("gives the bytes of a local run, with two workers and the scored tokens", { timeout }, async () => {
    const run = setUp(["base-q4_0", "small-f16", "gpt2b-f16", "base-q8_0"]);
    expect((await run.local("local", "--token-log-probs")).code).toBe(0);
    const workers = [run.worker("--name", "one"), run.worker("--name", "two")];
    const { code, stdout, stderr } = await run.start("out", "--token-log-probs").result;
    expect(code, stderr).toBe(0);
    expect(run.scores("out")).toEqual(run.scores("local"));
    expect(filesOf(join(run.folder, "out", "tokens"))).toEqual(filesOf(join(run.folder, "local", "tokens")));
    expect(eventsOf(stdout).filter(({ event }) => event === "model-done").map(({ model }) => model).sort()).toEqual(["base-q4_0", "base-q8_0", "gpt2b-f16", "small-f16"]);
    expect(eventsOf(stdout).some(({ event, share }) => event === "progress" && typeof share === "number")).toBe(true);
    expect(existsSync(join(run.folder, "out", "queue.json"))).toBe(false);
    for (const worker of workers) worker.child.kill("SIGINT");
    for (const worker of workers) expect((await worker.result).code).toBe(130);
    // Nothing of the run is left in Redis.
    const keys = await redis.client().keys(`${run.prefix}:*`);
    expect(keys.filter((key) => /:run:|:texts:|:parts-|:tickets-[^:]*:[0-9a-f]{32}|:worker:/.test(key))).toEqual([]);
  });

  it("splits a model into parts, of which a worker loads it once", { timeout }, async () => {
    const run = setUp(["base-q4_0", "small-f16"]);
    expect((await run.local("local")).code).toBe(0);
    const workers = [run.worker(), run.worker()];
    const { code, stderr } = await run.start("out", "--parts", "3").result;
    expect(code, stderr).toBe(0);
    expect(run.scores("out")).toEqual(run.scores("local"));
    for (const worker of workers) worker.child.kill("SIGINT");
    const said = (await Promise.all(workers.map(({ result }) => result))).map((result) => result.stderr).join("\n");
    for (const model of ["base-q4_0", "small-f16"]) {
      for (const part of [1, 2, 3]) expect(said).toContain(`${model}: part ${part} of 3, `);
    }
  });

  it("goes on when its caller leaves and comes back", { timeout }, async () => {
    const run = setUp(["base-q4_0", "small-f16"], 40, Infinity);
    expect((await run.local("local")).code).toBe(0);
    const leaving = run.start("out");
    run.worker();
    expect(await waitForRows(join(run.folder, "out", "scores"), leaving.result, 1500)).toBe(true);
    leaving.child.kill("SIGINT");
    const left = await leaving.result;
    expect(left.code, left.stderr).toBe(130);
    expect(left.stderr).toContain("--attach");
    expect(run.scores("out")).not.toEqual(run.scores("local"));
    const back = await run.command("out", "--attach");
    expect(back.code, back.stderr).toBe(0);
    expect(run.scores("out")).toEqual(run.scores("local"));
  });

  it("is taken off the queue", { timeout }, async () => {
    const run = setUp(["small-f16"]);
    const leaving = run.start("out");
    await waitFor(() => existsSync(join(run.folder, "out", "queue.json")));
    await waitFor(async () => (await redis.client().keys(`${run.prefix}:tickets-*:wait`)).length > 0);
    leaving.child.kill("SIGINT");
    expect((await leaving.result).code).toBe(130);
    const { code, stderr } = await run.command("out", "--queue-cancel");
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("1 model was still on it");
    expect((await redis.client().keys(`${run.prefix}:*`)).filter((key) => /:run:|:texts:|:[0-9a-f]{32}/.test(key))).toEqual([]);
    expect((await run.command("out", "--attach")).stderr).toContain("nothing to attach to");
  });

  it("continues a model whose worker is killed, and repeats none of its batches", { timeout }, async () => {
    const run = setUp(["base-q4_0"], 40, Infinity);
    expect((await run.local("local")).code).toBe(0);
    const caller = run.start("out");
    const first = run.worker();
    expect(await waitForRows(join(run.folder, "out", "scores"), caller.result, 1500)).toBe(true);
    first.child.kill("SIGKILL");
    await first.result;
    const second = run.worker("--json", "--idle-timeout", "10");
    const { code, stderr } = await caller.result;
    expect(code, stderr).toBe(0);
    expect(run.scores("out")).toEqual(run.scores("local"));
    const done = eventsOf((await second.result).stdout).find(({ event }) => event === "part-done");
    expect(done?.["texts"]).toBeLessThan(40);
  });

  it("hands the part back at once when a worker is stopped", { timeout }, async () => {
    const run = setUp(["base-q4_0"], 40, Infinity);
    expect((await run.local("local")).code).toBe(0);
    const caller = run.start("out");
    const first = run.worker();
    expect(await waitForRows(join(run.folder, "out", "scores"), caller.result, 1500)).toBe(true);
    first.child.kill("SIGINT");
    expect((await first.result).code).toBe(130);
    const waiting = await redis.client().keys(`${run.prefix}:tickets-*:wait`);
    expect(waiting).toHaveLength(1);
    run.worker();
    expect((await caller.result).code).toBe(0);
    expect(run.scores("out")).toEqual(run.scores("local"));
  });

  it("scores adapters, and models of a list by URI that the caller does not have", { timeout }, async () => {
    const run = setUp(["base-f16"]);
    const { path: adapter } = adapterFixture();
    copyFileSync(adapter, join(run.shared, "lora.gguf"));
    const { url, close } = await serveFiles({ "/small-f16.gguf": readFileSync(demoModel("small-f16")) });
    onTestFinished(close);
    const list = join(run.folder, "list.csv");
    writeFileSync(list, `model,kind\nshared/base-f16.gguf+shared/lora.gguf,adapted\n${url}/small-f16.gguf,fetched\n`);
    const [callerCache, workerCache, localCache] = ["caller", "worker", "local"].map((name) => join(run.folder, `cache-${name}`));
    const arguments_ = ["--models", list, "--texts", run.texts, ...small];
    const local = await runCli(["score", ...arguments_, "--out", join(run.folder, "local")], { env: { LLMAP_CACHE_DIR: localCache } });
    expect(local.code, local.stderr).toBe(0);
    const queue = ["--queue", redis.url, "--queue-prefix", run.prefix, "--shared-files", run.shared];
    stopped(startCli(["worker", ...queue, "--gpu", "off"], { env: { ...shortLeases, LLMAP_CACHE_DIR: workerCache } }));
    const out = join(run.folder, "out");
    const queued = await runCli(["score", ...arguments_, "--out", out, ...queue], { env: { ...shortLeases, LLMAP_CACHE_DIR: callerCache } });
    expect(queued.code, queued.stderr).toBe(0);
    expect(existsSync(join(callerCache ?? "", "models"))).toBe(false);
    expect(run.scores("out")).toEqual(run.scores("local"));
    const rows = await readModels(join(out, "models.arrow"));
    expect(rows.map(({ name, path, labels, facts, sha256 }) => ({ name, path, labels, known: facts !== null && sha256 !== null }))).toEqual([
      { name: "base-f16+lora", path: join(run.shared, "base-f16.gguf"), labels: { kind: "adapted" }, known: true },
      { name: "small-f16", path: `${url}/small-f16.gguf`, labels: { kind: "fetched" }, known: true },
    ].sort((a, b) => rows.findIndex((row) => row.name === a.name) - rows.findIndex((row) => row.name === b.name)));
  });

  it("leaves a model to others where the file differs, and fails it where all differ", { timeout }, async () => {
    const run = setUp(["small-f16", "base-q4_0"]);
    const other = join(run.folder, "other");
    mkdirSync(other);
    copyFileSync(demoModel("gpt2b-f16"), join(other, "small-f16.gguf"));
    copyFileSync(demoModel("base-q4_0"), join(other, "base-q4_0.gguf"));
    stopped(startCli(["worker", "--queue", redis.url, "--queue-prefix", run.prefix, "--shared-files", other, "--gpu", "off", "--name", "wrong"], { env: shortLeases }));
    const { code, stdout } = await run.start("out").result;
    expect(code).toBe(3);
    const events = eventsOf(stdout);
    expect(events.filter(({ event }) => event === "model-done").map(({ model }) => model)).toEqual(["base-q4_0"]);
    expect(events.find(({ event, model }) => event === "warning" && model === "small-f16")?.["message"]).toContain("The worker wrong leaves it to others: Its file here is another one");
    expect(events.find(({ event }) => event === "model-failed")).toMatchObject({ model: "small-f16", code: "ERR_QUEUE" });
  });

  it("refuses a path that workers cannot read, before any work", { timeout }, async () => {
    const run = setUp(["small-f16"]);
    const score = (...more: string[]): Promise<CliResult> => {
      return runCli(["score", demoModel("small-f16"), "--texts", run.texts, "--out", join(run.folder, "out"), "--queue", redis.url, "--queue-prefix", run.prefix, ...more]);
    };
    expect((await score()).stderr).toMatch(/--shared-files DIR.*hf: URI/);
    expect((await score("--shared-files", run.shared)).stderr).toContain("lies outside the shared folder");
    // A link in the shared folder that leads out of it.
    symlinkSync(demoModel("small-f16"), join(run.shared, "link.gguf"));
    const linked = await runCli(["score", join(run.shared, "link.gguf"), "--texts", run.texts, "--out", join(run.folder, "out"), "--queue", redis.url, "--shared-files", run.shared]);
    expect(linked.stderr).toContain("lies outside the shared folder");
    expect(existsSync(join(run.folder, "out"))).toBe(false);
    expect(await redis.client().keys(`${run.prefix}:*`)).toEqual([]);
  });

  it("refuses its options without its address", { timeout }, async () => {
    const out = join(temporaryFolder(), "out");
    for (const option of [["--attach"], ["--queue-prefix", "x"], ["--max-stalled", "3"], ["--allow-http"]]) {
      const { code, stderr } = await runCli(["score", "--out", out, ...option]);
      expect(code).toBe(1);
      expect(stderr).toContain(`${option[0] ?? ""} needs the address of the queue`);
    }
  });

  it("says which worker is of another version", { timeout }, async () => {
    const run = setUp(["small-f16"]);
    const worker = { worker: { id: "0123456789abcdef", name: "old\u001b[31m" }, version: "0.0.1", queue: "tickets-1-0.0.1-v0" };
    const client = redis.client();
    await client.set(`${run.prefix}:worker:${worker.worker.id}`, JSON.stringify(worker));
    await client.sadd(`${run.prefix}:workers`, worker.worker.id);
    const caller = run.start("out");
    await setTimeout(3000);
    run.worker();
    const { code, stdout } = await caller.result;
    expect(code).toBe(0);
    expect(eventsOf(stdout).map(({ message }) => message)).toContainEqual(expect.stringContaining("The worker old [31m is of another version (0.0.1"));
  });

  it("needs the password, and does not show it", { timeout }, async () => {
    const locked = await startRedis(["--requirepass", secret]);
    onTestFinished(() => locked.stop());
    const run = setUp(["small-f16"]);
    const encoded = encodeURIComponent(secret);
    const wrong = await run.workerAt(locked.url.replace("//", "//:wrong-secret@")).result;
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/cannot be used: .*password/i);
    expect(wrong.stderr).not.toContain("wrong-secret");
    expect((await run.workerAt(locked.url).result).stderr).toContain("none was given");
    stopped(startCli(["worker", "--queue", locked.url, "--queue-prefix", run.prefix, "--shared-files", run.shared, "--gpu", "off"], { env: { ...shortLeases, LLMAP_REDIS_PASSWORD: secret } }));
    const address = locked.url.replace("//", `//:${encoded}@`);
    const arguments_ = ["score", run.shared, "--texts", run.texts, "--out", join(run.folder, "out"), ...small, "--queue", address, "--queue-prefix", run.prefix, "--shared-files", run.shared];
    const { code, stdout, stderr } = await runCli(arguments_, { env: shortLeases });
    expect(code, stderr).toBe(0);
    expect(stdout + stderr).not.toMatch(/correct/);
  });

  it("fails a model whose workers die too often, and does not stop the queue", { timeout }, async () => {
    const run = setUp(["base-q4_0"], 40, Infinity);
    const caller = run.start("out", "--max-stalled", "0");
    const first = run.worker();
    expect(await waitForRows(join(run.folder, "out", "scores"), caller.result, 1500)).toBe(true);
    first.child.kill("SIGKILL");
    await first.result;
    run.worker();
    const { code, stdout } = await caller.result;
    expect(code).toBe(1);
    const failed = eventsOf(stdout).find(({ event }) => event === "model-failed");
    expect(failed?.["reason"]).toMatch(/^A worker died .*1 time \(--max-stalled 0\)/);
    expect((await redis.client().keys(`${run.prefix}:*`)).filter((key) => /:run:|:texts:/.test(key))).toEqual([]);
  });

  it.skipIf(spawnSync("openssl", ["version"]).status !== 0)("goes over TLS", { timeout }, async () => {
    const run = setUp(["small-f16"]);
    const [key, certificate] = [join(run.folder, "key.pem"), join(run.folder, "certificate.pem")];
    const made = spawnSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate]);
    expect(made.status).toBe(0);
    const tlsPort = redis.port + 1 < 65_536 ? redis.port + 1 : redis.port - 1;
    const server = await startRedis(["--tls-port", String(tlsPort), "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate, "--tls-auth-clients", "no"]);
    onTestFinished(() => server.stop());
    const url = `rediss://localhost:${tlsPort}`;
    // Whom nobody vouches for is refused.
    expect((await run.workerAt(url).result).stderr).toMatch(/cannot be used: .*self-signed certificate/);
    const env = { ...shortLeases, NODE_EXTRA_CA_CERTS: certificate };
    const queue = ["--queue", url, "--queue-prefix", run.prefix, "--shared-files", run.shared, "--gpu", "off"];
    stopped(startCli(["worker", ...queue], { env }));
    const { code, stderr } = await runCli(["score", run.shared, "--texts", run.texts, "--out", join(run.folder, "out"), ...queue], { env });
    expect(code, stderr).toBe(0);
  });

  it("refuses a Redis that throws keys away, and one that is not there", { timeout }, async () => {
    const evicting = await startRedis(["--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru"]);
    onTestFinished(() => evicting.stop());
    const run = setUp([]);
    expect((await run.workerAt(evicting.url).result).stderr).toContain("maxmemory-policy noeviction");
    const gone = await run.workerAt("redis://127.0.0.1:1").result;
    expect(gone.code).toBe(1);
    expect(gone.stderr).toMatch(/redis:\/\/127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED/);
  });
});

/** The command, ended when the test is. */
function stopped(command: { child: ChildProcess; result: Promise<CliResult> }): { child: ChildProcess; result: Promise<CliResult> } {
  onTestFinished(async () => {
    command.child.kill("SIGINT");
    const late = setTimeout(15_000, null, { ref: false });
    if ((await Promise.race([command.result, late])) === null) command.child.kill("SIGKILL");
    await command.result;
  });
  return command;
}

function eventsOf(stdout: string): Record<string, unknown>[] {
  return stdout.trim().split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function waitFor(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 50) {
    if (await isTrue()) return;
    await setTimeout(50);
  }
  throw new Error("It did not come true within a minute.");
}

async function serveFiles(files: Record<string, Buffer>): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const file = files[new URL(request.url ?? "/", "http://localhost").pathname];
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-length": file.length, "content-type": "application/octet-stream" }).end(request.method === "HEAD" ? undefined : file);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
