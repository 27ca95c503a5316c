/** Which texts the page holds: all, or a sample with each source's share. */
import { defaultSeed, randomOrder, seededRandom } from "../random.js";

/** The most log-likelihoods (models x texts) and bytes of texts inside the page; a longer text is cut. */
export const textLimits = { logLikelihoods: 1_000_000, bytes: 10_000_000, charactersPerText: 2_000 };

/**
 * Positions in increasing order: all where they fit, else a sample drawn with the default seed in which each source has its share, and at least one
 * text where there is room.
 * @param sources of the texts @param bytes of the texts, each at most what the page keeps of it @param models K
 */
export function sampleTexts(sources: readonly string[], bytes: ArrayLike<number>, models: number): Int32Array {
  const count = sources.length;
  let total = 0;
  for (let text = 0; text < count; text++) total += bytes[text] ?? 0;
  const most = Math.floor(Math.min(count, textLimits.logLikelihoods / models, (count * textLimits.bytes) / Math.max(total, 1)));
  if (most >= count) return Int32Array.from({ length: count }, (_, text) => text);

  const random = seededRandom(defaultSeed);
  const bySource = new Map<string, number[]>();
  for (const text of randomOrder(random, count)) {
    const source = sources[text] ?? "";
    const texts = bySource.get(source);
    if (texts === undefined) bySource.set(source, [text]);
    else texts.push(text);
  }
  // The n-th of a source's m texts stands at (n + 1/2) / m: the first `most` of all hold each source's share.
  const ranked = Array.from(bySource.values()).flatMap((texts) => texts.map((text, n) => ({ text, place: (n + 0.5) / texts.length, first: n === 0 })));
  ranked.sort((a, b) => Number(b.first) - Number(a.first) || a.place - b.place);
  let left = textLimits.bytes;
  const chosen: number[] = [];
  for (const { text } of ranked) {
    if (chosen.length === most) break;
    left -= bytes[text] ?? 0;
    if (left < 0) break;
    chosen.push(text);
  }
  return Int32Array.from(chosen).sort();
}
