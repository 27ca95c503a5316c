/** UTF-8 that must be valid. */
import { textsError } from "./texts-error.js";

const newline = 0x0a;

/**
 * The text of a file, without a byte order mark.
 * @throws ERR_TEXTS naming the first line that is not UTF-8
 */
export function decodeUtf8(bytes: Uint8Array, file: string): string {
  // A new decoder each time: after an error one keeps the bytes that it did not understand.
  const decode = (part: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(part);
  try {
    return decode(bytes);
  } catch {
    throw textsError(file, firstInvalidLine(bytes, decode), "UTF-8", "other bytes");
  }
}

function firstInvalidLine(bytes: Uint8Array, decode: (part: Uint8Array) => string): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const end = bytes.indexOf(newline, start);
    try {
      decode(bytes.subarray(start, end === -1 ? bytes.length : end));
    } catch {
      return line;
    }
    if (end === -1) break;
    start = end + 1;
  }
  return line;
}
