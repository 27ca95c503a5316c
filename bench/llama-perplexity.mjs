/**
 * llama-perplexity on the same texts, one after the other in one file; it cuts that into chunks of equal length. Set up as near to the
 * scorer as its options allow: chunks as long as the texts are on average, about as many tokens a batch, the same threads and cache
 * types, flash attention off. Its time is the one it reports after loading and tokenising.
 *
 * It decodes all tokens of a chunk, but computes the logits of the second half only and scores these. So its speed has two figures.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { threads } from "./report.mjs";

const textFile = fileURLToPath(new URL("../build/bench/perplexity.txt", import.meta.url));
/** Chunks are of a multiple of this many tokens. */
const step = 32;
const mostAttempts = 10;

export class Perplexity {
  #program;
  #arguments;
  #chunk;
  /** How it was run, for the report. */
  conditions;

  /**
   * @param program path of llama-perplexity
   * @param texts to evaluate; only one instance at a time is of use, since they share a file
   * @param tokens of all texts
   * @param settings of the native scorer
   */
  constructor(program, modelPath, texts, tokens, { batchTokens, kvCacheType }) {
    this.#program = program;
    this.#chunk = step * Math.max(1, Math.floor(tokens / texts.length / step));
    const chunksPerBatch = Math.max(1, Math.round(batchTokens / this.#chunk));
    const batch = String(chunksPerBatch * this.#chunk);
    const [keys, values = keys] = kvCacheType.toLowerCase().split("/");
    const options = ["-c", String(this.#chunk), "-b", batch, "-ub", batch, "-t", String(threads), "-tb", String(threads)];
    options.push("-fa", "off", "-ctk", keys, "-ctv", values);
    this.conditions = { peer_options: options.join(" "), peer_build: "llama.cpp of node-llama-cpp, default options, native" };
    // Verbosity 4: with the times.
    this.#arguments = ["-m", modelPath, "-f", textFile, ...options, "-ngl", "0", "-lv", "4"];
    mkdirSync(dirname(textFile), { recursive: true });
    writeFileSync(textFile, texts.join("\n"));
  }

  /** @returns tokens per second: {scored, decoded} */
  run() {
    for (let attempt = 1; ; attempt++) {
      const { status, signal, error, stdout, stderr } = spawnSync(this.#program, this.#arguments, { encoding: "utf8", maxBuffer: 1 << 28 });
      const output = `${stdout}${stderr}`;
      const number = (pattern) => Number(pattern.exec(output)?.[1] ?? NaN);
      const chunks = number(/calculating perplexity over (\d+) chunks/);
      const seconds = (number(/total time = +([\d.]+) ms/) - number(/tokenization took ([\d.e+]+) ms/)) / 1000;
      if (status === 0 && !Number.isNaN(chunks * seconds)) {
        const scoredPerChunk = this.#chunk - Math.floor(this.#chunk / 2) - 1;
        return { scored: (chunks * scoredPerChunk) / seconds, decoded: (chunks * this.#chunk) / seconds };
      }
      // It ends without waiting for its log, whose last lines are lost now and then; the times are among them.
      if (status === 0 && attempt < mostAttempts) continue;
      const reason = error?.message ?? output.trim().split("\n").slice(-3).join(" / ");
      throw new Error(`llama-perplexity told no times (${signal ?? `exit code ${status}`}): ${reason}`);
    }
  }
}
