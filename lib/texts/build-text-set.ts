/** Text sets from documents: read, cut, choose by source, sample (docs/text-sets.md). */
import { LlmapError } from "../errors.js";
import { requireSeed, requireWholeNumber } from "../option-checks.js";
import { defaultSeed, seededRandom } from "../random.js";
import { chunksOf } from "./chunks.js";
import { readTextSet } from "./read-text-set.js";
import { samplePerSource, samplePositions } from "./sample-texts.js";
import { makeTextSet, type TextContent, type TextSet } from "./text-set.js";

/** Options of `buildTextSet`. */
export interface BuildTextSetOptions {
  /** JSONL, JSON and .txt files, folders of .txt files, URLs, "builtin". */
  inputs: readonly string[];
  /** Longest chunk, UTF-8 bytes; default 1024. */
  maxBytes?: number;
  /** Chunks must be longer than this, bytes; default 256. */
  minBytes?: number;
  /** How many chunks to draw, without replacement; default: all. */
  count?: number | null;
  /** Default 42. */
  seed?: number;
  /** Only documents of these sources; default: all. */
  sources?: readonly string[];
  /** Draw evenly from the sources, rather than from all chunks alike. */
  perSource?: boolean;
  signal?: AbortSignal;
}

interface ChosenText extends TextContent {
  /** Where a document does not say, the name of its file or folder. */
  source: string;
  columns: { document: number; chunk: number };
}

/**
 * A text set as the authors of the method build theirs. Its texts are in the order of the documents, whose number (over all inputs) and
 * whose chunk are columns of their own.
 * Errors: ERR_USAGE for limits that leave nothing or a source that is not there; ERR_TEXTS where there are fewer chunks than `count`, and as
 * {@link readTextSet} has them.
 */
export async function buildTextSet(name: string, options: BuildTextSetOptions): Promise<TextSet> {
  const { inputs, maxBytes = 1024, minBytes = 256, count = null, seed = defaultSeed, sources = [], perSource = false, signal } = options;
  requireWholeNumber("maxBytes (--max-bytes)", maxBytes, 4);
  requireWholeNumber("minBytes (--min-bytes)", minBytes, 0);
  requireSeed(seed);
  requireWholeNumber("count (--count)", count, 1);
  if (minBytes >= maxBytes) {
    throw new LlmapError("ERR_USAGE", `No chunk is longer than ${minBytes} bytes (--min-bytes) and at most ${maxBytes} (--max-bytes) long. Choose a lower --min-bytes.`);
  }
  const documents = await readDocuments(inputs, signal);
  requireSources(documents, sources);
  const chunks = documents.flatMap(({ content, source }, document): ChosenText[] => {
    if (sources.length > 0 && !sources.includes(source)) return [];
    return chunksOf(content, { maxBytes, minBytes }).map(({ chunk, content }) => ({ content, source, columns: { document, chunk } }));
  });
  if (chunks.length < (count ?? 1)) {
    throw new LlmapError(
      "ERR_TEXTS",
      `The ${documents.length} documents have ${chunks.length} chunks of more than ${minBytes} bytes; expected ${count ?? "at least 1"}. Name more documents, or lower --count or --min-bytes.`,
    );
  }
  if (count === null) return makeTextSet(name, chunks);
  const chosen = perSource
    ? samplePerSource(chunks.map(({ source }) => source), count, seed)
    : samplePositions(chunks.length, count, seededRandom(seed));
  return makeTextSet(name, Array.from(chosen).flatMap((position) => chunks[position] ?? []));
}

async function readDocuments(inputs: readonly string[], signal: AbortSignal | undefined): Promise<{ content: string; source: string }[]> {
  const documents = [];
  for (const input of inputs) {
    const { name, texts } = await readTextSet(input, signal ? { signal } : {});
    for (const { content, source } of texts) documents.push({ content, source: source ?? name });
  }
  return documents;
}

function requireSources(documents: readonly { source: string }[], wanted: readonly string[]): void {
  const there = new Set(documents.map(({ source }) => source));
  const missing = wanted.find((source) => !there.has(source));
  if (missing === undefined) return;
  const shown = [...there].slice(0, 30).join(", ");
  throw new LlmapError("ERR_USAGE", `No document has the source ${missing}. Sources are ${shown}${there.size > 30 ? ` and ${there.size - 30} more` : ""}.`);
}

/** Facts of a text set. */
export interface TextSetFacts {
  name: string;
  count: number;
  /** UTF-8 bytes per text. */
  meanBytes: number;
  leastBytes: number;
  mostBytes: number;
  /** Texts by source, most first; null where the texts do not say. */
  sources: { source: string | null; count: number }[];
  hash: string;
}

/** What a set is: its size, its lengths in UTF-8 bytes, where its texts come from, its hash. */
export function textSetFacts({ name, texts, hash, meanBytes }: TextSet): TextSetFacts {
  const counts = new Map<string | null, number>();
  for (const { source } of texts) counts.set(source, (counts.get(source) ?? 0) + 1);
  return {
    name,
    count: texts.length,
    meanBytes,
    leastBytes: texts.reduce((least, { bytes }) => Math.min(least, bytes), Infinity),
    mostBytes: texts.reduce((most, { bytes }) => Math.max(most, bytes), 0),
    sources: Array.from(counts, ([source, count]) => ({ source, count })).sort((a, b) => b.count - a.count),
    hash,
  };
}
