/** A redis-server of the test's own, which can be killed, restarted and filled; and a TCP proxy before it, which can be cut or stalled. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { Redis } from "ioredis";

/** For `describe.skipIf`: Debian's package redis-server has it. */
export const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;
export const needsRedis = hasRedis ? "" : " (skipped: needs redis-server)";

const mostWait = 60_000;

export class FaultyRedis {
  #process: ChildProcess | null = null;
  readonly client: Redis;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly options: readonly string[],
    readonly password: string | null,
  ) {
    this.client = new Redis({ port, host: "127.0.0.1", ...(password === null ? {} : { password }), lazyConnect: true, maxRetriesPerRequest: null });
    this.client.on("error", () => undefined);
  }

  /** Starts one on a free port. @param folder where it keeps its data @param options of redis-server, such as --appendonly yes */
  static async start(folder: string, options: readonly string[] = [], password: string | null = null): Promise<FaultyRedis> {
    const redis = new FaultyRedis(await freePort(), folder, [...options, ...(password === null ? [] : ["--requirepass", password])], password);
    await redis.start();
    await redis.client.connect();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const args = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.folder, "--save", "", "--loglevel", "warning", ...this.options];
    this.#process = spawn("redis-server", args, { stdio: "ignore" });
    for (let waited = 0; ; waited += 50) {
      if (await answers(this.port)) return;
      if (waited > mostWait || this.#process.exitCode !== null) throw new Error(`redis-server did not start at port ${this.port}`);
      await setTimeout(50);
    }
  }

  /** As the machine's crash does it: nothing that is not on disk stays. */
  async kill(): Promise<void> {
    const ended = this.#process;
    this.#process = null;
    if (ended === null || ended.exitCode !== null) return;
    const exit = once(ended, "exit");
    ended.kill("SIGKILL");
    await exit;
  }

  async close(): Promise<void> {
    this.client.disconnect();
    await this.kill();
  }

  /** Keys that hold anything of a run: its id is in their names. */
  async keysOfRuns(): Promise<string[]> {
    const keys = await this.client.keys("*");
    return keys.filter((key) => /[0-9a-f]{32}|:texts:/.test(key)).sort();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (does: boolean): void => {
      socket.destroy();
      resolve(does);
    };
    socket.on("error", () => end(false)).on("connect", () => socket.write("PING\r\n"));
    // Also an error is an answer (a password is wanted), but not that the data are still being read.
    socket.on("data", (bytes) => end(!bytes.toString().startsWith("-LOADING")));
  });
}

/** Passes bytes on between its own port and another one. */
export class CutProxy {
  readonly #pairs = new Set<[Socket, Socket]>();
  #way: "open" | "cut" | "stalled" = "open";

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on("connection", (socket) => this.#join(socket));
  }

  static async start(target: number): Promise<CutProxy> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new CutProxy(server, target);
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Connections break, and no new one comes about. */
  cut(): void {
    this.#way = "cut";
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  /** Connections stay, and nothing comes through. */
  stall(): void {
    this.#way = "stalled";
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** @param breaks whether what was stalled breaks, as where a firewall has forgotten it */
  heal(breaks = false): void {
    this.#way = "open";
    for (const pair of this.#pairs) {
      for (const socket of pair) {
        if (breaks) socket.resetAndDestroy();
        else socket.resume();
      }
    }
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  #join(socket: Socket): void {
    if (this.#way === "cut") {
      socket.resetAndDestroy();
      return;
    }
    const other = connect(this.target, "127.0.0.1");
    const pair: [Socket, Socket] = [socket, other];
    this.#pairs.add(pair);
    const [there, back] = [[socket, other], [other, socket]] as const;
    for (const [from, to] of [there, back]) {
      from.on("data", (bytes) => to.write(bytes));
      from.on("error", () => undefined);
      from.on("close", () => {
        this.#pairs.delete(pair);
        to.destroy();
      });
    }
    if (this.#way === "stalled") for (const one of pair) one.pause();
  }
}
