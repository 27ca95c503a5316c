/** The KL divergences that the page holds: all pairs, or those of the nearest models. */
import type { KlTriangle } from "./kl-triangle.js";
import type { ReportNeighbours } from "./report-data.js";

export interface NearModel {
  model: number;
  /** Bits/byte. */
  kl: number;
  /** Bootstrap interval; null where the run has none for this pair. */
  interval: { low: number; high: number } | null;
}

export class Divergences {
  /** @param pairs null: only those of neighbours are known */
  constructor(
    readonly pairs: KlTriangle | null,
    private readonly neighbours: ReportNeighbours,
  ) {}

  /** Bits/byte; null where the page does not hold the pair. */
  between(one: number, other: number): NearModel | null {
    const near = this.#listed(one).find(({ model }) => model === other);
    const far = near ?? this.#listed(other).find(({ model }) => model === one);
    const interval = far?.interval ?? null;
    if (this.pairs !== null) return { model: other, kl: this.pairs.at(one, other), interval };
    if (one === other) return { model: other, kl: 0, interval: null };
    return far === undefined ? null : { ...far, model: other };
  }

  /** The nearest models, nearest first: at most `most`, and of many models only as many as the page lists. */
  nearest(model: number, most: number): NearModel[] {
    const listed = this.#listed(model);
    if (this.pairs === null || most <= listed.length) return listed.slice(0, most);
    const intervals = new Map(listed.map((near) => [near.model, near.interval]));
    return this.pairs.nearest(model, most).map((near) => ({ ...near, interval: intervals.get(near.model) ?? null }));
  }

  /** How many neighbours of each model the page lists with their intervals. */
  get listed(): number {
    return this.neighbours.count;
  }

  #listed(model: number): NearModel[] {
    const { count, models, kl, low, high } = this.neighbours;
    const found: NearModel[] = [];
    for (let at = model * count; at < (model + 1) * count; at++) {
      const neighbour = models[at] ?? -1;
      if (neighbour === -1) continue;
      const interval = { low: low[at] ?? NaN, high: high[at] ?? NaN };
      found.push({ model: neighbour, kl: kl[at] ?? NaN, interval: Number.isNaN(interval.low) ? null : interval });
    }
    return found;
  }
}
