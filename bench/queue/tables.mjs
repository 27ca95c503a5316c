/**
 * What grows with the number of models, measured where it stands alone: the table models.arrow, the folder of scores, queue.json, and what a model that
 * waits takes in Redis.
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Queue } from "bullmq";
import { writeQueueRecord, readQueueRecord } from "../../dist/queue/queue-record.js";
import { QueueStore } from "../../dist/queue/queue-store.js";
import { encodeRows } from "../../dist/queue/row-message.js";
import { ticketJob } from "../../dist/queue/tickets.js";
import { acquireLock } from "../../dist/store/lock.js";
import { updateModels, writeModels } from "../../dist/store/models-table.js";
import { modelsWithStreams } from "../../dist/store/score-file.js";
import { quick, report, say } from "../report.mjs";
import { RedisServer } from "./redis.mjs";

const counts = quick ? [1000] : [1000, 10_000, 100_000];
/** More are put into Redis in no group: what one takes does not depend on their number. */
const queued = quick ? 1000 : 10_000;
/** As a GPU's batch of 2,048 tokens has them. */
const textsOfMessage = 8;
const runId = "0123456789abcdef0123456789abcdef";

const facts = { architecture: "llama", title: "A model of someone", parameters: 7e9, quantization: "Q4_K_M", bytes: 4e9, contextLength: 4096, vocabularySize: 32_000, tokenizer: "llama" };
const sha256 = "0123456789abcdef".repeat(4);
const uri = (i) => `hf:someone/a-model-of-someone-${i}-GGUF:Q4_K_M`;

const row = (i) => ({
  ...{ name: `model-${i}`, fileName: `model-${i}`, path: uri(i), adapters: [], sha256, facts, labels: { family: "llama" }, status: "complete", error: null },
  ...{ bosPolicy: "auto: BOS", backend: "cuda", device: "GPU", scorer: "native", fallback: null, truncatedTexts: 0, warnings: [] },
});
const callerModel = (i) => ({ name: `model-${i}`, fileName: `model-${i}`, path: uri(i), adapters: [], sha256, facts, labels: { family: "llama" }, files: [{ kind: "uri", uri: uri(i) }] });
const list = (count, make) => Array.from({ length: count }, (_, i) => make(i));

const settings = {
  protocol: 1,
  texts: { hash: sha256, count: 10_000, bytes: 9_700_000 },
  scoring: {
    ...{ gpu: "auto", threads: null, bos: "auto", flashAttention: false, kvCacheType: null, batchTokens: null, sequences: null, logitsBudget: 512 * 1024 * 1024 },
    ...{ scorer: "auto", gpuLayers: null, contexts: null, tokenLogProbs: false, stallTimeout: 600 },
  },
  parts: null,
  maxStalled: 10,
};

/** Processor time of this process, seconds: what else the machine does counts less than in time. */
async function processorSeconds(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function figure(name, value, unit, conditions = {}) {
  report({ bench: "queue", case: name, ours: value, peer: null, peer_name: null, unit, conditions: { runs: 1, ...conditions } });
}

async function onDisk(bed, count) {
  const folder = join(bed.folder, `tables-${count}`);
  mkdirSync(folder);
  const models = join(folder, "models.arrow");
  await writeModels(models, list(count, row));
  figure("models.arrow", statSync(models).size / 1e6, "MB");
  figure("one row of models.arrow changed, processor time", await processorSeconds(() => updateModels(models, row(0))), "s");
  const record = join(folder, "queue.json");
  const write = () => writeQueueRecord(record, { format: 1, run: runId, queue: "redis://queue.example:6379", prefix: "llmap", createdAt: new Date().toISOString(), settings, models: list(count, callerModel) });
  figure("queue.json written and read, processor time", await processorSeconds(async () => (await write(), await readQueueRecord(record))), "s");
  figure("queue.json", readFileSync(record).length / 1e6, "MB");
  const scores = join(folder, "scores");
  mkdirSync(scores);
  for (let i = 0; i < count; i++) writeFileSync(join(scores, `model-${i}.arrow`), "");
  figure("one look for streams in scores/, processor time", await processorSeconds(() => modelsWithStreams(scores)), "s");
  const locks = 1000;
  const took = await processorSeconds(async () => {
    for (let i = 0; i < locks; i++) await (await acquireLock(join(scores, `.model-${i}.lock`), "The model")).release();
  });
  figure("a model's lock taken and released, processor time", (1e6 * took) / locks, "us");
  rmSync(folder, { recursive: true });
}

async function inRedis(bed) {
  const directory = join(bed.folder, "tables-redis");
  mkdirSync(directory);
  const redis = await RedisServer.start(directory);
  try {
    const store = new QueueStore(redis.client, "llmap");
    const tickets = new Queue("tickets", { connection: redis.client, prefix: "llmap" });
    const [memory, before] = [await redis.memory(), await redis.totals()];
    for (let i = 0; i < queued; i++) await store.putModel(runId, i, { name: `model-${i}`, files: [{ kind: "uri", uri: uri(i) }], sha256 });
    for (let from = 0; from < queued; from += 500) await tickets.addBulk(list(500, (i) => ticketJob({ run: runId, model: from + i }, 0, 0)));
    const after = await redis.totals();
    figure("a model that waits, in Redis", (await redis.memory() - memory) / queued, "bytes", { models: queued });
    figure("commands to put a model on the queue", (after.calls + after.scripts - before.calls - before.scripts) / queued, "");
    figure("processor time of Redis for it", (1e6 * (after.processorSeconds - before.processorSeconds)) / queued, "us");
    await rowsInRedis(redis, store);
    await tickets.close();
  } finally {
    await redis.stop();
  }
}

/** Rows that no caller takes. */
async function rowsInRedis(redis, store) {
  const before = await redis.memory();
  for (let unit = 1; unit <= queued; unit++) {
    const text = Int32Array.from({ length: textsOfMessage }, (_, i) => (unit - 1) * textsOfMessage + i);
    const rows = encodeRows({ text, tokens: text.map(() => 250), logLikelihood: Float64Array.from(text, (one) => -500 - one / 7), truncated: Array.from(text, () => false) });
    await store.addRows(runId, { type: "rows", model: 0, generation: 0, unit, worker: { id: "0123456789abcdef", name: "machine.example:12345" } }, rows);
  }
  figure(`a message of ${textsOfMessage} rows that waits, in Redis`, ((await redis.memory()) - before) / queued, "bytes", { messages: queued });
}

export async function run(bed) {
  for (const count of counts) {
    say(`\n${count.toLocaleString("en-US")} models`);
    await onDisk(bed, count);
  }
  say("\nIn Redis");
  await inRedis(bed);
}
