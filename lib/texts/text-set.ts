/** A fixed set of texts: what every model of a map is scored on. */

/** A value of a column that the user's file had beside the text. */
export type ColumnValue = string | number | boolean | null;

export interface Text {
  /** Plain text; special-token spellings inside it are not parsed as special tokens. */
  content: string;
  /** UTF-8 bytes of the content. */
  bytes: number;
  /** Where the text comes from (`source`, or the authors' `pile_set_name`), if the file says. */
  source: string | null;
  /** All other columns of the user's file, in its order. */
  columns: Record<string, ColumnValue>;
}

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
