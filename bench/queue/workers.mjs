/** Throughput by the number of workers, the time of scoring being simulated: whether twice the workers do twice the work. */
import { quick, report, say } from "../report.mjs";

const [jobs, batches, secondsPerBatch] = quick ? [16, 5, 0.2] : [16, 20, 0.4];
const textsPerBatch = 8;

export async function run(bed) {
  say(`\nThroughput by workers: ${jobs} models, ${(batches * secondsPerBatch).toFixed(1)} s of simulated scoring each (efficiency = T1 / (n Tn), in the column ratio)`);
  const [models, texts] = [bed.modelFiles(jobs), bed.textFile(batches * textsPerBatch, 970)];
  let one = null;
  for (const workers of [1, 2, 4, 8]) {
    const { seconds, load } = await bed.onQueue({ models, texts, workers, simulated: { textsPerBatch, secondsPerBatch } });
    one ??= jobs / seconds;
    const busy = (jobs * batches * secondsPerBatch) / (workers * seconds);
    report({
      bench: "queue",
      case: `${workers} ${workers === 1 ? "worker" : "workers"}, ${seconds.toFixed(1)} s, scoring ${(100 * busy).toFixed(1)} % of it`,
      ours: jobs / seconds,
      peer: workers * one,
      peer_name: `${workers} x one worker`,
      unit: "models/s",
      conditions: { runs: 1, jobs, batches, seconds_per_batch: secondsPerBatch, seconds, share_scoring: busy, load },
    });
  }
}
