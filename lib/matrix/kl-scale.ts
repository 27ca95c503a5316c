/** How large is a KL divergence? Published medians for pairs of models of several relations, and the place of a number among them. */
import { labelOf } from "../models/labels.js";
import { sortedQuantile } from "./sorted-quantile.js";

/** A published median that a divergence can be placed beside. */
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
  "Their rows for 8-bit and 4-bit models (0.44, 0.49) are bitsandbytes, raw and unclipped, and no reference for GGUF quants, which lie 30 times lower and more.";

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

/** What decides the relation of a model to others. */
export interface RelatedModel {
  name: string;
  /** `base`, `parent`, `seed`, `trajectory`, `step` and `family` are looked at. */
  labels: Record<string, string>;
  quantization: string | null;
  /** 0 where unknown. */
  parameters: number;
  /** Stands for the family where there is no such label. */
  architecture: string | null;
}

/** Nearest relation first: a pair counts for the first one that holds. */
const relations = ["quantization", "checkpoint", "seed", "fine-tune", "size", "same family", "other family"] as const;
export type Relation = (typeof relations)[number];

/** The published band that a relation of the run belongs beside; there is none for quantizations of GGUF files. */
export const bandOfRelation: Partial<Record<Relation, KlBand["relation"]>> = {
  checkpoint: "late neighbouring checkpoints",
  seed: "other seeds",
  "fine-tune": "fine-tune and parent",
  size: "other sizes",
  "same family": "same family",
  "other family": "other family",
};

/** KL divergences of the pairs of one relation. */
export interface RelationRow {
  relation: Relation;
  pairs: number;
  /** Bits per byte. */
  median: number;
  least: number;
  most: number;
}

/**
 * What two models are to each other, by their labels and facts:
 * quantization: the same `base` label (without one: the same name up to its quantization) and another quantization;
 * checkpoint: the same `trajectory` and another `step`; seed: the same family and parameters and another `seed`;
 * fine-tune: the `parent` of one is the other, or what the other is a quantization of; size: the same family, another number of parameters;
 * same family and other family: the `family` label, without it the architecture.
 */
export const relationOf = (a: RelatedModel, b: RelatedModel): Relation => relationOfFacts(relationFactsOf(a), relationFactsOf(b));

/** What a relation depends on, worked out once for each model. */
interface RelationFacts extends Pick<RelatedModel, "name" | "quantization" | "parameters"> {
  base: string;
  family: string | null;
  trajectory: string | null;
  step: string | null;
  seed: string | null;
  parent: string | null;
  /** The parent's name without its quantization. */
  parentBase: string | null;
}

function relationFactsOf(model: RelatedModel): RelationFacts {
  const { name, quantization, parameters } = model;
  const [trajectory, step, seed, parent] = [labelOf(model, "trajectory"), labelOf(model, "step"), labelOf(model, "seed"), labelOf(model, "parent")];
  const parentBase = parent === null ? null : withoutQuantization(parent, null);
  return { name, quantization, parameters, base: baseOf(model), family: familyOf(model), trajectory, step, seed, parent, parentBase };
}

function relationOfFacts(a: RelationFacts, b: RelationFacts): Relation {
  const differ = (one: string | null, other: string | null): boolean => one !== null && other !== null && one !== other;
  const agree = (one: string | null, other: string | null): boolean => one !== null && one === other;
  const isParent = (child: RelationFacts, parent: RelationFacts): boolean =>
    child.parent !== null && (child.parent === parent.name || child.parentBase === parent.base) && child.base !== parent.base;
  const sameFamily = agree(a.family, b.family);
  if (a.base === b.base && a.quantization !== b.quantization) return "quantization";
  if (agree(a.trajectory, b.trajectory) && differ(a.step, b.step)) return "checkpoint";
  if (sameFamily && a.parameters === b.parameters && differ(a.seed, b.seed)) return "seed";
  if (isParent(a, b) || isParent(b, a)) return "fine-tune";
  if (sameFamily && a.parameters !== b.parameters && a.parameters > 0 && b.parameters > 0) return "size";
  return sameFamily ? "same family" : "other family";
}

/**
 * Medians and counts of the pairs of each relation that occurs.
 * @param kl K x K, bits per byte
 */
export function klScale(models: readonly RelatedModel[], kl: Float64Array): RelationRow[] {
  const byRelation = new Map<Relation, number[]>();
  const facts = models.map(relationFactsOf);
  facts.forEach((a, i) => {
    for (let j = 0; j < i; j++) {
      const b = facts[j];
      if (b === undefined) continue;
      const relation = relationOfFacts(a, b);
      const values = byRelation.get(relation) ?? [];
      byRelation.set(relation, values);
      values.push(kl[i * models.length + j] ?? NaN);
    }
  });
  return relations.flatMap((relation) => {
    const values = Float64Array.from(byRelation.get(relation) ?? []).sort();
    if (values.length === 0) return [];
    return [{ relation, pairs: values.length, median: sortedQuantile(values, 0.5), least: values[0] ?? NaN, most: values.at(-1) ?? NaN }];
  });
}

const familyOf = (model: RelatedModel): string | null => labelOf(model, "family") ?? model.architecture;
const baseOf = (model: RelatedModel): string => labelOf(model, "base") ?? withoutQuantization(model.name, model.quantization);

/** "base-q8_0" without its "-q8_0", as GGUF files are named; without a known quantization, whatever looks like one. */
function withoutQuantization(name: string, quantization: string | null): string {
  const shape = quantization?.replaceAll(/[^\w]/g, ".") ?? String.raw`(?:BF16|F16|F32|I?Q\d\w*|MXFP4\w*)`;
  return name.replace(new RegExp(`[-_.]${shape}$`, "i"), "");
}
