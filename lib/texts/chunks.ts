/** Documents cut into chunks of bounded length, as the authors of the method cut theirs (docs/text-sets.md). */

export interface ChunkLimits {
  /** Longest chunk, UTF-8 bytes; at least 4, the longest character. */
  maxBytes: number;
  /** Chunks of this many bytes or fewer are left out. */
  minBytes: number;
}

/** One chunk, with its number among all chunks of its document, those that are left out included. */
export interface Chunk {
  chunk: number;
  content: string;
}

/** Cuts greedily: each chunk is as long as the limit allows, and ends between characters (code points). What is too short, mostly the last one, is left out. */
export function chunksOf(document: string, { maxBytes, minBytes }: ChunkLimits): Chunk[] {
  const utf8 = Buffer.from(document, "utf8");
  const chunks: Chunk[] = [];
  for (let start = 0, chunk = 0; start < utf8.length; chunk++) {
    let end = Math.min(start + maxBytes, utf8.length);
    while (end < utf8.length && isContinuation(utf8[end])) end--;
    if (end - start > minBytes) chunks.push({ chunk, content: utf8.toString("utf8", start, end) });
    start = end;
  }
  return chunks;
}

/** Bytes 10xxxxxx continue a character of UTF-8. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
