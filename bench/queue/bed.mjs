/** What the groups of bench:queue stand on: a folder, models and texts of any number, a Redis, workers and a caller on it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { writeRandomModel } from "../random-model.mjs";
import { runCaller, startWorker } from "./processes.mjs";
import { RedisServer } from "./redis.mjs";

/** Small enough to be hashed in a moment; scored for real in the group `overhead` alone. */
const shape = { vocabulary: 258, width: 64, layers: 1, tied: true };

/** Words of a fixed order, so that texts compress about as prose does. */
const words = "map model text likely token vector distance the of a number that scores every row worker queue caller batch plan".split(" ");

export class Bed {
  #runs = 0;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "llmap-bench-queue-"));
    this.models = join(this.folder, "models");
  }

  /** @returns paths of `count` models, no two alike */
  modelFiles(count) {
    return Array.from({ length: count }, (_, i) => writeRandomModel(join(this.models, `model-${String(i).padStart(6, "0")}.gguf`), { ...shape, seed: 1 + 1000 * i }));
  }

  /** @returns path of a file of `count` texts of `bytes` bytes, no two alike */
  textFile(count, bytes) {
    const path = join(this.folder, `texts-${count}-${bytes}.json`);
    const text = (number) => {
      const parts = [`${number}:`];
      for (let length = 0, word = number; length < bytes; word = (word * 7 + 3) % 1009) length += parts[parts.push(words[word % words.length]) - 1].length + 1;
      return parts.join(" ").slice(0, bytes);
    };
    writeFileSync(path, JSON.stringify(Array.from({ length: count }, (_, i) => text(i))));
    return path;
  }

  /**
   * One run on an empty Redis, with workers that are there before it begins.
   * @returns what the caller tells; redis: its work meanwhile, peak memory, and workerSeconds: processor time of all workers
   */
  async onQueue({ models, texts, workers, parallel = 1, threads = 1, simulated = null }) {
    const out = this.#newFolder("run");
    const redis = await RedisServer.start(this.#newFolder("redis"));
    const ends = [];
    try {
      for (let i = 0; i < workers; i++) ends.push(await startWorker({ queue: redis.url, sharedFiles: this.models, threads, parallel, simulated }));
      const before = await redis.totals();
      const memoryBefore = await redis.memory();
      const peakOf = redis.watchMemory();
      const load = loadavg()[0];
      const told = await runCaller({ queue: redis.url, models, sharedFiles: this.models, out, texts, threads });
      const peakMemory = peakOf();
      const after = await redis.totals();
      let workerSeconds = 0;
      for (const worker of ends.splice(0)) workerSeconds += await worker.end();
      const done = Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - before[name]]));
      return { ...told, workerSeconds, load, redis: { ...done, memoryBefore, peakMemory }, out };
    } finally {
      for (const worker of ends) await worker.end().catch(() => undefined);
      await redis.stop();
    }
  }

  /** The same models by the local command. */
  async local({ models, texts, threads = 1 }) {
    return runCaller({ queue: null, models, sharedFiles: null, out: this.#newFolder("run"), texts, threads });
  }

  #newFolder(name) {
    const path = join(this.folder, `${name}-${++this.#runs}`);
    mkdirSync(path, { recursive: true });
    return path;
  }

  close() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
