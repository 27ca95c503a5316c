/** A fixed set of texts: what every model of a map is scored on. */
import { createHash } from "node:crypto";
import { LlmapError } from "../errors.js";

/** A value of a column that the user's file had beside the text. */
export type ColumnValue = string | number | boolean | null;

/** A text of a set. */
export interface Text {
  /** Plain text; special-token spellings inside it are not parsed as special tokens. */
  content: string;
  /** UTF-8 bytes of the content. */
  bytes: number;
  /** Where the text comes from (`source`, or the authors' `pile_set_name`), if the file says. */
  source: string | null;
  /** All other columns of the user's file, in its order; none is named as one of {@link ownColumns}. */
  columns: Record<string, ColumnValue>;
}

/** A text as it is read, before its bytes are counted. */
export type TextContent = Omit<Text, "bytes">;

/** The texts that all models of a run are scored on, in their order. */
export interface TextSet {
  /** File name, folder name, or "builtin". */
  name: string;
  /** At least one; a text's number is its position here. */
  texts: Text[];
  /** SHA-256 (hex) of the contents in order, each preceded by its length in bytes: the identity of the set. */
  hash: string;
  /** Mean UTF-8 bytes per text: B of the bits/byte formula. */
  meanBytes: number;
}

/** Names that texts.arrow uses itself. */
export const ownColumns: readonly string[] = ["text", "content", "bytes", "source"];

/**
 * Counts the bytes of the texts and hashes them: SHA-256 over, for each text in order, its UTF-8 length as 8 bytes
 * (unsigned, little-endian) and then its UTF-8 bytes. The length keeps ["ab", "c"] and ["a", "bc"] apart.
 * @throws ERR_TEXTS if there is no text
 */
export function makeTextSet(name: string, contents: readonly TextContent[]): TextSet {
  if (contents.length === 0) throw new LlmapError("ERR_TEXTS", `${name} holds no text; expected at least one.`);
  const hash = createHash("sha256");
  const length = Buffer.alloc(8);
  let totalBytes = 0;
  const texts = contents.map(({ content, source, columns }) => {
    const utf8 = Buffer.from(content, "utf8");
    length.writeBigUInt64LE(BigInt(utf8.length));
    hash.update(length).update(utf8);
    totalBytes += utf8.length;
    return { content, bytes: utf8.length, source, columns };
  });
  return { name, texts, hash: hash.digest("hex"), meanBytes: totalBytes / texts.length };
}

/** Where a text comes from, by its position; "unnamed" where the file does not say. */
export function sourceOf({ texts }: Pick<TextSet, "texts">, text: number): string {
  return texts[text]?.source ?? "unnamed";
}
