/** Log-likelihood vectors of models, whole or of drawn texts only, and KL divergences between any two of them. */
import { LlmapError } from "../errors.js";
import { bitsPerBytePerSquaredDistance } from "../matrix/kl-divergence.js";
import { squaredDistance } from "../matrix/squared-distance.js";
import type { StoredResample } from "../store/resample-table.js";
import type { MapRecord } from "../store/run-record.js";
import type { TextSet } from "../texts/text-set.js";
import type { ScoredModel } from "./scored-run.js";

/** A model of a map. `quick`: its scores are those of the drawn texts alone. */
export interface MapModel extends ScoredModel {
  quick: boolean;
}

export interface ModelVectors {
  /** Nats, clipped, of the texts of the map; null where only the drawn ones are scored. */
  full: Float64Array | null;
  /** Of the drawn texts; null where nothing was drawn. */
  drawn: Float64Array | null;
  /** Nats per text, clipped, and -(sum of unclipped log-likelihoods) over (bytes x ln 2); estimates where `full` is null. */
  meanLogLikelihood: number;
  bitsPerByte: number;
}

/** Reads vectors as the map that is there has them: its texts, its clip threshold. */
export class MapVectors {
  /** Positions of the map's texts in the set. */
  readonly used: Int32Array;
  readonly #weights: Float64Array | null;
  readonly #scale: number;

  /** @param draw needed for quick models only */
  constructor(
    private readonly map: MapRecord,
    private readonly threshold: number,
    private readonly texts: TextSet,
    private readonly draw: StoredResample | null,
  ) {
    const leftOut = new Set(map.leftOutTexts);
    this.used = Int32Array.from(texts.texts.keys()).filter((text) => !leftOut.has(text));
    this.#weights = draw?.scales.map((scale) => scale * scale) ?? null;
    this.#scale = bitsPerBytePerSquaredDistance(map.texts, map.meanBytes);
  }

  /** Errors: ERR_TEXTS where the model has no scored token in a text of the map. */
  of({ row, scores, quick }: MapModel): ModelVectors {
    const positions = quick ? (this.draw?.texts ?? new Int32Array()) : this.used;
    // Rows of a quick model are numbered by the drawn set.
    const at = quick ? Int32Array.from(positions.keys()) : positions;
    const unscored = at.findIndex((index) => (scores.rows.tokens[index] ?? 0) < 2);
    if (unscored !== -1) {
      throw new LlmapError("ERR_TEXTS", `${row.name} has no scored token in text ${positions[unscored] ?? 0}, which the map has. Run \`llmap-native map\`, which draws it without that text.`);
    }
    const raw = Float64Array.from(at, (index) => scores.rows.logLikelihood[index] ?? NaN);
    const clipped = raw.map((value) => Math.max(value, this.threshold));
    const weight = (i: number): number => (quick ? (this.#weights?.[i] ?? NaN) : 1);
    const total = (value: (i: number) => number): number => raw.reduce((sum, _, i) => sum + weight(i) * value(i), 0);
    const bytes = total((i) => this.texts.texts[positions[i] ?? 0]?.bytes ?? NaN);
    return {
      full: quick ? null : clipped,
      drawn: quick ? clipped : (this.draw && Float64Array.from(this.draw.texts, (text) => Math.max(scores.rows.logLikelihood[text] ?? NaN, this.threshold))),
      meanLogLikelihood: total((i) => clipped[i] ?? NaN) / total(() => 1),
      bitsPerByte: -total((i) => raw[i] ?? NaN) / (bytes * Math.LN2),
    };
  }

  /** Bits per byte; an estimate with weighted row means where one of the two has drawn texts only. */
  kl(one: ModelVectors, other: ModelVectors): number {
    if (one.full !== null && other.full !== null) return squaredDistance(one.full, other.full) * this.#scale;
    if (one.drawn === null || other.drawn === null) throw new Error("A model of drawn texts on a map without a draw");
    return squaredDistance(one.drawn, other.drawn, this.#weights) * this.#scale;
  }
}
