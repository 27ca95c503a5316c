/** A seeded sample of a set's texts, from all of them or evenly from each source. */
import { randomOrder, seededRandom } from "../random.js";

/**
 * `count` of the numbers 0 to total - 1, each subset equally likely, in ascending order.
 * @param count at most `total`
 */
export function samplePositions(total: number, count: number, random: () => number): Int32Array {
  return randomOrder(random, total).slice(0, count).sort();
}

/**
 * Positions of `count` texts, ascending, as many from each source as from any other; a source that has too few gives all of its own, and the
 * others share the rest.
 * @param sources one per text
 * @param count at most as many as there are texts
 */
export function samplePerSource(sources: readonly string[], count: number, seed: number): Int32Array {
  const random = seededRandom(seed);
  const positions = new Map<string, number[]>();
  sources.forEach((source, text) => {
    const texts = positions.get(source);
    if (texts === undefined) positions.set(source, [text]);
    else texts.push(text);
  });
  // The smallest first, so that what they lack is known when the larger ones are asked.
  const groups = [...positions.entries()].sort(([a, one], [b, other]) => one.length - other.length || (a < b ? -1 : 1));
  const chosen: number[] = [];
  groups.forEach(([, texts], i) => {
    const share = Math.min(texts.length, Math.floor((count - chosen.length) / (groups.length - i)));
    for (const position of samplePositions(texts.length, share, random)) chosen.push(texts[position] ?? NaN);
  });
  return Int32Array.from(chosen).sort();
}
