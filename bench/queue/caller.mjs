/**
 * A caller process of bench:queue, or with `queue` null the local command, in a process of its own so that its memory can be told.
 * argv[2]: { queue, models (files), sharedFiles, out, texts (a JSON file of strings), threads } as JSON. Sends what it took.
 */
import { readFileSync } from "node:fs";
import { scoreOnQueue } from "../../dist/queue/score-on-queue.js";
import { score } from "../../dist/run/score.js";
import { makeTextSet } from "../../dist/texts/text-set.js";

const { queue, models, sharedFiles, out, texts: textsFile, threads } = JSON.parse(process.argv[2]);
const contents = JSON.parse(readFileSync(textsFile, "utf8"));
const texts = makeTextSet("bench", contents.map((content) => ({ content, source: null, columns: {} })));

let begun = 0;
let failed = 0;
const onEvent = (event) => {
  // Resolving and hashing the models is behind; what follows is the work.
  if (event.event === "models") begun = performance.now();
  if (event.event === "model-failed" || (event.event === "warning" && !/^No worker/.test(event.message))) console.error(`caller: ${event.message ?? event.reason}`);
  if (event.event === "model-failed") failed++;
};
const common = { out, texts, models, onEvent };
const { scored } = await (queue === null ? score({ ...common, scoring: { threads, gpu: "off" } }) : scoreOnQueue({ ...common, queue, sharedFiles, scoring: { gpu: "off" } }));
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
process.send({ seconds: (performance.now() - begun) / 1000, scored: scored.length, failed, processorSeconds: (userCPUTime + systemCPUTime) / 1e6, peakBytes: maxRSS * 1024 });
process.disconnect();
