/** Tokens from the server of `llmap-native open`, for texts whose tokens the page does not hold. */
import type { FoundTokens } from "./report.js";

/**
 * "elsewhere" where the server has none, or is gone.
 * @param base address of the page @param model its place on the page @param position of the text in the text set
 */
export async function servedTokens(base: string, model: number, position: number): Promise<FoundTokens> {
  try {
    const answer = await fetch(new URL(`data/model/${model}/tokens?text=${position}`, base));
    if (!answer.ok) return "elsewhere";
    const { firstByte, bytes, logProbs } = (await answer.json()) as { firstByte: number | null; bytes: number[]; logProbs: number[] };
    return firstByte === null ? "unplaced" : { first: firstByte, bytes, logProbs };
  } catch {
    return "elsewhere"; // the server is gone, as after --watch
  }
}
