/** The identity of a model: SHA-256 of its files, remembered while a file keeps its path, size, time and inode. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { LlmapError, throwIfAborted } from "../errors.js";
import { writeFileAtomic } from "../files/atomic-write.js";
import { cacheFolder } from "./cache-folder.js";

const knownHashes = z.record(
  z.string(),
  z.object({ size: z.string(), mtimeNs: z.string(), inode: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
);
type KnownHashes = z.infer<typeof knownHashes>;

const readBytes = 1 << 20;

/**
 * SHA-256 (hex) of a file; of a model in several files, SHA-256 of its parts' hashes in hex, joined by newlines.
 * Hashes are kept in `sha256.json` in {@link cacheFolder}; a damaged cache is replaced, one that cannot be written is done without.
 * @param parts paths of the model's files, in order
 * @param onBytes told the number of bytes of each stretch as it is done
 * Errors: ERR_GGUF if a file changes while it is read; ERR_ABORTED; file system errors.
 */
export async function modelSha256(
  parts: readonly [string, ...string[]],
  { signal, onBytes }: { signal: AbortSignal | undefined; onBytes: (bytes: number) => void },
): Promise<string> {
  const hashes: string[] = [];
  for (const part of parts) hashes.push(await fileSha256(part, signal, onBytes));
  const [only] = hashes;
  return hashes.length === 1 && only !== undefined ? only : createHash("sha256").update(hashes.join("\n")).digest("hex");
}

/**
 * The identity of a model with LoRA adapters: SHA-256 over the lines "lora", the hash of the base as {@link modelSha256} gives it, and the adapters' hashes,
 * joined by newlines. The first line keeps it apart from a split model of the same files. Without adapters it is that of the base.
 * @param adapters paths of the adapters, in order
 */
export async function adaptedSha256(
  parts: readonly [string, ...string[]],
  adapters: readonly string[],
  options: { signal: AbortSignal | undefined; onBytes: (bytes: number) => void },
): Promise<string> {
  const base = await modelSha256(parts, options);
  if (adapters.length === 0) return base;
  const lines = ["lora", base];
  for (const path of adapters) lines.push(await modelSha256([path], options));
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

async function fileSha256(path: string, signal: AbortSignal | undefined, onBytes: (bytes: number) => void): Promise<string> {
  const real = await realpath(path);
  const state = await fileState(real);
  const known = (await readKnownHashes())[real];
  if (known && known.size === state.size && known.mtimeNs === state.mtimeNs && known.inode === state.inode) {
    onBytes(Number(state.size));
    return known.sha256;
  }
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(real, { highWaterMark: readBytes, ...(signal ? { signal } : {}) })) {
      hash.update(chunk as Buffer);
      onBytes((chunk as Buffer).length);
    }
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  }
  const sha256 = hash.digest("hex");
  const after = await fileState(real);
  if (after.size !== state.size || after.mtimeNs !== state.mtimeNs) {
    throw new LlmapError("ERR_GGUF", "The file changed while it was read (still being downloaded?); run again when it is complete.");
  }
  await remember(real, { ...state, sha256 });
  return sha256;
}

async function fileState(path: string): Promise<{ size: string; mtimeNs: string; inode: string }> {
  const { size, mtimeNs, ino } = await stat(path, { bigint: true });
  return { size: String(size), mtimeNs: String(mtimeNs), inode: String(ino) };
}

function knownHashesFile(): string {
  return join(cacheFolder(), "sha256.json");
}

async function readKnownHashes(): Promise<KnownHashes> {
  try {
    return knownHashes.parse(JSON.parse(await readFile(knownHashesFile(), "utf8")));
  } catch {
    return {};
  }
}

/** Adds a hash to what other processes may have written meanwhile. Where two write at once one entry is lost, and hashed again next time. */
async function remember(path: string, entry: KnownHashes[string]): Promise<void> {
  try {
    await mkdir(dirname(knownHashesFile()), { recursive: true });
    const known = { ...(await readKnownHashes()), [path]: entry };
    await writeFileAtomic(knownHashesFile(), JSON.stringify(known));
  } catch {
    // A read-only home costs time on the next run, nothing else.
  }
}
