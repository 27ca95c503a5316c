/** Throughput by the number of workers, the time of scoring being simulated: whether twice the workers do twice the work. */
import { median, quick, report, say } from "../report.mjs";

const [jobs, batches, secondsPerBatch] = quick ? [16, 5, 0.2] : [16, 20, 0.4];
const textsPerBatch = 8;

export async function run(bed) {
  say(`\nThroughput by workers: ${jobs} models, ${(batches * secondsPerBatch).toFixed(1)} s of simulated scoring each (efficiency = T1 / (n Tn), in the column ratio)`);
  const [models, texts] = [bed.modelFiles(jobs), bed.textFile(batches * textsPerBatch, 970)];
  let one = null;
  for (const workers of [1, 2, 4, 8]) {
    // Short runs, which a slow moment of the machine weighs on most.
    const runs = [];
    while (runs.length < (quick || workers < 8 ? 1 : 3)) runs.push(await bed.onQueue({ models, texts, workers, simulated: { textsPerBatch, secondsPerBatch } }));
    const [seconds, load] = [median(runs.map((one) => one.seconds)), median(runs.map((one) => one.load))];
    one ??= jobs / seconds;
    const busy = (jobs * batches * secondsPerBatch) / (workers * seconds);
    report({
      bench: "queue",
      case: `${workers} ${workers === 1 ? "worker" : "workers"}, ${seconds.toFixed(1)} s, scoring ${(100 * busy).toFixed(1)} % of it`,
      ours: jobs / seconds,
      peer: workers * one,
      peer_name: `${workers} x one worker`,
      unit: "models/s",
      conditions: { runs: runs.length, statistic: "median", jobs, batches, seconds_per_batch: secondsPerBatch, seconds, share_scoring: busy, load },
    });
  }
}
