/** Tiny GGUF files of kinds that no fixture has (ggml's docs/gguf.md, version 3). Their weights are zeros. */
import { writeFileSync } from "node:fs";

export type GgufValue = string | boolean | { uint32: number } | { uint16: number } | { strings: string[] };

export interface GgufContent {
  metadata?: Record<string, GgufValue>;
  /** Shapes of F32 tensors by name; default: one of 32 weights. */
  tensors?: Record<string, number[]>;
  version?: number;
}

const alignment = 32;

export function ggufBytes({ metadata = {}, tensors = { "token_embd.weight": [32] }, version = 3 }: GgufContent): Buffer {
  const header = [Buffer.from("GGUF"), uint32(version), uint64(Object.keys(tensors).length), uint64(Object.keys(metadata).length)];
  for (const [key, value] of Object.entries(metadata)) header.push(text(key), typed(value));
  let offset = 0;
  for (const [name, shape] of Object.entries(tensors)) {
    header.push(text(name), uint32(shape.length), ...shape.map(uint64), uint32(0), uint64(offset));
    offset += padded(4 * shape.reduce((product, length) => product * length, 1));
  }
  const bytes = Buffer.concat(header);
  return Buffer.concat([bytes, Buffer.alloc(padded(bytes.length) - bytes.length + offset)]);
}

export function writeGguf(path: string, content: GgufContent): void {
  writeFileSync(path, ggufBytes(content));
}

/** The metadata that every language model has. */
export function llama(more: Record<string, GgufValue> = {}): Record<string, GgufValue> {
  return { "general.architecture": "llama", "llama.context_length": { uint32: 64 }, ...more };
}

/** The number of the value's type, then the value. */
function typed(value: GgufValue): Buffer {
  if (typeof value === "string") return Buffer.concat([uint32(8), text(value)]);
  if (typeof value === "boolean") return Buffer.concat([uint32(7), Buffer.from([Number(value)])]);
  if ("uint32" in value) return Buffer.concat([uint32(4), uint32(value.uint32)]);
  if ("uint16" in value) {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(value.uint16);
    return Buffer.concat([uint32(2), bytes]);
  }
  return Buffer.concat([uint32(9), uint32(8), uint64(value.strings.length), ...value.strings.map(text)]);
}

function padded(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}
