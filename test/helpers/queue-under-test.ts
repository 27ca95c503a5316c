/** Callers and workers on a queue, as processes that a test kills; and what must hold whatever happened to them. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { tableFromIPC } from "apache-arrow";
import { expect } from "vitest";
import { seededRandom } from "../../lib/random.js";
import { runCli, startCli, type CliOptions, type CliResult } from "./cli.js";
import type { FaultyRedis } from "./faulty-redis.js";
import { demoModel } from "./fixtures.js";
import { childrenOf, isRunning } from "./processes.js";
import { filesOf, writeTexts } from "./run-folder.js";

/** Seconds without renewal after which a worker is taken for dead. */
export const lockSeconds = 3;
const environment = { LLMAP_QUEUE_LOCK_SECONDS: String(lockSeconds) };
/** One text in a batch, so that there are many to be interrupted between. */
const plan = ["--gpu", "off", "--sequences", "1", "--batch-tokens", "256"];

/** Writes models that differ in their hash and in their numbers: copies of the smallest one, each with the lowest bits of its last weights turned. */
function writeTinyModels(folder: string, count: number, seed = 1): string[] {
  mkdirSync(folder, { recursive: true });
  const original = readFileSync(demoModel("small-f16"));
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, number) => {
    const copy = Buffer.from(original);
    // Little-endian float16 or float32: the lowest byte of each pair holds lowest bits of the mantissa.
    for (let at = copy.length - 4096; at < copy.length; at += 4) copy[at] = (copy[at] ?? 0) ^ Math.floor(random() * 256);
    const path = join(folder, `tiny-${String(number).padStart(4, "0")}.gguf`);
    writeFileSync(path, copy);
    return path;
  });
}

export interface RunningProcess {
  pid: number;
  result: Promise<CliResult>;
  /** With its children, and waits for its end. */
  kill(): Promise<CliResult>;
  isOver(): boolean;
  /** What it has written on standard output so far. */
  output(): string;
}

export class QueueUnderTest {
  readonly models: string[];
  readonly texts: string;
  readonly shared: string;
  readonly #running = new Set<RunningProcess>();

  constructor(
    readonly redis: FaultyRedis,
    readonly folder: string,
    { models, texts, characters = 120 }: { models: number; texts: number; characters?: number },
  ) {
    this.shared = join(folder, "models");
    this.models = writeTinyModels(this.shared, models);
    this.texts = writeTexts(folder, texts, characters);
  }

  /** Of one machine, undisturbed. */
  async expected(models: readonly string[] = this.models): Promise<Record<string, string>> {
    const out = join(this.folder, "expected");
    const { code, stderr } = await runCli(["score", ...models, "--texts", this.texts, "--out", out, "--threads", "1", ...plan]);
    expect(code, stderr).toBe(0);
    return filesOf(join(out, "scores"));
  }

  caller(out: string, more: readonly string[] = [], { url = this.redis.url, models = this.models, env = {} }: { url?: string; models?: readonly string[]; env?: NodeJS.ProcessEnv } = {}): RunningProcess {
    const named = more.includes("--attach") ? [] : [...models, "--texts", this.texts, ...plan];
    return this.#start(["score", ...named, "--queue", url, "--shared-files", this.shared, "--out", join(this.folder, out), "--json", ...more], { env });
  }

  /** @param shared its folder of models @param main another build of the command line */
  worker(
    more: readonly string[] = [],
    { url = this.redis.url, env = {}, shared = this.shared, main }: { url?: string; env?: NodeJS.ProcessEnv; shared?: string; main?: string } = {},
  ): RunningProcess {
    const args = ["worker", "--queue", url, "--shared-files", shared, "--threads", "1", "--gpu", "off", "--json", ...more];
    return this.#start(args, { env, ...(main === undefined ? {} : { main }) });
  }

  #start(args: readonly string[], options: CliOptions): RunningProcess {
    const { child, result } = startCli(args, { ...options, env: { ...environment, ...options.env }, detached: true });
    const pid = child.pid ?? NaN;
    const state = { over: false, output: "" };
    child.stdout?.on("data", (text: string) => (state.output += text));
    const process_: RunningProcess = {
      pid,
      result: result.finally(() => {
        state.over = true;
        this.#running.delete(process_);
      }),
      isOver: () => state.over,
      output: () => state.output,
      kill: async () => {
        const scorers = childrenOf(pid);
        if (!state.over) killGroup(pid);
        const ended = await result;
        for (let waited = 0; waited < 30_000 && scorers.some(isRunning); waited += 50) await setTimeout(50);
        return ended;
      },
    };
    this.#running.add(process_);
    return process_;
  }

  /** What holds at the end of each run: every row once and to the bit, and nothing of it left in Redis. */
  async expectWhole(out: string, expected: Record<string, string>): Promise<void> {
    expect(filesOf(join(this.folder, out, "scores"))).toEqual(expected);
    expect(statuses(join(this.folder, out)).filter(([, status]) => status !== "complete")).toEqual([]);
    expect(Object.keys(filesOf(join(this.folder, out))).filter((file) => file === "queue.json" || file.includes(".lock"))).toEqual([]);
    await this.expectNothingLeft();
  }

  /** A worker may just be closing the queue of a model's parts. */
  async expectNothingLeft(): Promise<void> {
    for (let waited = 0; waited < 20_000 && (await this.redis.keysOfRuns()).length > 0; waited += 200) await setTimeout(200);
    expect(await this.redis.keysOfRuns()).toEqual([]);
  }

  /** Ends what is still running. */
  async close(): Promise<void> {
    for (const one of [...this.#running]) await one.kill();
  }
}

/** Model and status of each row of models.arrow. */
export function statuses(out: string): [string, string][] {
  const table = tableFromIPC(readFileSync(join(out, "models.arrow")));
  const column = (name: string): string[] => Array.from(table.getChild(name) ?? [], String);
  return column("model").map((model, row) => [model, column("status")[row] ?? ""]);
}

/** Events of a command with --json. */
export function eventsOf({ stdout }: CliResult): { event: string; message?: string; model?: string | null; reason?: string; code?: string }[] {
  return stdout.split("\n").flatMap((line) => (line.startsWith("{") && line.endsWith("}") ? [JSON.parse(line) as { event: string }] : []));
}

export const warningsOf = (result: CliResult): string => eventsOf(result).flatMap(({ event, message }) => (event === "warning" ? [message ?? ""] : [])).join("\n");

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Just over.
  }
}

/** Waits until something holds. Errors: where it does not within two minutes. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, most = 120_000): Promise<void> {
  for (const end = performance.now() + most; performance.now() < end; ) {
    if (await holds()) return;
    await setTimeout(50);
  }
  throw new Error(`Waited too long: ${what}`);
}
