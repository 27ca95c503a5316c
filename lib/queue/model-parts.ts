/** How a model is divided: its batches into parts, and which texts a part has. */
import type { Part, PinnedModel } from "./protocol.js";

/** Parameters x bytes of text of a part: some minutes on a GPU. */
const workOfPart = 2e16;
const mostParts = 64;

/** Parts of a model where the user does not say: one for a small model. @param bytes of all texts */
export function choosePartCount(parameters: number, bytes: number): number {
  return Math.min(mostParts, Math.max(1, Math.ceil((parameters * bytes) / workOfPart)));
}

/** The unit of each text: batch + 1, and 0 for the texts without a scored token. Rows of one unit travel together. */
export const unitOf = (batch: number): number => batch + 1;

/** The first unit of a part, and the one behind its last. Batches are dealt out evenly; the texts that are in none belong to the first part. */
function unitRange(batches: number, { part, of }: Part): [number, number] {
  const bound = (at: number): number => unitOf(Math.floor((at * batches) / of));
  return [part === 0 ? 0 : bound(part), bound(part + 1)];
}

/** Whether all rows of a part are there. */
export function isPartDone({ batches, emptyTexts }: Pick<PinnedModel, "batches" | "emptyTexts">, part: Part, done: ReadonlySet<number>): boolean {
  const [from, to] = unitRange(batches, part);
  for (let unit = from; unit < to; unit++) if (!done.has(unit) && !(unit === 0 && emptyTexts === 0)) return false;
  return true;
}

/** 1 for each text that is not wanted: in another part, or in a unit that is done. */
export function textsNotWanted(batchOfText: Int32Array, batches: number, part: Part, done: ReadonlySet<number>): Uint8Array {
  const [from, to] = unitRange(batches, part);
  return Uint8Array.from(batchOfText, (batch) => {
    const unit = unitOf(batch);
    return unit >= from && unit < to && !done.has(unit) ? 0 : 1;
  });
}
