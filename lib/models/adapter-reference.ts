/** References to a base model with LoRA adapters on top: BASE+ADAPTER, or BASE+ADAPTER+ADAPTER. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { isUri } from "./fetch-model.js";

/**
 * The base of a reference, then its adapters; only the reference itself where it has none. A `+` may also belong to a name, so:
 * - what exists as it is written is one path, and an existing file with a `+` in its path is not taken apart;
 * - else a `+` separates behind `.gguf`, behind an existing file, and behind `hf:user/repo` or `hf:user/repo:quant`;
 * - behind the `?` or `#` of a URI, it separates only where what follows ends in `.gguf` or is a URI.
 * @param folder where relative paths begin
 */
export async function splitReference(reference: string, folder: string): Promise<[string, ...string[]]> {
  const exists = await stat(resolve(folder, reference)).then(() => true, () => false);
  const end = exists ? reference.length : await firstEnd(reference, folder);
  const rest = reference.slice(end + 1);
  return rest === "" ? [reference] : [reference.slice(0, end), ...(await splitReference(rest, folder))];
}

/** Where the first file of a reference ends: at a `+` or at its own end. */
async function firstEnd(reference: string, folder: string): Promise<number> {
  const separators = Array.from(reference.matchAll(/\+/g), ({ index }) => index);
  for (const at of separators.toReversed()) {
    const isFile = await stat(resolve(folder, reference.slice(0, at))).then((status) => status.isFile(), () => false);
    if (isFile) return at;
  }
  return separators.find((at) => isWhole(reference.slice(0, at), reference.slice(at + 1))) ?? reference.length;
}

/** Whether the words before a `+` are the reference of a file by their form. */
function isWhole(before: string, behind: string): boolean {
  if (/\.gguf$/i.test(before)) return true;
  if (!isUri(before)) return false;
  if (/\.gguf[?#]/i.test(before)) return /\.gguf$/i.test(behind) || isUri(behind);
  return !/^https?:/i.test(before) && /^[^/]+\/[^/]+$/.test(before.replace(/^(hf:|huggingface:|hf\.co\/|huggingface\.co\/)/i, ""));
}
