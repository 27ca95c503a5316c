/** A redis-server of the benchmark's own, on a free port, as docs/distributed.md says to start one. */
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { Redis } from "ioredis";
import { clearInterval, setInterval } from "node:timers";
import { setTimeout } from "node:timers/promises";

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class RedisServer {
  /** @param directory where it keeps its data Errors: where redis-server is not installed, or does not answer within ten seconds. */
  static async start(directory) {
    const port = await freePort();
    const options = ["--port", port, "--bind", "127.0.0.1", "--dir", directory, "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--daemonize", "no"];
    const child = spawn(process.env.LLMAP_REDIS_SERVER ?? "redis-server", options.map(String), { stdio: "ignore" });
    let failure = null;
    child.on("error", (error) => (failure = error));
    const client = new Redis({ port, host: "127.0.0.1", maxRetriesPerRequest: null, retryStrategy: () => 50 });
    client.on("error", () => undefined);
    for (let tries = 0; tries < 200; tries++) {
      if (failure !== null) throw new Error(`redis-server cannot be started: ${failure.message}. Install it, or name it in LLMAP_REDIS_SERVER.`);
      if (client.status === "ready") return new RedisServer(child, client, port);
      await setTimeout(50);
    }
    throw new Error("redis-server does not answer.");
  }

  constructor(child, client, port) {
    Object.assign(this, { child, client, url: `redis://127.0.0.1:${port}` });
  }

  async value(section, name) {
    return Number(new RegExp(`^${name}:(\\d+)`, "m").exec(await this.client.info(section))?.[1] ?? NaN);
  }

  /**
   * What it has done so far. commands: calls, those inside scripts included; seconds: of its one thread, in commands; processorSeconds: of its
   * process; bytesIn, bytesOut: over the network.
   */
  async totals() {
    const stats = await this.client.info("commandstats");
    const commands = [...stats.matchAll(/^cmdstat_(\S+?):calls=(\d+),usec=(\d+)/gm)].map(([, name, calls, usec]) => ({ name, calls: Number(calls), usec: Number(usec) }));
    // A script's time holds that of its commands.
    const isScript = ({ name }) => name === "eval" || name === "evalsha";
    const calls = commands.reduce((sum, command) => sum + (isScript(command) ? 0 : command.calls), 0);
    const scripts = commands.filter(isScript).reduce((sum, command) => sum + command.calls, 0);
    const [user, system] = await Promise.all(["used_cpu_user", "used_cpu_sys"].map(async (name) => Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(await this.client.info("cpu"))?.[1])));
    return { calls, scripts, processorSeconds: user + system, bytesIn: await this.value("stats", "total_net_input_bytes"), bytesOut: await this.value("stats", "total_net_output_bytes") };
  }

  memory() {
    return this.value("memory", "used_memory");
  }

  /** Calls `look` with the used memory every so often until the returned function is called. */
  watchMemory() {
    const peak = { bytes: 0 };
    const timer = setInterval(() => void this.memory().then((bytes) => (peak.bytes = Math.max(peak.bytes, bytes)), () => undefined), 250);
    return () => {
      clearInterval(timer);
      return peak.bytes;
    };
  }

  async stop() {
    this.client.disconnect();
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await gone;
  }
}
