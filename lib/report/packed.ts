/**
 * JSON with typed arrays in it, as bytes: what report.html carries. Length of the JSON (uint32), the JSON in UTF-8 with a reference in place of each
 * typed array, then the arrays, each at a multiple of 8 bytes. Little-endian, as every processor is that Node and browsers run on here.
 */

const arrayTypes = { Uint8Array, Uint16Array, Int32Array, Float32Array, Float64Array };
type TypeName = keyof typeof arrayTypes;
type PackedArray = InstanceType<(typeof arrayTypes)[TypeName]>;

/** Type, number of values, and offset in bytes from the first array. Strings never look like it: it is an array in an object of one key. */
interface Reference {
  $array: [type: TypeName, length: number, offset: number];
}

const alignment = 8;
const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/** @param value plain data: objects, arrays, strings, numbers, null, and typed arrays */
export function pack(value: unknown): Uint8Array<ArrayBuffer> {
  const arrays: { array: PackedArray; offset: number }[] = [];
  let length = 0;
  const json = JSON.stringify(value, (_key, part: unknown): unknown => {
    const type = typeName(part);
    if (type === null) return part;
    const array = part as PackedArray;
    const reference: Reference = { $array: [type, array.length, length] };
    arrays.push({ array, offset: length });
    length = aligned(length + array.byteLength);
    return reference;
  });
  const text = new TextEncoder().encode(json);
  const start = aligned(4 + text.length);
  const bytes = new Uint8Array(start + length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  for (const { array, offset } of arrays) bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), start + offset);
  return bytes;
}

/**
 * What {@link pack} packed; its typed arrays are views into `buffer`. Numbers that JSON has no place for (NaN) outside typed arrays come back as null.
 * @param buffer from offset 0
 */
export function unpack(buffer: ArrayBuffer): unknown {
  const length = new DataView(buffer).getUint32(0, true);
  const start = aligned(4 + length);
  const restored = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) value[i] = restored(value[i]);
      return value;
    }
    if (isReference(value)) {
      const [type, count, offset] = value.$array;
      return new arrayTypes[type](buffer, start + offset, count);
    }
    // Written into the parsed object, which keeps keys such as __proto__ plain.
    for (const key of Object.keys(value)) {
      const part = (value as Record<string, unknown>)[key];
      if (typeof part === "object" && part !== null) Object.defineProperty(value, key, { value: restored(part), enumerable: true });
    }
    return value;
  };
  return restored(JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))));
}

function typeName(value: unknown): TypeName | null {
  if (!ArrayBuffer.isView(value)) return null;
  const name = value.constructor.name;
  if (Object.hasOwn(arrayTypes, name)) return name as TypeName;
  throw new TypeError(`Expected one of ${Object.keys(arrayTypes).join(", ")} but received ${name}.`);
}

function isReference(value: object): value is Reference {
  return Array.isArray((value as Partial<Reference>).$array);
}
