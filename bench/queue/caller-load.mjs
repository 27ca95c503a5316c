/** The caller under load: as many rows as workers can push without scoring anything. Its memory, what it takes per second, and what Redis holds meanwhile. */
import { quick, report, say } from "../report.mjs";

const loads = quick
  ? [{ count: 20, texts: 2000, textsPerBatch: 16, parallel: 4 }]
  : [
      { count: 100, texts: 10_000, textsPerBatch: 16, parallel: 8 },
      { count: 1000, texts: 10_000, textsPerBatch: 16, parallel: 8 },
      { count: 20, texts: 10_000, textsPerBatch: 1, parallel: 8 },
    ];
const workers = 2;

export async function run(bed) {
  for (const { count, texts, textsPerBatch, parallel } of loads) {
    say(`\nCaller under load: ${count} models x ${texts} texts, rows of ${textsPerBatch} in a message, ${workers} workers with ${parallel} models each in hand, nothing scored`);
    const load = { models: bed.modelFiles(count), texts: bed.textFile(texts, 970), workers, parallel, simulated: { textsPerBatch, secondsPerBatch: 0 } };
    const { seconds, processorSeconds, workerSeconds, peakBytes, redis, load: average } = await bed.onQueue(load);
    const [rows, messages] = [count * texts, count * Math.ceil(texts / textsPerBatch)];
    const conditions = { runs: 1, models: count, texts, texts_per_batch: textsPerBatch, workers, parallel, seconds, load: average };
    const figure = (name, value, unit) => report({ bench: "queue", case: name, ours: value, peer: null, peer_name: null, unit, conditions });
    const mebibyte = 1024 * 1024;
    figure("rows on disk", rows / seconds, "rows/s");
    figure("messages", messages / seconds, "/s");
    figure("peak memory of the caller", peakBytes / mebibyte, "MiB");
    figure("peak memory of Redis, over that before the run", (redis.peakMemory - redis.memoryBefore) / mebibyte, "MiB");
    figure("processor time per message: caller", (1e6 * processorSeconds) / messages, "us");
    figure("processor time per message: Redis", (1e6 * redis.processorSeconds) / messages, "us");
    figure("processor time per message: workers", (1e6 * workerSeconds) / messages, "us");
    figure("commands in Redis per message", (redis.calls + redis.scripts) / messages, "");
    figure("network per row, in and out of Redis", (redis.bytesIn + redis.bytesOut) / rows, "bytes");
  }
}
