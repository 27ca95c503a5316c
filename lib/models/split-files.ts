/** Models split into several files by llama-gguf-split: `name-00001-of-00003.gguf`, all in one folder. */
import { basename, dirname, join } from "node:path";
import type { GgufHeader } from "./gguf-header.js";

const partPattern = /^(?<stem>.*)-(?<part>\d{5})-of-(?<parts>\d{5})(?<extension>\.gguf)$/i;

/** The name of a model from the name of any of its files: without the part numbers and `.gguf`. */
export function modelName(path: string): string {
  const file = basename(path);
  const name = partPattern.exec(file)?.groups?.["stem"] ?? file.replace(/\.gguf$/i, "");
  return name === "" ? file : name;
}

/** The paths of all files of the model that `path` belongs to, first part first; `[path]` if it is not split. They need not exist. */
export function partPaths(path: string): [string, ...string[]] {
  const { stem = "", part = "0", parts = "0", extension = "" } = partPattern.exec(basename(path))?.groups ?? {};
  const count = Number(parts);
  if (Number(part) < 1 || Number(part) > count) return [path];
  const pathOf = (number: number): string =>
    join(dirname(path), `${stem}-${String(number).padStart(5, "0")}-of-${parts}${extension}`);
  return [pathOf(1), ...Array.from({ length: count - 1 }, (_, index) => pathOf(index + 2))];
}

/** What is wrong with the parts of a model taken together, or null. */
export function splitMismatch(headers: readonly [GgufHeader, ...GgufHeader[]]): string | null {
  const [{ metadata }] = headers;
  const parts = metadata.get("split.count") ?? 1;
  if (typeof parts === "number" && parts > 1 && parts !== headers.length) {
    const part = Number(metadata.get("split.no")) + 1;
    const named = headers.length === 1 ? "its name does not say so" : `its name says ${headers.length}`;
    const firstName = `name-00001-of-${String(parts).padStart(5, "0")}.gguf`;
    return `It is part ${part} of a model split into ${parts} files, but ${named}; give the parts their names back (${firstName} and so on).`;
  }
  for (const [index, header] of headers.entries()) {
    const number = header.metadata.get("split.no") ?? index;
    if (number !== index) return `The file named as part ${index + 1} is part ${Number(number) + 1}; give the parts their names back.`;
  }
  const expected = metadata.get("split.tensors.count");
  const found = headers.reduce((sum, { tensors }) => sum + tensors, 0);
  if (expected !== undefined && expected !== found) {
    return `Its parts hold ${found} tensors, its header says ${String(expected)}; the parts are of different models or some are incomplete.`;
  }
  return null;
}
