/**
 * npm run bench:score [-- --json] [-- --quick]: the native scorer beside raw decoding (its limit), the portable scorer and
 * llama-perplexity; then the time from starting the scorer process to its first batch. Runs are interleaved, so that a slow moment of the
 * machine meets all; figures are medians.
 */
import { openBackend, prepare } from "./contexts.mjs";
import { llamaTools } from "./llama-tools.mjs";
import { Perplexity } from "./llama-perplexity.mjs";
import { models } from "./models.mjs";
import { gpu, leaveOut, machine, median, quick, report, say } from "./report.mjs";
import { reportStartUp } from "./start-up.mjs";
import { batchesFor, decodeBatches, scoreBatches, scoredTokens } from "./throughput.mjs";

const runs = quick ? 3 : 11;
/** Seconds of one measurement, about. The portable scorer does few batches in it, and the native one is compared on these. */
const seconds = quick ? 0.3 : 1;

const backend = await openBackend();
const tools = gpu === "off" ? llamaTools() : { unavailable: "it is built for the CPU" };
if (tools.unavailable !== undefined) leaveOut("llama-perplexity", tools.unavailable);

async function compare({ name, path, contents }) {
  const modelPath = path();
  if (modelPath === null) return;
  const native = await prepare(backend, modelPath, contents, { scorer: "native" });
  const portable = await prepare(backend, modelPath, contents, { scorer: "portable" });
  // llama-perplexity wants two texts at least.
  const batches = await batchesFor(native, seconds, 2);
  const few = await batchesFor(portable, seconds, 1);
  const texts = batches.flatMap((batch) => Array.from(batch, (text) => contents[text]));
  const perplexity = tools.unavailable === undefined ? new Perplexity(tools.perplexity, modelPath, texts, scoredTokens(native, batches), native.prepared.settings) : null;

  const speeds = { native: [], raw: [], nativeOnFew: [], portable: [], perplexity: [] };
  const measurements = [
    async () => speeds.native.push(await scoreBatches(native, batches)),
    async () => speeds.raw.push(await decodeBatches(native, batches)),
    async () => speeds.nativeOnFew.push(await scoreBatches(native, few)),
    async () => speeds.portable.push(await scoreBatches(portable, few)),
    async () => perplexity !== null && speeds.perplexity.push(perplexity.run()),
  ];
  for (let run = 0; run < runs; run++) {
    // There and back again: what comes first in one run comes last in the next.
    for (const measure of run % 2 === 0 ? measurements : measurements.toReversed()) await measure();
  }
  const { batchTokens, sequences, kvCacheType } = native.prepared.settings;
  const contexts = native.scorers.length;
  await native.dispose();
  await portable.dispose();

  const conditions = { runs, statistic: "median", batch_tokens: batchTokens, sequences, contexts, kv_cache: kvCacheType, flash_attention: "off" };
  const against = (peer_name, ours, peer, more) =>
    report({ bench: "score", case: name, ours: median(ours), peer: median(peer), peer_name, unit: "tokens/s", conditions: { ...conditions, ...more } });
  against("raw decode", speeds.native, speeds.raw, { scored_tokens: scoredTokens(native, batches) });
  against("portable scorer", speeds.nativeOnFew, speeds.portable, { scored_tokens: scoredTokens(native, few) });
  if (perplexity === null) return;
  const of = (kind) => speeds.perplexity.map((speed) => speed[kind]);
  against("llama-perplexity, tokens scored", speeds.native, of("scored"), perplexity.conditions);
  against("llama-perplexity, tokens decoded", speeds.native, of("decoded"), perplexity.conditions);
}

say(`Scoring, native scorer first (${machine.processor}, ${machine.threads} threads, ${machine.device}; medians of ${runs} interleaved runs)\n`);
for (const model of Object.values(models)) await compare(model);
say(`\nStart-up of a scorer process`);
for (const model of [models.base, models.hundredMillion]) await reportStartUp(model);
