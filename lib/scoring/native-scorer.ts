/**
 * The native scorer: the addon borrows node-llama-cpp's context and gathers on llama.cpp's own logits. A private door of
 * node-llama-cpp, so releases and context parameters are checked before anything is read through it.
 */
import { getModuleVersion, type LlamaContext } from "node-llama-cpp";
import { LlmapError, messageOf } from "../errors.js";
import { allocateTable } from "../native/arrow-table.js";
import { fromAddonError } from "../native/cancellation.js";
import { loadAddon } from "../native/load-addon.js";
import { loadedLlamaLibrary, supportedLlamaCpp, supportedNodeLlamaCpp, type Backend } from "./llama-backend.js";
import { SequenceError, type BatchScores, type Scorer } from "./scorer.js";

export interface NativeScorer extends Scorer {
  /** Decodes the batch as `scoreBatch` does and reads no logits: the limit of its speed, for benchmarks. */
  decodeBatch(sequences: readonly Int32Array[]): Promise<void>;
}

/** All sequences one after the other. */
function concatenate(sequences: readonly Int32Array[]): Int32Array {
  const tokens = new Int32Array(sequences.reduce((sum, sequence) => sum + sequence.length, 0));
  let start = 0;
  for (const sequence of sequences) {
    tokens.set(sequence, start);
    start += sequence.length;
  }
  return tokens;
}

const lengthsOf = (sequences: readonly Int32Array[]): Int32Array => Int32Array.from(sequences, (sequence) => sequence.length);

/** Throws ERR_BACKEND or ERR_ADDON with the reason where the native scorer cannot be used on this context. */
export async function createNativeScorer(context: LlamaContext, backend: Backend, threads: number): Promise<NativeScorer> {
  const found = await getModuleVersion();
  if (found !== supportedNodeLlamaCpp || backend.llamaCpp !== supportedLlamaCpp) {
    throw new LlmapError(
      "ERR_BACKEND",
      `Expected node-llama-cpp ${supportedNodeLlamaCpp} with llama.cpp ${supportedLlamaCpp} ` +
        `but found ${found} with ${backend.llamaCpp}. Install node-llama-cpp ${supportedNodeLlamaCpp}.`,
    );
  }
  const library = loadedLlamaLibrary();
  if (library === null) {
    throw new LlmapError("ERR_BACKEND", "llama.cpp's library is not among the shared objects of this process.");
  }
  const wrapped: unknown = Reflect.get(context, "_ctx");
  if (typeof wrapped !== "object" || wrapped === null) {
    throw new LlmapError("ERR_BACKEND", "node-llama-cpp's context has no native object where it was expected.");
  }

  const addon = loadAddon();
  const slidingWindow = context.model.fileInsights.swaSize ?? 0;
  const borrowed = addon.borrowContext(wrapped, library, {
    contextSize: context.contextSize * context.totalSequences,
    // node-llama-cpp asks for one more where the cache slides.
    batchSize: context.batchSize + (slidingWindow > 0 ? 1 : 0),
    sequences: context.totalSequences,
  });

  return {
    kind: "native",
    async scoreBatch(sequences, logProbs): Promise<BatchScores> {
      const scores = allocateTable(
        [
          { name: "tokens", type: "int32" },
          { name: "log_likelihood", type: "float64" },
        ],
        sequences.length,
      );
      const { tokens: lengths, log_likelihood: logLikelihoods } = scores.columns;
      lengths.set(lengthsOf(sequences));
      try {
        await addon.scoreSequences(borrowed, concatenate(sequences), lengths, logLikelihoods, logProbs, { threads });
      } catch (error) {
        if (error instanceof Error && "sequence" in error && typeof error.sequence === "number") {
          throw new SequenceError(error.sequence, messageOf(error));
        }
        throw fromAddonError(error);
      }
      return scores.toTable();
    },
    decodeBatch: (sequences) => addon.decodeSequences(borrowed, concatenate(sequences), lengthsOf(sequences), { threads }),
    tokenPieces: () => borrowed.tokenPieces(),
    async dispose(): Promise<void> {
      borrowed.release();
      await context.dispose();
    },
  };
}
