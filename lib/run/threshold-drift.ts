/** The clip threshold is a quantile of all entries, so it moves when models join and the map is drawn anew. */
import type { MapRecord } from "../store/run-record.js";
import type { OnEvent } from "./events.js";

/** Tells the thresholds of the map before and of this one, where they differ though the quantile is the same. */
export function tellThresholdDrift(before: MapRecord["clip"], now: MapRecord["clip"], onEvent: OnEvent): void {
  if (before === null || now === null || before.quantile !== now.quantile || before.threshold === now.threshold) return;
  onEvent({ event: "clip-threshold", before: before.threshold, now: now.threshold });
}
