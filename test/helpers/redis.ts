/** A real redis-server of a test's own: on a free port, with its data in a folder that is gone afterwards. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Redis } from "ioredis";

/** Why tests with Redis cannot run here; null: they can. */
export const cannotUseRedis: string | null = spawnSync("redis-server", ["--version"]).status === 0 ? null : "redis-server is not installed";

export interface TestRedis {
  /** redis://127.0.0.1:port */
  url: string;
  port: number;
  /** Where it keeps its data. */
  folder: string;
  /** A client of the test's own; with the password, if there is one. */
  client(): Redis;
  /** SIGKILL, as a crash. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with the data that it had. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** @param settings as on redis-server's command line, for example ["--requirepass", "secret"]; its data are kept in an append-only file, synced every second */
export async function startRedis(settings: readonly string[] = []): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), "llmap-native-redis-"));
  const port = await freePort();
  const clients: Redis[] = [];
  const passwordAt = settings.indexOf("--requirepass");
  const password = passwordAt === -1 ? undefined : settings[passwordAt + 1];
  let server = await launch(port, folder, settings, password);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill(signal);
    await gone;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    folder,
    client: () => {
      const client = new Redis({ port, ...(password === undefined ? {} : { password }), maxRetriesPerRequest: null });
      client.on("error", () => undefined); // the server goes away in some tests
      clients.push(client);
      return client;
    },
    kill: () => end("SIGKILL"),
    restart: async () => {
      await end("SIGTERM");
      server = await launch(port, folder, settings, password);
    },
    stop: async () => {
      for (const client of clients) client.disconnect();
      await end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch(port: number, folder: string, settings: readonly string[], password: string | undefined): Promise<ChildProcess> {
  const fixed = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"];
  const server = spawn("redis-server", [...fixed, ...settings], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  server.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  server.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const probe = new Redis({ port, ...(password === undefined ? {} : { password }), maxRetriesPerRequest: null, retryStrategy: () => 50 });
  probe.on("error", () => undefined);
  try {
    for (let waited = 0; waited < 30_000; waited += 50) {
      if (server.exitCode !== null) throw new Error(`redis-server ended: ${output}`);
      if ((await Promise.race([probe.ping().catch(() => ""), setTimeout(500, "")])) === "PONG") return server;
      await setTimeout(50);
    }
    throw new Error(`redis-server does not answer: ${output}`);
  } finally {
    probe.disconnect();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
