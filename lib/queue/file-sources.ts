/** Where a worker may find the files of a model: URIs of allowed schemes, and paths inside the shared folder. Checked by callers and workers alike. */
import { realpath } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { LlmapError } from "../errors.js";
import { isUri } from "../models/fetch-model.js";

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * The URI in the form in which it travels. Errors: ERR_USAGE for a scheme that is not allowed, and for a user or password in it.
 * @param allowHttp also http: of other machines
 */
export function allowedUri(uri: string, allowHttp: boolean): string {
  const plain = uri.replace(/^(huggingface:|hf\.co\/|huggingface\.co\/)/i, "hf:").replace(/^hf:/i, "hf:");
  if (/^hf:[\w.-]+\/[\w.-]+([:/@#][\w./:@#+-]*)?$/.test(plain) && !plain.includes("..")) return plain;
  if (!isUri(plain) || !/^https?:/i.test(plain) || !URL.canParse(plain)) throw new LlmapError("ERR_USAGE", `${uri} is not a URI that workers fetch; they take hf:user/repo:quant, hf:user/repo/file.gguf and https: URLs.`);
  const url = new URL(plain);
  if (url.username !== "" || url.password !== "") throw new LlmapError("ERR_USAGE", `The URL at ${url.host} holds a user or password, which everybody at the queue could read. Leave it out.`);
  if (url.protocol === "http:" && !allowHttp && !loopback.test(url.hostname)) {
    throw new LlmapError("ERR_USAGE", `${uri} is fetched without encryption, so anyone on the way can change it; use https:, or allow it with --allow-http on the worker and here.`);
  }
  return plain;
}

/**
 * The path below the shared folder, with / between its parts; null for a file that lies elsewhere (links are followed).
 * Errors: file system errors where one of both does not exist.
 */
export async function pathBelow(folder: string, path: string): Promise<string | null> {
  const [realFolder, realPath] = [await realpath(folder), await realpath(path)];
  if (!isInside(realFolder, realPath)) return null;
  // By its own name where that lies inside too: a split model's parts are found by their names.
  const named = isInside(resolve(folder), resolve(path)) ? relative(resolve(folder), resolve(path)) : relative(realFolder, realPath);
  return named.split(sep).join("/");
}

/**
 * The file that a path from the queue names. Errors: ERR_QUEUE where it leads out of the folder, also by links; ERR_NOT_FOUND where there is no such file.
 * @param path below the folder, with / between its parts
 */
export async function fileBelow(folder: string, path: string): Promise<string> {
  const steps = path.split("/");
  const hasBadStep = steps.some((step) => step === "" || step === "." || step === ".." || /[\\\0]/.test(step));
  if (hasBadStep || isAbsolute(path) || /^[a-z]:/i.test(path)) throw new LlmapError("ERR_QUEUE", `${path.slice(0, 200)} is not a path below the shared folder.`);
  const file = join(folder, ...steps);
  let real: [string, string];
  try {
    real = [await realpath(folder), await realpath(file)];
  } catch (error) {
    throw new LlmapError("ERR_NOT_FOUND", `${path} is not in the shared folder ${folder} of this machine.`, { cause: error });
  }
  if (!isInside(...real)) throw new LlmapError("ERR_QUEUE", `${path} leads out of the shared folder.`);
  return file;
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
