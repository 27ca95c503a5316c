/** How large is a KL divergence? Published medians for pairs of models of several relations, and the place of a number among them. */

export interface KlBand {
  /** What the two models are to each other. */
  relation: string;
  /** Median over pairs, bits per byte. */
  median: number;
}

/** Medians by Oyama, Yamagiwa, Takase and Shimodaira (arXiv 2505.15353), smallest first. */
export const publishedBands: readonly KlBand[] = [
  { relation: "late neighbouring checkpoints", median: 0.011 },
  { relation: "other seeds", median: 0.12 },
  { relation: "fine-tune and parent", median: 0.4 },
  { relation: "other sizes", median: 0.48 },
  { relation: "same family", median: 0.95 },
  { relation: "other family", median: 2.2 },
];

/** Belongs wherever a published band is shown. */
export const bandsWarning =
  "Their rows for 8-bit and 4-bit models (0.44, 0.49) are bitsandbytes, raw and unclipped, and no reference for GGUF quants, which lie some 30 times lower.";

/** The published bands that a KL divergence lies between, as a sentence. */
export function placeAmongBands(kl: number): string {
  const name = ({ relation, median }: KlBand): string => `${relation} (${median})`;
  const above = publishedBands.findIndex(({ median }) => median > kl);
  const upper = publishedBands[above];
  const lower = publishedBands[above === -1 ? publishedBands.length - 1 : above - 1];
  if (upper === undefined) return `above the published median of ${lower === undefined ? "all bands" : name(lower)}`;
  if (lower === undefined) return `below the published median of ${name(upper)}`;
  return `between the published medians of ${name(lower)} and ${name(upper)}`;
}
