/**
 * npm run bench:score [-- --json] [-- --quick] [-- --only random32k,...]: the native scorer beside raw decoding (its limit), the portable scorer and
 * llama-perplexity; then the time from starting the scorer process to its first batch. Runs are interleaved, so that a slow moment of the
 * machine meets all; figures are medians. Against raw decoding the ratio is that of pairs of runs, one straight after the other.
 */
import { openBackend, prepare } from "./contexts.mjs";
import { llamaTools } from "./llama-tools.mjs";
import { Perplexity } from "./llama-perplexity.mjs";
import { chosen, models } from "./models.mjs";
import { gpu, leaveOut, machine, median, pairedRatio, plural, quick, report, say } from "./report.mjs";
import { reportStartUp } from "./start-up.mjs";
import { batchesFor, decodeBatches, scoreBatches, scoredTokens } from "./throughput.mjs";

/** Pairs of native scoring and raw decoding; and runs of the slow peers. */
const pairs = quick ? 7 : 61;
const runs = quick ? 1 : 5;
/** Seconds of one measurement, about; the portable scorer, which has one context, does a single batch at least, the native one a batch in each of its contexts. */
const seconds = quick ? 0.15 : 0.4;
/** --quick leaves out the smallest vocabulary, where nothing is promised. */
const compared = Object.values(models).filter((model) => !quick || model !== models.random512);

const backend = await openBackend();
const tools = gpu === "off" ? llamaTools() : { unavailable: "it is built for the CPU" };
if (tools.unavailable !== undefined) leaveOut("llama-perplexity", tools.unavailable);

async function compare({ name, path, contents }) {
  const modelPath = path();
  if (modelPath === null) return;
  const native = await prepare(backend, modelPath, contents, { scorer: "native" });
  const portable = await prepare(backend, modelPath, contents, { scorer: "portable" });
  // llama-perplexity wants two texts at least.
  const batches = await batchesFor(native, seconds, Math.max(2, native.scorers.length));
  const few = await batchesFor(portable, seconds, 1);
  const texts = batches.flatMap((batch) => Array.from(batch, (text) => contents[text]));
  const perplexity = tools.unavailable === undefined ? new Perplexity(tools.perplexity, modelPath, texts, scoredTokens(native, batches), native.prepared.settings) : null;

  const speeds = { native: [], raw: [], portable: [], perplexity: [] };
  const pair = [
    async () => speeds.native.push(await scoreBatches(native, batches)),
    async () => speeds.raw.push(await decodeBatches(native, batches)),
  ];
  const others = [
    async () => speeds.portable.push(await scoreBatches(portable, few)),
    async () => perplexity !== null && speeds.perplexity.push(perplexity.run()),
  ];
  for (let run = 0; run < pairs; run++) {
    // There and back again: what comes first in one run comes last in the next.
    const inOrder = (measurements) => (run % 2 === 0 ? measurements : measurements.toReversed());
    for (const measure of inOrder(pair)) await measure();
    if (run < runs) for (const measure of inOrder(others)) await measure();
  }
  const { batchTokens, sequences, kvCacheType } = native.prepared.settings;
  const contexts = native.scorers.length;
  await native.dispose();
  await portable.dispose();

  const conditions = { runs, statistic: "median", batch_tokens: batchTokens, sequences, contexts, kv_cache: kvCacheType, flash_attention: "off" };
  const against = (peer_name, ours, peer, more, paired) =>
    report({ bench: "score", case: name, ours: median(ours), peer: median(peer), peer_name, unit: "tokens/s", conditions: { ...conditions, ...more }, paired });
  const paired = pairedRatio(speeds.native, speeds.raw);
  against("raw decode", speeds.native, speeds.raw, { runs: pairs, scored_tokens: scoredTokens(native, batches) }, paired);
  against("portable scorer", speeds.native, speeds.portable, { peer_scored_tokens: scoredTokens(portable, few) });
  if (perplexity === null) return;
  const of = (kind) => speeds.perplexity.map((speed) => speed[kind]);
  against("llama-perplexity, tokens scored", speeds.native, of("scored"), perplexity.conditions);
  against("llama-perplexity, tokens decoded", speeds.native, of("decoded"), perplexity.conditions);
}

say(`Scoring, native scorer first (${machine.processor}, ${machine.threads} threads, ${machine.device}; medians of ${plural(pairs, "pair")} with raw decoding and of ${plural(runs, "run")} with the others, interleaved)\n`);
for (const model of chosen(compared)) await compare(model);
say(`\nStart-up of a scorer process`);
for (const model of chosen([models.base, models.hundredMillion])) await reportStartUp(model);
