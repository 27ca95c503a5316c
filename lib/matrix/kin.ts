/** A model and its candidates: their distances, with copies taken together and merges found where they are asked for. */
import { mergeEvidence, type MergeEvidence } from "./merge-evidence.js";
import { bitsPerWeight, cannotBeParent } from "./model-history.js";
import type { RelativesInput } from "./relatives.js";

/** Candidates of a merge: the nearest ones. `npm run bench:relatives` shows that more find no more. */
const mergeCandidates = 32;
/** A combination that leaves more than this even on its own texts is not tried on others. */
const hopeless = 0.5;
/** That one of two copies has more bits per weight than the other, by more than files of one quantization differ. */
const moreBits = 1.1;

export class Kin {
  readonly #merges = new Map<number, MergeEvidence | null>();
  readonly #rows: number[];

  constructor(
    readonly input: RelativesInput,
    readonly mergeLimit: number,
  ) {
    this.#rows = [input.model, ...input.candidates];
  }

  /** Bits per weight; 0 where unknown. */
  bits(row: number): number {
    return bitsPerWeight(this.input.histories[row]) ?? 0;
  }

  hasMoreBits(row: number, than: number): boolean {
    return this.bits(than) > 0 && this.bits(row) > moreBits * this.bits(than);
  }

  distance(i: number, j: number): number {
    return this.input.squared.values[i * this.input.squared.columns + j] ?? NaN;
  }

  /** All other rows, nearest first. */
  nearestOf(model: number): number[] {
    return this.#rows.filter((row) => row !== model).sort((a, b) => this.distance(model, a) - this.distance(model, b) || a - b);
  }

  copiesOf(model: number): number[] {
    return this.nearestOf(model).filter((row) => this.distance(model, row) <= this.input.copyLimit);
  }

  /** The others that are no copies of the model, nearest first; of several copies of one model that of most bits per weight. */
  distinctFrom(model: number): number[] {
    const groups: number[][] = [];
    for (const row of this.nearestOf(model)) {
      if (this.distance(model, row) <= this.input.copyLimit) continue;
      const group = groups.find(([first]) => first !== undefined && this.distance(first, row) <= this.input.copyLimit);
      if (group === undefined) groups.push([row]);
      else group.push(row);
    }
    return groups.map((group) => group.reduce((best, row) => (this.bits(row) > this.bits(best) ? row : best)));
  }

  /** What facts say against it; null where nothing does. */
  againstParent(parent: number, child: number): string | null {
    const [one, other] = [this.input.histories[parent], this.input.histories[child]];
    return one !== undefined && other !== undefined ? cannotBeParent(one, other) : "no history";
  }

  couldBeParent(parent: number, child: number): boolean {
    return this.againstParent(parent, child) === null;
  }

  /** The nearest model of more bits per weight, if it is at most this far. */
  originalOf(row: number, distance: number): number | null {
    const nearest = this.nearestOf(row).find((other) => this.hasMoreBits(other, row));
    return nearest !== undefined && this.distance(row, nearest) <= Math.max(distance, this.input.copyLimit) ? nearest : null;
  }

  mergeOf(model: number): MergeEvidence | null {
    const known = this.#merges.get(model);
    if (known !== undefined) return known;
    const candidates = this.distinctFrom(model).filter((row) => this.couldBeParent(row, model)).slice(0, mergeCandidates);
    const within = (among: readonly number[]): MergeEvidence | null => {
      const evidence = mergeEvidence(this.input.squared, this.input.divided, model, among, hopeless, candidates);
      const isMerge = evidence !== null && Math.max(evidence.unexplainedOfIndependent, evidence.unexplainedOfSingle) <= this.mergeLimit;
      return isMerge ? evidence : null;
    };
    let found = within(candidates);
    // The fewest parents that explain it: without the one of least weight that can be spared, again and again.
    for (let fewer = found; fewer !== null; ) {
      found = fewer;
      const { models } = fewer;
      fewer = models.toReversed().map((spared) => within(models.filter((other) => other !== spared))).find((evidence) => evidence !== null) ?? null;
    }
    this.#merges.set(model, found);
    return found;
  }

  /** Whether the row is a merge that the model, or a copy of it, is a parent of: directly or through other merges. */
  isMadeFrom(row: number, model: number): boolean {
    const seen = new Set<number>();
    const open = [row];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const parent of this.mergeOf(next)?.models ?? []) {
        if (parent === model || this.distance(parent, model) <= this.input.copyLimit) return true;
        if (!seen.has(parent)) open.push(parent);
        seen.add(parent);
      }
    }
    return false;
  }
}
