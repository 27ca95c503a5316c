/**
 * The header of a GGUF file: metadata and a summary of the tensors. Format: ggml's docs/gguf.md, versions 2 and 3, little-endian.
 *
 * node-llama-cpp's `readGgufFileInfo` is not used here, because it trusts what it reads. A header cut short is padded with zeros and reported
 * as whole, a damaged tensor count loops without end, and a damaged string length allocates gigabytes or aborts the process. Folders of models
 * hold such files (interrupted downloads), and they are met in the main process. The tests hold both readers against each other.
 */
import { open, stat } from "node:fs/promises";
import { LlmapError } from "../errors.js";
import { ForwardReader } from "./file-reader.js";

export type MetadataValue = string | number | boolean;

export interface GgufHeader {
  /** Single values by key. Strings beyond 64 KiB are left out. */
  metadata: ReadonlyMap<string, MetadataValue>;
  /** Number of elements of array values, by key. */
  arrayLengths: ReadonlyMap<string, number>;
  tensors: number;
  /** Number of weights by ggml type. */
  weightsByType: ReadonlyMap<number, number>;
  /** Size of the file. */
  bytes: number;
}

/** No real header comes near these: a vocabulary of a million tokens with its merges takes some 50 MB. */
const maximumHeaderBytes = 128 * 1024 * 1024;
const maximumKeyBytes = 65_535;
const maximumKeys = 65_536;
const maximumTensors = 131_072;
const maximumValueBytes = 65_536;
const maximumDimensions = 4;
const defaultAlignment = 32;

/** The value types of fixed size, by their number in the file. */
const fixedSizeTypes = new Map<number, { bytes: number; read: (bytes: Buffer) => MetadataValue }>([
  [0, { bytes: 1, read: (bytes) => bytes.readUInt8() }],
  [1, { bytes: 1, read: (bytes) => bytes.readInt8() }],
  [2, { bytes: 2, read: (bytes) => bytes.readUInt16LE() }],
  [3, { bytes: 2, read: (bytes) => bytes.readInt16LE() }],
  [4, { bytes: 4, read: (bytes) => bytes.readUInt32LE() }],
  [5, { bytes: 4, read: (bytes) => bytes.readInt32LE() }],
  [6, { bytes: 4, read: (bytes) => bytes.readFloatLE() }],
  [7, { bytes: 1, read: (bytes) => bytes.readUInt8() !== 0 }],
  [10, { bytes: 8, read: (bytes) => Number(bytes.readBigUInt64LE()) }],
  [11, { bytes: 8, read: (bytes) => Number(bytes.readBigInt64LE()) }],
  [12, { bytes: 8, read: (bytes) => bytes.readDoubleLE() }],
]);
const stringType = 8;
const arrayType = 9;

function damaged(what: string): LlmapError {
  return new LlmapError("ERR_GGUF", `The GGUF header is damaged: ${what}. Fetch the file again.`);
}

/**
 * Reads the header of a file. Time and memory are bounded whatever the file holds.
 * Errors: ERR_GGUF saying what is wrong (not a GGUF file, a version that llama.cpp cannot read, a damaged or incomplete file); file system errors.
 */
export async function readGgufHeader(path: string): Promise<GgufHeader> {
  const { size } = await stat(path);
  const file = await open(path, "r");
  try {
    const reader = new ForwardReader(file, Math.min(size, maximumHeaderBytes), (bytes, position) =>
      size <= maximumHeaderBytes
        ? new LlmapError(
            "ERR_GGUF",
            "The file is incomplete or its header is damaged: " +
              `the header goes on for ${bytes} bytes at byte ${position}, the file ends at ${size}. Fetch it again.`,
          )
        : damaged(`it is longer than ${maximumHeaderBytes} bytes`),
    );
    const { tensorCount, keyCount } = await readCounts(reader);
    const { metadata, arrayLengths } = await readMetadata(reader, keyCount);
    const { weightsByType, lastOffset } = await readTensors(reader, tensorCount);

    const alignment = metadata.get("general.alignment") ?? defaultAlignment;
    if (typeof alignment !== "number" || !Number.isInteger(Math.log2(alignment))) throw damaged("its alignment is no power of 2");
    const lastTensor = Math.ceil(reader.position / alignment) * alignment + lastOffset;
    if (tensorCount > 0 && lastTensor >= size) {
      throw new LlmapError(
        "ERR_GGUF",
        `The file is incomplete: its last tensor starts at byte ${lastTensor}, the file ends at ${size}. Fetch it again.`,
      );
    }
    const weights = [...weightsByType.values()].reduce((sum, count) => sum + count, 0);
    // No ggml type stores a weight in less than one bit.
    if (weights > size * 8) throw damaged(`its shapes give ${weights} weights, more than ${size} bytes hold`);
    return { metadata, arrayLengths, tensors: tensorCount, weightsByType, bytes: size };
  } finally {
    await file.close();
  }
}

async function readCounts(reader: ForwardReader): Promise<{ tensorCount: number; keyCount: number }> {
  await reader.load(24);
  if (reader.take(4).toString("latin1") !== "GGUF") throw new LlmapError("ERR_GGUF", "This is not a GGUF file.");
  const version = reader.take(4);
  if (version.readUInt32LE() > 0xffff && version.readUInt32BE() <= 0xffff) {
    throw new LlmapError("ERR_GGUF", "This is a big-endian GGUF file. Convert it with llama.cpp's gguf_convert_endian.py.");
  }
  if (![2, 3].includes(version.readUInt32LE())) {
    throw new LlmapError("ERR_GGUF", `This is GGUF version ${version.readUInt32LE()}; versions 2 and 3 can be read.`);
  }
  const tensorCount = reader.takeUint64();
  const keyCount = reader.takeUint64();
  if (keyCount > maximumKeys) throw damaged(`it announces ${keyCount} metadata keys`);
  if (tensorCount > maximumTensors) throw damaged(`it announces ${tensorCount} tensors`);
  return { tensorCount, keyCount };
}

async function readMetadata(
  reader: ForwardReader,
  keyCount: number,
): Promise<{ metadata: Map<string, MetadataValue>; arrayLengths: Map<string, number> }> {
  const metadata = new Map<string, MetadataValue>();
  const arrayLengths = new Map<string, number>();
  for (let index = 0; index < keyCount; index++) {
    const key = await readText(reader, maximumKeyBytes);
    if (key === null) throw damaged(`the name of metadata key ${index + 1} is too long`);
    if (metadata.has(key) || arrayLengths.has(key)) throw damaged(`the metadata key ${JSON.stringify(key)} comes twice`);
    const type = await readUint32(reader);
    const fixedSize = fixedSizeTypes.get(type);
    if (fixedSize !== undefined) {
      await reader.load(fixedSize.bytes);
      metadata.set(key, fixedSize.read(reader.take(fixedSize.bytes)));
    } else if (type === stringType) {
      const text = await readText(reader, maximumValueBytes);
      if (text !== null) metadata.set(key, text);
    } else if (type === arrayType) {
      arrayLengths.set(key, await skipArray(reader, key));
    } else {
      throw damaged(`the metadata key ${JSON.stringify(key)} has the unknown type ${type}`);
    }
  }
  return { metadata, arrayLengths };
}

/** Moves over an array; returns its number of elements. */
async function skipArray(reader: ForwardReader, key: string): Promise<number> {
  const type = await readUint32(reader);
  const length = await readUint64(reader);
  const fixedSize = fixedSizeTypes.get(type);
  if (fixedSize !== undefined) {
    reader.skip(length * fixedSize.bytes);
  } else if (type === stringType) {
    for (let index = 0; index < length; index++) {
      if (!reader.has(8)) await reader.load(8);
      reader.skip(reader.takeUint64());
    }
  } else {
    throw damaged(`the array ${JSON.stringify(key)} has elements of the unknown type ${type}`);
  }
  return length;
}

async function readTensors(
  reader: ForwardReader,
  count: number,
): Promise<{ weightsByType: Map<number, number>; lastOffset: number }> {
  const weightsByType = new Map<number, number>();
  let lastOffset = 0;
  for (let index = 0; index < count; index++) {
    reader.skip(await readUint64(reader));
    const dimensions = await readUint32(reader);
    if (dimensions > maximumDimensions) throw damaged(`tensor ${index + 1} has ${dimensions} dimensions`);
    let weights = 1;
    for (let dimension = 0; dimension < dimensions; dimension++) weights *= await readUint64(reader);
    const type = await readUint32(reader);
    const offset = await readUint64(reader);
    if (!Number.isSafeInteger(weights) || !Number.isSafeInteger(offset)) {
      throw damaged(`tensor ${index + 1} has an impossible shape or place`);
    }
    weightsByType.set(type, (weightsByType.get(type) ?? 0) + weights);
    lastOffset = Math.max(lastOffset, offset);
  }
  return { weightsByType, lastOffset };
}

async function readUint32(reader: ForwardReader): Promise<number> {
  await reader.load(4);
  return reader.take(4).readUInt32LE();
}

async function readUint64(reader: ForwardReader): Promise<number> {
  await reader.load(8);
  return reader.takeUint64();
}

/** A string, or null (and moved over) if it is longer than `limit` bytes. */
async function readText(reader: ForwardReader, limit: number): Promise<string | null> {
  const length = await readUint64(reader);
  if (length > limit) {
    reader.skip(length);
    return null;
  }
  await reader.load(length);
  return reader.take(length).toString("utf8");
}
