/** The lines of a file of any size. */
import { createReadStream } from "node:fs";
import type { ReadingOptions } from "./score-matrix.js";
import { cannotReadScores, scoresError } from "./scores-error.js";

export interface Line {
  /** From 1. */
  line: number;
  text: string;
}

/** A line with the log-probabilities of a million tokens has a tenth of it. */
const longestLine = 256 * 2 ** 20;
const newline = 0x0a;

/**
 * Lines of UTF-8, with or without a byte order mark, that end with LF or CRLF; blank ones are left out. Not by node:readline, which also ends
 * lines at U+2028, a character that JSON may have inside a string. Errors: ERR_NOT_FOUND, ERR_SCORES, ERR_ABORTED.
 */
export async function* readLines(path: string, { signal, onBytes }: ReadingOptions = {}): AsyncGenerator<Line> {
  let line = 0;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const finish = (): Line | null => {
    line++;
    const text = Buffer.concat(pending).toString("utf8").replace(/\r$/, "");
    pending = [];
    pendingBytes = 0;
    const content = line === 1 ? text.replace(/^\uFEFF/, "") : text;
    return content.trim() === "" ? null : { line, text: content };
  };
  try {
    for await (const chunk of createReadStream(path, { signal, highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
      onBytes?.(chunk.length);
      let start = 0;
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
        pending.push(chunk.subarray(start, end));
        start = end + 1;
        const whole = finish();
        if (whole !== null) yield whole;
      }
      pending.push(chunk.subarray(start));
      pendingBytes += chunk.length - start;
      if (pendingBytes > longestLine) throw scoresError(path, line + 1, "one record per line", `a line of more than ${longestLine / 2 ** 20} MiB`);
    }
    const last = finish();
    if (last !== null) yield last;
  } catch (error) {
    throw cannotReadScores(path, "lines of UTF-8", error, signal);
  }
}
