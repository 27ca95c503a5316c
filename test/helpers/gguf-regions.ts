/** Where the parts of a GGUF file lie (ggml's docs/gguf.md, version 3), for tests that damage them. Only for files that are whole. */

/** Bytes from `start` up to `end`. */
export interface Range {
  start: number;
  end: number;
}

/** A number of the header. */
export interface NumberField {
  at: number;
  bytes: 1 | 2 | 4 | 8;
}

export interface Region {
  ranges: Range[];
  /** The numbers in it: counts, lengths, types, values, offsets. */
  numbers: NumberField[];
}

export interface Tensor extends Range {
  name: string;
  /** Its ggml type. */
  type: number;
}

export interface GgufRegions {
  /** Magic number, version and counts. */
  "fixed header": Region;
  /** Keys and values, without the tokenizer's arrays. */
  metadata: Region;
  /** The tokenizer's arrays: tokens, scores, types, merges. */
  tokenizer: Region;
  /** Names, shapes, types and places of the tensors. */
  "tensor table": Region;
  weights: Region;
  tensors: Tensor[];
}

const valueBytes = new Map<number, 1 | 2 | 4 | 8>([[0, 1], [1, 1], [2, 2], [3, 2], [4, 4], [5, 4], [6, 4], [7, 1], [10, 8], [11, 8], [12, 8]]);
const stringType = 8;
const arrayType = 9;
const alignment = 32;

export function ggufRegions(file: Buffer): GgufRegions {
  let at = 0;
  /** Reads a number and notes its place. */
  const number = (region: Region, bytes: 1 | 2 | 4 | 8): number => {
    region.numbers.push({ at, bytes });
    const value = bytes === 8 ? Number(file.readBigUInt64LE(at)) : file.readUIntLE(at, bytes);
    at += bytes;
    return value;
  };
  const string = (region: Region): string => {
    const length = number(region, 8);
    at += length;
    return file.toString("utf8", at - length, at);
  };
  const value = (region: Region, type: number): void => {
    if (type === stringType) string(region);
    else if (type === arrayType) array(region);
    else number(region, bytesOf(type));
  };
  const array = (region: Region): void => {
    const type = number(region, 4);
    const length = number(region, 8);
    for (let index = 0; index < length; index++) value(region, type);
  };
  const region = (): Region => ({ ranges: [], numbers: [] });
  const regions: GgufRegions = {
    "fixed header": { ranges: [{ start: 0, end: 24 }], numbers: [] },
    ...{ metadata: region(), tokenizer: region(), "tensor table": region(), weights: region() },
    tensors: [],
  };

  at = 4;
  number(regions["fixed header"], 4);
  const tensorCount = number(regions["fixed header"], 8);
  const keyCount = number(regions["fixed header"], 8);
  for (let index = 0; index < keyCount; index++) {
    const start = at;
    const key = string(regions.metadata);
    const type = number(regions.metadata, 4);
    const owner = type === arrayType && key.startsWith("tokenizer.") ? regions.tokenizer : regions.metadata;
    regions.metadata.ranges.push({ start, end: at });
    const valueStart = at;
    value(owner, type);
    owner.ranges.push({ start: valueStart, end: at });
  }

  const table = regions["tensor table"];
  const tableStart = at;
  const tensors: { name: string; type: number; offset: number }[] = [];
  for (let index = 0; index < tensorCount; index++) {
    const name = string(table);
    const dimensions = number(table, 4);
    for (let dimension = 0; dimension < dimensions; dimension++) number(table, 8);
    tensors.push({ name, type: number(table, 4), offset: number(table, 8) });
  }
  table.ranges.push({ start: tableStart, end: at });

  const data = Math.ceil(at / alignment) * alignment;
  regions.weights.ranges.push({ start: data, end: file.length });
  tensors.sort((a, b) => a.offset - b.offset);
  regions.tensors = tensors.map(({ name, type, offset }, index) => {
    return { name, type, start: data + offset, end: data + (tensors[index + 1]?.offset ?? file.length - data) };
  });
  return regions;
}

function bytesOf(type: number): 1 | 2 | 4 | 8 {
  const bytes = valueBytes.get(type);
  if (bytes === undefined) throw new Error(`No GGUF value has the type ${type}.`);
  return bytes;
}
