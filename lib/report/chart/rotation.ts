/** A map of three dimensions seen from a direction: parallel projection, so that lengths across the line of sight keep their scale. */
import type { Places } from "./viewport.js";

/** Radians: to the right about the vertical axis, then up about the horizontal one. */
export interface Rotation {
  turn: number;
  tilt: number;
}

export const fromTheFront: Rotation = { turn: 0, tilt: 0 };

/** @param z null in two dimensions: there is nothing to turn */
export function seenFrom({ x, y, z }: Places & { z: ArrayLike<number> | null }, { turn, tilt }: Rotation): Places {
  if (z === null || (turn === 0 && tilt === 0)) return { x, y };
  const [cosTurn, sinTurn, cosTilt, sinTilt] = [Math.cos(turn), Math.sin(turn), Math.cos(tilt), Math.sin(tilt)];
  const across = Float32Array.from(x, (value, i) => value * cosTurn + (z[i] ?? 0) * sinTurn);
  const up = Float32Array.from(y, (value, i) => value * cosTilt - ((z[i] ?? 0) * cosTurn - (x[i] ?? 0) * sinTurn) * sinTilt);
  return { x: across, y: up };
}
