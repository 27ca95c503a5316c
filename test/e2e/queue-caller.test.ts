/** The caller of a queue and models.arrow, with a real Redis and a real worker whose scorer makes its rows up. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { scoreOnQueue, type QueueScoreOptions } from "../../lib/queue/score-on-queue.js";
import type { ModelScorer } from "../../lib/queue/model-scorer.js";
import { runWorker } from "../../lib/queue/worker.js";
import type { RunEvent } from "../../lib/run/events.js";
import type { PreparedModel } from "../../lib/scoring/messages.js";
import { readModels } from "../../lib/store/models-table.js";
import { makeTextSet } from "../../lib/texts/text-set.js";
import { demoModel } from "../helpers/fixtures.js";
import { cannotUseRedis, startRedis, type TestRedis } from "../helpers/redis.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

const timeout = 60_000;
const texts = makeTextSet("made up", Array.from({ length: 20 }, (_, i) => ({ content: `text ${i}`, source: null, columns: {} })));
const demoFolder = dirname(demoModel("small-f16"));

/** Batches of four texts; counts the models that it scored. */
class InventingScorer implements ModelScorer {
  models = 0;

  async score({ contents }: Parameters<ModelScorer["score"]>[0], handlers: Parameters<ModelScorer["score"]>[1]): ReturnType<ModelScorer["score"]> {
    this.models++;
    const prepared: PreparedModel = {
      settings: {
        ...{ bos: "auto", flashAttention: "off", kvCacheType: "F16/F32", batchTokens: 64, sequences: 4, contextSize: 256 },
        ...{ scorer: "native", backend: "cpu", device: "made up", gpuLayers: 0, llamaCpp: "made up" },
      },
      ...{ firstToken: "BOS", trainedContext: 256, vocabulary: 512, tokens: 10 * contents.length, truncatedTexts: 0 },
      batchOfText: Int32Array.from(contents, (_, text) => Math.floor(text / 4)),
      tokenCountsHash: createHash("sha256").update(String(contents.length)).digest("hex"),
      warnings: [],
      seconds: { process: 0, backend: 0, load: 0, tokenise: 0, context: 0 },
    };
    const done = await handlers.onPrepared(prepared);
    for (let from = 0; from < contents.length; from += 4) {
      const batch = [0, 1, 2, 3].map((i) => from + i).filter((text) => text < contents.length && done[text] !== 1);
      if (batch.length === 0) continue;
      const of = <Value>(value: Value): Value[] => batch.map(() => value);
      await handlers.onBatch({ text: Int32Array.from(batch), tokens: Int32Array.from(of(10)), logLikelihood: Float64Array.from(batch, (text) => -text - 1), truncated: of(false) });
    }
    await handlers.onPart?.();
    return { complete: true, memory: { peakResident: 0, resident: 0 } };
  }

  dispose(): void {
    // There is nothing to dispose of.
  }
}

describe.skipIf(cannotUseRedis !== null)(`the caller of a queue${cannotUseRedis === null ? "" : ` (${cannotUseRedis})`}`, () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  function setUp() {
    const prefix = `test-${Math.random().toString(36).slice(2, 10)}`;
    const scorer = new InventingScorer();
    const ending = new AbortController();
    const worker = runWorker({ queue: redis.url, prefix, sharedFiles: demoFolder, allowHttp: true, gpu: "off", signal: ending.signal }, [scorer]);
    onTestFinished(async () => {
      ending.abort();
      await expect(worker).rejects.toMatchObject({ code: "ERR_ABORTED" });
    });
    const out = join(temporaryFolder(), "out");
    const call = async (options: Partial<QueueScoreOptions>) => {
      const events: RunEvent[] = [];
      const call = { queue: redis.url, prefix, out, texts, scoring: { gpu: "off" as const }, ...options };
      const result = await scoreOnQueue({ ...call, onEvent: (event) => (events.push(event), options.onEvent?.(event)) });
      return { result, done: events.flatMap((event) => (event.event === "model-done" ? [event] : [])) };
    };
    const left = async (): Promise<string[]> => (await redis.client().keys(`${prefix}:*`)).filter((key) => /:run:|:texts:/.test(key));
    return { out, scorer, call, left, table: () => readModels(join(out, "models.arrow")) };
  }

  it("has the row of every model, however they come", { timeout }, async () => {
    const run = setUp();
    const { result } = await run.call({ models: [demoFolder], sharedFiles: demoFolder });
    expect(result.failed).toEqual([]);
    expect(result.scored).toHaveLength(12);
    expect(run.scorer.models).toBe(12);
    const rows = await run.table();
    expect(rows.map(({ status, sha256 }) => [status, sha256?.length])).toEqual(Array.from({ length: 12 }, () => ["complete", 64]));
    expect(await run.left()).toEqual([]);
    const again = await run.call({ models: [demoFolder], sharedFiles: demoFolder });
    expect(again.done.map(({ reused }) => reused)).toEqual(Array.from({ length: 12 }, () => true));
    expect(await run.table()).toEqual(rows);
  });

  it("knows a model by what its workers pinned where it was ended before the row of models.arrow", { timeout }, async () => {
    const bytes = readFileSync(demoModel("small-f16"));
    const server = createServer(({ method }, response) => {
      response.writeHead(200, { "content-length": bytes.length });
      response.end(method === "HEAD" ? undefined : bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    process.env["LLMAP_CACHE_DIR"] = temporaryFolder();
    onTestFinished(() => {
      delete process.env["LLMAP_CACHE_DIR"];
      server.close();
    });
    const run = setUp();
    const models = [`http://127.0.0.1:${(server.address() as AddressInfo).port}/elsewhere.gguf`];
    // A folder in its place: the rows are on disk, their row of the table cannot be.
    const onEvent = ({ event }: RunEvent): void => {
      if (event === "model-ready") mkdirSync(join(run.out, "models.arrow"));
    };
    await expect(run.call({ models, allowHttp: true, onEvent })).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_(NOT_FOUND|RUN_FOLDER)$/) as string });
    expect((await run.left()).length).toBeGreaterThan(0);
    rmSync(join(run.out, "models.arrow"), { recursive: true });

    const { result, done } = await run.call({ attach: true });
    expect(result.scored).toEqual(["elsewhere"]);
    expect(done).toMatchObject([{ model: "elsewhere", reused: true }]);
    expect(run.scorer.models).toBe(1);
    expect(await run.table()).toMatchObject([{ status: "complete", sha256: createHash("sha256").update(bytes).digest("hex"), facts: { architecture: "llama" } }]);
    expect(await run.left()).toEqual([]);
  });
});
