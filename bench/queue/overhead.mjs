/**
 * What the queue costs over the local command, with real models as small as they come: per model (a fixed part of each job) and per megabyte of rows. One
 * worker with one scorer process against one scorer process of the local command; pairs of runs, one straight after the other.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { median, quick, report, say } from "../report.mjs";

const pairs = quick ? 1 : 5;
const count = quick ? 4 : 12;
const sizes = quick ? [4, 64] : [8, 1000];
const bytes = 200;

async function compare(bed, models, textCount) {
  const texts = bed.textFile(textCount, bytes);
  const runs = { queue: [], local: [] };
  for (let pair = 0; pair < pairs; pair++) {
    const order = pair % 2 === 0 ? ["queue", "local"] : ["local", "queue"];
    for (const way of order) runs[way].push(way === "queue" ? await bed.onQueue({ models, texts, workers: 1 }) : await bed.local({ models, texts }));
  }
  const differences = (value) => median(runs.queue.map((run, pair) => value(run) - value(runs.local[pair])));
  const batches = runs.queue[0].redis.scripts;
  const megabytes = models.reduce((sum, path) => sum + statSync(join(runs.queue[0].out, "scores", path.split("/").at(-1).replace(/\.gguf$/, ".arrow"))).size, 0) / 1e6;
  return {
    textCount,
    megabytes,
    batches,
    seconds: differences(({ seconds }) => seconds),
    localSeconds: median(runs.local.map(({ seconds }) => seconds)),
    queueSeconds: median(runs.queue.map(({ seconds }) => seconds)),
    // Of the scorer process nothing: neither side counts its children.
    processorSeconds: differences(({ processorSeconds, workerSeconds = 0, redis }) => processorSeconds + workerSeconds + (redis?.processorSeconds ?? 0)),
    network: (runs.queue[0].redis.bytesIn + runs.queue[0].redis.bytesOut) / 1e6,
    load: median(runs.queue.map(({ load }) => load)),
  };
}

export async function run(bed) {
  say(`\nOverhead over the local command: ${count} real models of 0.2 MB, one worker, ${pairs} pairs of runs`);
  const models = bed.modelFiles(count);
  const [few, many] = [await compare(bed, models, sizes[0]), await compare(bed, models, sizes[1])];
  for (const one of [few, many]) {
    const { textCount, queueSeconds, localSeconds, megabytes, batches, network, processorSeconds, load } = one;
    report({
      bench: "queue",
      case: `${textCount} texts: seconds of the whole run`,
      ours: queueSeconds,
      peer: localSeconds,
      peer_name: "local command",
      unit: "s",
      conditions: { runs: pairs, statistic: "median", models: count, texts: textCount, score_files_megabytes: megabytes, scripts: batches, network_megabytes: network, processor_seconds_more: processorSeconds, load },
    });
  }
  const conditions = { runs: pairs, statistic: "median of differences of pairs", models: count, load: many.load };
  const figure = (name, value, unit) => report({ bench: "queue", case: name, ours: value, peer: null, peer_name: null, unit, conditions });
  const [perJob, perJobProcessor] = [few.seconds / count, few.processorSeconds / count];
  const rest = many.megabytes - few.megabytes;
  figure(`per job (${sizes[0]} texts)`, perJob, "s");
  figure("per job, processor time of all but the scorer", perJobProcessor, "s");
  figure("per MB of score files", (many.seconds - few.seconds) / rest, "s");
  figure("per MB, processor time", (many.processorSeconds - few.processorSeconds) / rest, "s");
  figure("per batch, processor time", (many.processorSeconds - few.processorSeconds) / (many.batches - few.batches), "s");
  figure("over the network per MB of score files", (many.network - few.network) / rest, "MB");
}
