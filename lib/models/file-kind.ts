/** What a file is that should have been a GGUF, told from its first bytes. */
import { open, stat } from "node:fs/promises";

const sniffedBytes = 512;

/** Kinds of files that are met under a model's name, and what to do about each. */
const kinds: { matches: (bytes: Buffer, text: string) => boolean; description: string }[] = [
  { matches: (bytes) => bytes.length === 0, description: "an empty file" },
  {
    matches: (_, text) => text.startsWith("version https://git-lfs"),
    description: "a Git LFS pointer, not the file itself (run `git lfs pull` in its repository)",
  },
  {
    matches: (_, text) => /^\s*<(!doctype|html|head|\?xml)/i.test(text),
    description: "an HTML or XML page (a download that went wrong?)",
  },
  // Eight bytes of length, then JSON.
  { matches: (bytes) => bytes[8] === 0x7b && bytes[9] === 0x22, description: "a safetensors file (convert it with llama.cpp's convert_hf_to_gguf.py)" },
  { matches: (_, text) => text.startsWith("PK\u0003\u0004"), description: "a zip archive or PyTorch checkpoint" },
  { matches: (bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b, description: "a gzip archive (unpack it first)" },
  // The magic numbers of the formats before GGUF, little-endian.
  { matches: (_, text) => /^(lmgg|fmgg|tjgg|algg)/.test(text), description: "a GGML file from before GGUF (fetch or convert the model anew)" },
  { matches: (bytes) => bytes.every((byte) => byte === 0), description: "zeros at its start (a download that was not finished?)" },
  { matches: (_, text) => /^\s*[{[]/.test(text), description: "JSON text" },
];

/**
 * Null for a file with the GGUF magic number; otherwise what it is instead, as words that follow "is" or "holds".
 * Errors: file system errors.
 */
export async function notGguf(path: string): Promise<string | null> {
  // Opening a pipe would wait for its writer.
  if (!(await stat(path)).isFile()) return "not a regular file";
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
    const bytes = buffer.subarray(0, bytesRead);
    const text = bytes.toString("latin1");
    if (text.startsWith("GGUF")) return null;
    const known = kinds.find(({ matches }) => matches(bytes, text));
    if (known !== undefined) return known.description;
    return `something that starts with the bytes ${bytes.subarray(0, 4).toString("hex").replace(/..(?=.)/g, "$& ")}`;
  } finally {
    await file.close();
  }
}
