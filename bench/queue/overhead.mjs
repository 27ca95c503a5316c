/**
 * What the queue costs over the local command, with real models as small as they come: per model (a fixed part of each job) and per megabyte of rows. One
 * worker with one scorer process against one scorer process of the local command; pairs of runs, one straight after the other.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { median, quick, report, say } from "../report.mjs";

const pairs = quick ? 1 : 3;
/** Models and texts: a start, more models, more texts. What starting a caller and a worker takes is in each, and so in no difference. */
const cases = quick ? [[2, 4], [10, 4], [2, 64]] : [[2, 8], [22, 8], [2, 500]];
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
    count: models.length,
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
  say(`\nOverhead over the local command: real models of 0.2 MB, one worker, pairs of runs: ${pairs}`);
  const measured = [];
  for (const [count, texts] of cases) measured.push(await compare(bed, bed.modelFiles(count), texts));
  for (const { count, textCount, queueSeconds, localSeconds, megabytes, batches, network, processorSeconds, load } of measured) {
    const costs = { score_files_megabytes: megabytes, scripts: batches, network_megabytes: network, processor_seconds_more: processorSeconds };
    report({
      bench: "queue",
      case: `${count} models x ${textCount} texts: the whole run`,
      ours: queueSeconds,
      peer: localSeconds,
      peer_name: "local command",
      unit: "s",
      conditions: { runs: pairs, statistic: "median", models: count, texts: textCount, ...costs, load },
    });
  }
  const [start, models, texts] = measured;
  const figure = (name, more, of, unit, key, scale = 1) => {
    const value = (scale * (more[key] - start[key])) / (more[of] - start[of]);
    report({ bench: "queue", case: name, ours: value, peer: null, peer_name: null, unit, conditions: { runs: pairs, statistic: "median of differences of pairs", load: more.load } });
  };
  figure("per model", models, "count", "ms", "seconds", 1000);
  figure("per model, processor time", models, "count", "ms", "processorSeconds", 1000);
  figure("per script of a worker, processor time", texts, "batches", "us", "processorSeconds", 1e6);
  figure("per MB of score files", texts, "megabytes", "s", "seconds");
  figure("per MB of score files, processor time", texts, "megabytes", "s", "processorSeconds");
  figure("per MB of score files, network", texts, "megabytes", "MB", "network");
}
