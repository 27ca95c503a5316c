/**
 * In place of a scorer process: takes as long as it is told, and gives rows that are made up. So a machine with few cores can stand for many
 * workers; everything else of a worker and of its caller is the real thing.
 */
import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";

/** Tokens that a text is said to have: four bytes make one. */
const tokensOf = (content) => Math.max(2, Math.ceil(content.length / 4));

export class SimulatedScorer {
  /**
   * @param textsPerBatch texts of a batch of the plan, whose rows travel together
   * @param secondsPerBatch 0: as fast as the rows are taken
   */
  constructor({ textsPerBatch, secondsPerBatch }) {
    this.textsPerBatch = textsPerBatch;
    this.secondsPerBatch = secondsPerBatch;
  }

  /** Like ScorerSupervisor.score. */
  async score({ contents }, handlers, signal) {
    const batchOfText = Int32Array.from(contents, (_, text) => Math.floor(text / this.textsPerBatch));
    const counts = Int32Array.from(contents, tokensOf);
    const prepared = this.#prepared(batchOfText, counts);
    let done = await handlers.onPrepared(prepared);
    let stopped = false;
    while (done !== null && !stopped) {
      stopped = await this.#scorePart(counts, done, handlers, signal);
      done = stopped ? null : ((await handlers.onPart?.()) ?? null);
    }
    return { complete: !stopped, memory: { peakResident: 0, resident: 0 } };
  }

  dispose() {}

  /** Batches come at their time, whether or not the rows of the one before are taken: so does a scorer process. */
  async #scorePart(counts, done, handlers, signal) {
    let taken = Promise.resolve();
    const started = performance.now();
    let scored = 0;
    for (let from = 0; from < counts.length; from += this.textsPerBatch) {
      const texts = [];
      for (let text = from; text < Math.min(counts.length, from + this.textsPerBatch); text++) if (done[text] !== 1) texts.push(text);
      if (texts.length === 0) continue;
      if (signal?.aborted) {
        await taken;
        return true;
      }
      scored++;
      if (this.secondsPerBatch > 0) await setTimeout(Math.max(0, started + scored * this.secondsPerBatch * 1000 - performance.now()));
      else await taken;
      taken = taken.then(() => handlers.onBatch(rowsOf(texts, counts)));
      taken.catch(() => undefined);
    }
    await taken;
    return false;
  }

  #prepared(batchOfText, counts) {
    return {
      settings: {
        ...{ bos: "auto", flashAttention: "off", kvCacheType: "F16/F32", batchTokens: 2048, sequences: this.textsPerBatch, contextSize: 1024 },
        ...{ scorer: "native", backend: "cpu", device: "simulated", gpuLayers: 0, llamaCpp: "simulated" },
      },
      firstToken: "BOS",
      trainedContext: 1024,
      vocabulary: 258,
      tokens: counts.reduce((sum, count) => sum + count, 0),
      truncatedTexts: 0,
      batchOfText,
      tokenCountsHash: createHash("sha256").update(counts).digest("hex"),
      warnings: [],
      seconds: { process: 0, backend: 0, load: 0, tokenise: 0, context: 0 },
    };
  }
}

function rowsOf(texts, counts) {
  return {
    text: Int32Array.from(texts),
    tokens: Int32Array.from(texts, (text) => counts[text]),
    logLikelihood: Float64Array.from(texts, (text) => -counts[text] * (2 + (text % 7) / 7)),
    truncated: texts.map(() => false),
  };
}
