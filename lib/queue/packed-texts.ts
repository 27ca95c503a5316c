/** A text set as one value in Redis: its contents as JSON, compressed. */
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { z } from "zod";
import { LlmapError, messageOf } from "../errors.js";
import { makeTextSet, type TextSet } from "../texts/text-set.js";
import { limits, type QueuedRun } from "./protocol.js";

const contentsSchema = z.array(z.string());

/** Errors: ERR_TEXTS where the set is too large for a value in Redis. */
export async function packTexts({ texts, name }: TextSet): Promise<Buffer> {
  const bytes = texts.reduce((sum, text) => sum + text.bytes, 0);
  const packed = bytes > limits.texts ? null : await promisify(gzip)(JSON.stringify(texts.map(({ content }) => content)));
  if (packed === null || packed.length > limits.packedTexts) {
    throw new LlmapError("ERR_TEXTS", `${name} has ${bytes} bytes of text, too many for a queue: it takes ${limits.texts}, or ${limits.packedTexts} compressed. Sample fewer texts.`);
  }
  return packed;
}

/** The contents, in order. Errors: ERR_QUEUE where they are not the texts of the run. */
export async function unpackTexts(packed: Buffer, { hash, count, bytes }: QueuedRun["texts"]): Promise<string[]> {
  let contents: string[];
  try {
    if (packed.length > limits.packedTexts) throw new Error(`${packed.length} bytes`);
    // JSON escapes take up to six bytes for one.
    const json = await promisify(gunzip)(packed, { maxOutputLength: Math.min(6 * bytes + 16 * count + 16, 2 ** 31 - 1) });
    contents = contentsSchema.parse(JSON.parse(json.toString("utf8")));
  } catch (error) {
    throw new LlmapError("ERR_QUEUE", `The texts in the queue cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const found = contents.length === count ? makeTextSet("the queue", contents.map((content) => ({ content, source: null, columns: {} }))).hash : null;
  if (found !== hash) throw new LlmapError("ERR_QUEUE", `The texts in the queue are not those of the run (${hash.slice(0, 12)}); found ${found?.slice(0, 12) ?? `${contents.length} texts`}.`);
  return contents;
}
