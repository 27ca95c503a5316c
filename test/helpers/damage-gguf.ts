/** Seeded damage to GGUF files, by where it is and what it is like. */
import { ggufRegions, type GgufRegions, type NumberField, type Range } from "./gguf-regions.js";

const regionNames = ["fixed header", "metadata", "tokenizer", "tensor table", "weights"] as const;
type RegionName = (typeof regionNames)[number];

type Damage = (file: Buffer, regions: GgufRegions, random: () => number) => Buffer;

const pick = <Item>(items: readonly Item[], random: () => number): Item => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("There is nothing to pick from.");
  return item;
};
const between = (from: number, to: number, random: () => number): number => from + Math.floor(random() * (to - from));

/** A byte of the region, every one equally likely. */
function placeIn(ranges: readonly Range[], random: () => number): number {
  let left = Math.floor(random() * ranges.reduce((sum, { start, end }) => sum + end - start, 0));
  for (const { start, end } of ranges) {
    if (left < end - start) return start + left;
    left -= end - start;
  }
  throw new Error("The region is empty.");
}

/** A stretch of up to `most` bytes that begins in the region. */
function stretchIn(file: Buffer, ranges: readonly Range[], most: number, random: () => number): Buffer {
  const start = placeIn(ranges, random);
  return file.subarray(start, start + between(1, most + 1, random));
}

/** The ways in which bytes are damaged anywhere. */
const ways: Record<string, (region: RegionName) => Damage> = {
  cut: (region) => (file, regions, random) => Buffer.from(file.subarray(0, placeIn(regions[region].ranges, random))),
  "flipped bits": (region) => (file, regions, random) => {
    for (let flips = between(1, 9, random); flips > 0; flips--) {
      const at = placeIn(regions[region].ranges, random);
      file.writeUInt8(file.readUInt8(at) ^ (1 << between(0, 8, random)), at);
    }
    return file;
  },
  noise: (region) => (file, regions, random) => {
    const stretch = stretchIn(file, regions[region].ranges, 512, random);
    stretch.forEach((_, i) => stretch.writeUInt8(between(0, 256, random), i));
    return file;
  },
  zeros: (region) => (file, regions, random) => {
    stretchIn(file, regions[region].ranges, 4096, random).fill(0);
    return file;
  },
  "swapped stretches": (region) => (file, regions, random) => {
    const one = stretchIn(file, regions[region].ranges, 64, random);
    const at = placeIn(regions[region].ranges, random);
    const other = file.subarray(at, at + one.length);
    const kept = Buffer.from(one);
    other.copy(one);
    kept.copy(other);
    return file;
  },
};

/** Numbers at the edges, where sizes overflow and divisions meet a zero. */
const numbers = (region: RegionName): Damage => (file, regions, random) => {
  const field = pick(regions[region].numbers, random);
  const edges = [0n, 1n, 2n, 3n, 7n, 255n, 65_535n, 1n << 20n, (1n << 31n) - 1n, 1n << 31n, (1n << 32n) - 1n, 1n << 40n, (1n << 63n) - 1n, (1n << 64n) - 1n];
  const old = readField(file, field);
  writeField(file, field, pick([...edges, old + 1n, old - 1n, old * 2n, old / 2n], random));
  return file;
};

function readField(file: Buffer, { at, bytes }: NumberField): bigint {
  return bytes === 8 ? file.readBigUInt64LE(at) : BigInt(file.readUIntLE(at, bytes));
}

function writeField(file: Buffer, { at, bytes }: NumberField, value: bigint): void {
  const wrapped = BigInt.asUintN(8 * bytes, value);
  if (bytes === 8) file.writeBigUInt64LE(wrapped, at);
  else file.writeUIntLE(Number(wrapped), at, bytes);
}

/** Bytes of one weight, or of the scale in front of a block of them, by ggml type. */
const float32 = 0;
const blockBytes = new Map([[float32, 4], [1, 2], [2, 18], [6, 22], [8, 34]]);

/** Writes a number that is none, or is infinite, into some weights (or scales of blocks of weights) of a tensor. */
const notFinite = (pattern: { float32: number; float16: number }): Damage => (file, regions, random) => {
  const tensor = pick(regions.tensors, random);
  const step = blockBytes.get(tensor.type);
  if (step === undefined) throw new Error(`The blocks of ggml type ${tensor.type} are not known.`);
  for (let count = between(1, 9, random); count > 0; count--) {
    const at = tensor.start + step * between(0, Math.floor((tensor.end - tensor.start) / step), random);
    if (tensor.type === float32) file.writeUInt32LE(pattern.float32, at);
    else file.writeUInt16LE(pattern.float16, at);
  }
  return file;
};
const nan = { float32: 0x7fc00000, float16: 0x7e00 };
const infinity = { float32: 0x7f800000, float16: 0x7c00 };

/** Every kind of damage by its name, "flipped bits in metadata". */
const kinds: ReadonlyMap<string, Damage> = new Map([
  ...regionNames.flatMap((region) => Object.entries(ways).map(([way, make]) => [`${way} in ${region}`, make(region)] as const)),
  ...regionNames.filter((region) => region !== "weights").map((region) => [`wrong number in ${region}`, numbers(region)] as const),
  ["NaN in weights", notFinite(nan)],
  ["infinity in weights", notFinite(infinity)],
]);

export const damageKinds: readonly string[] = [...kinds.keys()];

/** A copy of a whole GGUF file, damaged; never the same bytes. */
export function damageGguf(original: Buffer, kind: string, random: () => number): Buffer {
  const damage = kinds.get(kind);
  if (damage === undefined) throw new Error(`No kind of damage is called ${kind}.`);
  const regions = ggufRegions(original);
  for (let attempt = 0; attempt < 1000; attempt++) {
    const damaged = damage(Buffer.from(original), regions, random);
    if (!damaged.equals(original)) return damaged;
  }
  throw new Error(`A thousand attempts at ${kind} changed nothing.`);
}

/** A copy in which every weight of an F32 tensor is nearly the largest float32: finite, but what is computed with it is not. */
export function withHugeWeights(original: Buffer, tensorName: string): Buffer {
  const damaged = Buffer.from(original);
  const tensor = ggufRegions(original).tensors.find(({ name, type }) => name === tensorName && type === float32);
  if (tensor === undefined) throw new Error(`The file has no F32 tensor ${tensorName}.`);
  for (let at = tensor.start; at < tensor.end; at += 4) damaged.writeFloatLE(3e38, at);
  return damaged;
}
