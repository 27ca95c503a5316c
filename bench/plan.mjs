/**
 * npm run bench:plan [-- --json] [-- --quick]: the evidence for the defaults of lib/scoring/batch-plan.ts. Speed of the native scorer by
 * tokens of a batch, sequences of a batch, and one context of all threads or one context per thread. The peer is the default plan.
 */
import { openBackend, openModel, openScorers, planOf, tokenise } from "./contexts.mjs";
import { chosen, models } from "./models.mjs";
import { json, machine, median, plural, quick, report, rounded, say, threads } from "./report.mjs";
import { scoreBatches, scoredTokens, spread } from "./throughput.mjs";

const runs = quick ? 1 : 5;
/** Seconds of one measurement, about. */
const seconds = quick ? 0.15 : 0.5;
const batchTokens = quick ? [64, 256, 1024] : [64, 128, 256, 512, 1024, 2048];
const sequences = quick ? [1, 4] : [1, 2, 4, 8, 16];
const contextChoices = [
  { contexts: 1, threadsEach: threads, name: `1 context of ${plural(threads, "thread")}` },
  { contexts: threads, threadsEach: 1, name: `${threads} contexts of 1 thread` },
].slice(0, threads === 1 ? 1 : 2);

/** Tokens per second under one plan, over about `tokens` tokens from all over it. */
async function measure({ backend, model, sequences: texts }, plan, choice, tokens) {
  const scoring = await openScorers(backend, model, texts, plan, choice);
  try {
    const tokensPerBatch = scoredTokens(scoring, scoring.batches) / scoring.batches.length;
    // The same number of batches for every context.
    const rounds = Math.max(1, Math.round(tokens / tokensPerBatch / choice.contexts));
    await scoreBatches(scoring, spread(scoring.batches, choice.contexts));
    return await scoreBatches(scoring, spread(scoring.batches, rounds * choice.contexts));
  } finally {
    await scoring.dispose();
  }
}

function printTable(choice, results) {
  say(`\n  ${choice.name}${" ".repeat(4)}sequences ${sequences.map((count) => String(count).padStart(9)).join("")}`);
  for (const tokens of batchTokens) {
    const row = sequences.map((count) => {
      const { speeds } = results.find((result) => result.choice === choice && result.asked === tokens && result.count === count);
      return rounded(median(speeds)).padStart(9);
    });
    say(`  ${`${tokens} tokens`.padEnd(choice.name.length + 13)} ${row.join("")}`);
  }
}

async function explore({ name, path, contents }) {
  const modelPath = path();
  if (modelPath === null) return;
  const backend = await openBackend();
  const model = await openModel(backend, modelPath);
  const opened = { backend, model, sequences: await tokenise(model, contents) };
  const usual = planOf(backend, model, opened.sequences);

  const grid = contextChoices.flatMap((choice) =>
    batchTokens.flatMap((asked) =>
      sequences.map((count) => ({ choice, asked, count, plan: planOf(backend, model, opened.sequences, asked, count), speeds: [] })),
    ),
  );
  const defaults = contextChoices.map((choice) => ({ choice, plan: usual, speeds: [] }));
  const tokens = seconds * (await measure(opened, usual, contextChoices[0], 1024));
  for (let run = 0; run < runs; run++) {
    for (const one of [...defaults, ...grid]) one.speeds.push(await measure(opened, one.plan, one.choice, tokens));
  }
  await model.dispose();
  await backend.llama.dispose();

  const peer = Math.max(...defaults.map(({ speeds }) => median(speeds)));
  const peer_name = `default plan of ${usual.batchTokens} tokens, ${plural(usual.sequences, "sequence")}, in the better kind of contexts`;
  if (json) {
    for (const { choice, asked, count, speeds } of grid) {
      const label = `${name}: ${asked} tokens, ${plural(count, "sequence")}, ${choice.name}`;
      report({ bench: "plan", case: label, ours: median(speeds), peer, peer_name, unit: "tokens/s", conditions: { runs, statistic: "median" } });
    }
  } else {
    say(`\n${name}, tokens/s (${peer_name}: ${rounded(peer)})`);
    for (const choice of contextChoices) printTable(choice, grid);
  }
}

say(`Native scorer by plan (${machine.processor}, CPU; medians of ${plural(runs, "interleaved run")} of about ${seconds} s)`);
for (const model of chosen([models.base, models.random32k, models.random152k, models.hundredMillion])) await explore(model);
