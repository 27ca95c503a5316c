/** The tokens that the page holds, packed. */
import { Divergences } from "./divergences.js";
import { KlTriangle } from "./kl-triangle.js";
import { mostModelsWithPairs, sampleOf, type PageTexts } from "./page-data.js";
import type { ReportData } from "./report-data.js";
import type { FoundTokens } from "./report.js";
import type { TextTokens } from "./text-pieces.js";
import { chooseTokenTexts } from "./token-choice.js";

/** One entry for each model and text; the tokens of all entries one after the other. */
export interface PageTokens {
  models: Int32Array;
  /** Indices of the page's texts. */
  texts: Int32Array;
  /** Bytes of the text before the first token; -1 where it is not known which bytes the tokens stand for, and there are none here. */
  firstBytes: Int32Array;
  /** Where the tokens of an entry begin, and the end of the last: entries + 1. */
  starts: Int32Array;
  bytes: Uint16Array;
  /** Log-probabilities from 0 (code 0) down to `lowest` nats (code 65,535), linear. */
  lowest: number;
  codes: Uint16Array;
}

const highestCode = 65_535;

/** Reads the tokens of the texts that the page shows first, and packs them. */
export async function pageTokens({ tokens, kl, neighbours, models, clip }: Omit<ReportData, "sample">, texts: PageTexts): Promise<PageTokens> {
  const entries: { model: number; text: number; tokens: TextTokens | null }[] = [];
  if (tokens !== null) {
    const count = models.length;
    const divergences = new Divergences(kl === null || count > mostModelsWithPairs ? null : KlTriangle.fromMatrix(kl, count), neighbours);
    const chosen = chooseTokenTexts({ models, clip }, divergences, sampleOf(texts), tokens);
    for (const [model, ofModel] of chosen.entries()) {
      if (ofModel.size === 0) continue;
      const wanted = Array.from(ofModel).sort((a, b) => a - b);
      const found = await tokens.read(model, wanted);
      entries.push(...wanted.map((text, i) => ({ model, text, tokens: found[i] ?? null })));
    }
  }
  return packTokens(entries);
}

export function packTokens(entries: readonly { model: number; text: number; tokens: TextTokens | null }[]): PageTokens {
  const starts = new Int32Array(entries.length + 1);
  entries.forEach(({ tokens }, entry) => (starts[entry + 1] = (starts[entry] ?? 0) + (tokens?.bytes.length ?? 0)));
  const total = starts.at(-1) ?? 0;
  const [bytes, codes] = [new Uint16Array(total), new Uint16Array(total)];
  let lowest = 0;
  for (const { tokens } of entries) for (let i = 0; i < (tokens?.logProbs.length ?? 0); i++) lowest = Math.min(lowest, tokens?.logProbs[i] ?? 0);
  entries.forEach(({ tokens }, entry) => {
    if (tokens === null) return;
    const start = starts[entry] ?? 0;
    bytes.set(tokens.bytes, start);
    // Rounding may leave a log-probability a little above 0.
    for (let i = 0; i < tokens.logProbs.length; i++) codes[start + i] = lowest < 0 ? Math.max(0, Math.round(((tokens.logProbs[i] ?? 0) / lowest) * highestCode)) : 0;
  });
  return {
    models: Int32Array.from(entries, ({ model }) => model),
    texts: Int32Array.from(entries, ({ text }) => text),
    firstBytes: Int32Array.from(entries, ({ tokens }) => tokens?.first ?? -1),
    starts,
    bytes,
    lowest,
    codes,
  };
}

/** Looks an entry up. */
export function heldTokens({ models, texts, firstBytes, starts, bytes, lowest, codes }: PageTokens): (model: number, text: number) => FoundTokens {
  const key = (model: number, text: number): string => `${model} ${text}`;
  const entries = new Map(Array.from(models, (model, entry) => [key(model, texts[entry] ?? -1), entry]));
  return (model, text) => {
    const entry = entries.get(key(model, text));
    if (entry === undefined) return "elsewhere";
    const first = firstBytes[entry] ?? -1;
    if (first < 0) return "unplaced";
    const [from, to] = [starts[entry], starts[entry + 1]];
    return { first, bytes: bytes.subarray(from, to), logProbs: Float32Array.from(codes.subarray(from, to), (code) => (code / highestCode) * lowest) };
  };
}
