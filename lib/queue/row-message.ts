/**
 * The rows of one batch as bytes: two counts, then the columns one after the other, little-endian, without gaps. Not Arrow IPC, since a few damaged bytes
 * of that make its reader loop or take all memory (apache-arrow 21), and whoever can write to the Redis can send any bytes. Here the length says all.
 */
import { endianness } from "node:os";
import { LlmapError } from "../errors.js";
import type { ScoredTokens, ScoreRows } from "../scoring/score-rows.js";
import { areWhole } from "../store/score-rows.js";
import { limits } from "./protocol.js";

/** Rows, and scored tokens of all rows, each uint32; this many tokens where there are none. */
const headerBytes = 8;
const noTokens = 2 ** 32 - 1;
/** text int32, tokens int32, log-likelihood float64, truncated uint8. */
const bytesOfRow = 17;
/** id int32, log-probability float32, bytes int32; and of each row that has scored tokens its first byte, int32. */
const bytesOfToken = 12;
const bytesOfFirst = 4;

export function encodeRows({ text, tokens, logLikelihood, truncated, scoredTokens }: ScoreRows): Buffer {
  requireLittleEndian();
  const header = Uint32Array.of(text.length, scoredTokens?.ids.length ?? noTokens);
  const { ids, logProbs, bytes, firstBytes } = scoredTokens ?? {};
  const ofTokens = [ids, logProbs, bytes, firstBytes].flatMap((column) => column ?? []);
  const columns = [header, logLikelihood, text, tokens, ...ofTokens, Uint8Array.from(truncated, Number)];
  return Buffer.concat(columns.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)));
}

/**
 * The rows that a worker sent. Errors: ERR_QUEUE where the bytes are no rows, name a text that the set does not have or have one twice, have values that cannot
 * be, or have scored tokens where none are wanted and the other way round.
 * @param texts how many the set has
 */
export function decodeRows(bytes: Buffer, texts: number, tokenLogProbs: boolean): ScoreRows {
  requireLittleEndian();
  if (bytes.length > limits.rows) throw invalid(`${bytes.length} bytes, more than the ${limits.rows} allowed`);
  if (bytes.length < headerBytes) throw invalid(`${bytes.length} bytes`);
  const [rows, tokensThere] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
  const hasTokens = tokensThere !== noTokens;
  if (rows < 1 || rows > texts) throw invalid(`${rows} rows for ${texts} texts`);
  if (hasTokens !== tokenLogProbs) throw invalid(hasTokens ? "scored tokens that nobody wants" : "no scored tokens");
  const count = hasTokens ? tokensThere : 0;
  const expected = headerBytes + rows * (bytesOfRow + (hasTokens ? bytesOfFirst : 0)) + count * bytesOfToken;
  if (bytes.length !== expected) throw invalid(`${bytes.length} bytes where the counts come to ${expected}`);

  // A copy that begins at an aligned address, columns of eight bytes first.
  const own = new Uint8Array(bytes).buffer;
  let at = headerBytes;
  const take = (length: number): number => (at += length) - length;
  const integers = (length: number): Int32Array => new Int32Array(own, take(4 * length), length);
  const logLikelihood = new Float64Array(own, take(8 * rows), rows);
  const text = integers(rows);
  const tokens = integers(rows);
  const scoredTokens: ScoredTokens | null = hasTokens
    ? { ids: integers(count), logProbs: new Float32Array(own, take(4 * count), count), bytes: integers(count), firstBytes: integers(rows) }
    : null;
  const flags = new Uint8Array(own, take(rows), rows);
  const decoded: ScoreRows = { text, tokens, logLikelihood, truncated: Array.from(flags, (flag) => flag === 1), ...(scoredTokens === null ? {} : { scoredTokens }) };
  if (new Set(text).size !== rows || text.some((one) => one < 0 || one >= texts)) throw invalid("texts that are not in the set, or twice");
  const isImpossible = flags.some((flag) => flag > 1) || tokens.some((one) => one < 0) || logLikelihood.some((value) => value > 1e-3);
  if (isImpossible || (scoredTokens !== null && !arePossible(scoredTokens))) throw invalid("values that cannot be");
  if (tokens.reduce((sum, one) => sum + one, 0) > limits.rows || !areWhole(decoded)) throw invalid("values that are missing or no numbers");
  return decoded;
}

function arePossible({ ids, logProbs, bytes, firstBytes }: ScoredTokens): boolean {
  return ids.every((id) => id >= 0) && logProbs.every(Number.isFinite) && bytes.every((count) => count >= 0) && firstBytes.every((count) => count >= -1);
}

function requireLittleEndian(): void {
  if (endianness() !== "LE") throw new LlmapError("ERR_QUEUE", "Rows travel little-endian, and this machine is not.");
}

function invalid(found: string): LlmapError {
  return new LlmapError("ERR_QUEUE", `Rows of a batch were expected, but there are ${found}.`);
}
