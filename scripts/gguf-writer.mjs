/** The pieces of a GGUF file, version 3: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */

const types = { uint32: 4, float32: 6, bool: 7, string: 8, array: 9, int32: 5 };
export const alignment = 32;

/** Appends little-endian values; `entry` is one key of the metadata, `pad` fills up to the alignment. */
export class Writer {
  #parts = [];
  size = 0;

  bytes(buffer) {
    this.#parts.push(buffer);
    this.size += buffer.length;
    return this;
  }
  uint32(value) {
    const buffer = Buffer.alloc(4);
    buffer.writeUInt32LE(value);
    return this.bytes(buffer);
  }
  uint64(value) {
    const buffer = Buffer.alloc(8);
    buffer.writeBigUInt64LE(BigInt(value));
    return this.bytes(buffer);
  }
  float32(value) {
    const buffer = Buffer.alloc(4);
    buffer.writeFloatLE(value);
    return this.bytes(buffer);
  }
  string(value) {
    const text = Buffer.from(value);
    return this.uint64(text.length).bytes(text);
  }
  value(type, value) {
    if (type === "string") this.string(value);
    else if (type === "float32") this.float32(value);
    else if (type === "bool") this.bytes(Buffer.of(value ? 1 : 0));
    else this.uint32(value);
    return this;
  }
  entry(key, type, value) {
    this.string(key);
    if (!Array.isArray(value)) return this.uint32(types[type]).value(type, value);
    this.uint32(types.array).uint32(types[type]).uint64(value.length);
    for (const item of value) this.value(type, item);
    return this;
  }
  pad() {
    return this.bytes(Buffer.alloc((alignment - (this.size % alignment)) % alignment));
  }
  toBuffer() {
    return Buffer.concat(this.#parts);
  }
}
