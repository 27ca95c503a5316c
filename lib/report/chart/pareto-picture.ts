/** Size against divergence from a reference, for the page and for pareto.svg: which files are worth their bytes. */
import { paretoFront } from "../../matrix/pareto-front.js";
import { formatBytes, formatKl } from "../format.js";
import type { ScatterGroup, ScatterPicture } from "./scatter-option.js";

/** Of more models only those on the front are named. */
const mostNamed = 60;

export interface ParetoFigure {
  picture: ScatterPicture;
  /** Positions of the models on the front, from small to large. */
  front: number[];
  /** How many models have a point. */
  points: number;
}

/**
 * A reference, whose divergence is 0, and what equals it stand at the lower edge.
 * @param sizes bytes of the files, 0 where unknown @param kl to the reference, bits per byte, NaN where unknown
 * @param groups points of the models whose place is asked for, named where `label` says so, outlined or not by `isOnFront`
 */
export function paretoFigure(
  sizes: readonly number[],
  kl: readonly number[],
  groups: (
    place: (model: number) => { x: number; y: number } | null,
    label: (model: number) => boolean,
    isOnFront: (model: number) => boolean,
  ) => ScatterGroup[],
): ParetoFigure {
  const place = (model: number): { x: number; y: number } | null => {
    const [x = 0, y = NaN] = [sizes[model], kl[model]];
    return x > 0 && Number.isFinite(y) ? { x, y } : null;
  };
  const front = paretoFront(sizes, kl);
  const onFront = new Set(front);
  const points = sizes.filter((_, model) => place(model) !== null).length;
  const corners = front.flatMap((model): [number, number][] => {
    const at = place(model);
    return at === null ? [] : [[at.x, at.y]];
  });
  return {
    picture: {
      x: { name: "size of the file, logarithmic", logarithmic: true, format: formatBytes },
      y: { name: "KL to the reference, bits/byte, logarithmic", logarithmic: true, format: formatKl },
      square: false,
      groups: groups(place, (model) => points <= mostNamed || onFront.has(model), (model) => onFront.has(model)),
      lines: corners.length > 1 ? [{ corners, dashed: false, stepped: true }] : [],
    },
    front,
    points,
  };
}
