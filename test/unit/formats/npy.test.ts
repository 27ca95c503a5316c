/** NPY against numpy 1.24 (scripts/reference/python-files.py). */
import { describe, expect, it } from "vitest";
import { npyChunks, readNpyRows } from "../../../lib/formats/npy.js";
import { all, fileOf, pythonFiles } from "../../helpers/score-files.js";

const { rows, npy } = pythonFiles;
const bytesOf = (name: keyof typeof npy): Buffer => Buffer.from(npy[name], "base64");
const read = async (bytes: Uint8Array): Promise<number[][]> => (await all(readNpyRows(fileOf("a.npy", bytes)))).values;

describe("npyChunks", () => {
  it("gives the bytes that numpy.save gives", () => {
    const matrix = { rows: rows.length, columns: rows[0]?.length ?? 0, values: Float64Array.from(rows.flat()) };
    expect(Buffer.concat([...npyChunks(matrix)])).toEqual(bytesOf("saved"));
  });

  it("aligns the elements to 64 bytes whatever the shape", () => {
    for (const columns of [1, 10, 12_345, 1e9, 1e15]) {
      const [header] = npyChunks({ rows: 0, columns, values: new Float64Array() });
      expect((header?.length ?? 1) % 64).toBe(0);
      expect(Buffer.from(header ?? []).readUInt16LE(8)).toBe((header?.length ?? 0) - 10);
      expect(header?.at(-1)).toBe("\n".charCodeAt(0));
    }
  });
});

describe("readNpyRows", () => {
  it.each(["saved", "version2", "version3", "fortran"] as const)("reads what numpy writes: %s", async (name) => {
    expect(await read(bytesOf(name))).toEqual(rows);
  });

  it("reads float32, and a vector as one row", async () => {
    expect(await read(bytesOf("float32"))).toEqual(rows.slice(0, 2).map((row) => row.slice(0, 3).map(Math.fround)));
    expect(await read(bytesOf("vector"))).toEqual(rows.slice(1, 2));
  });

  it("refuses other types and shapes, and files that are cut or are none", async () => {
    await expect(read(bytesOf("bigEndian"))).rejects.toMatchObject({ code: "ERR_SCORES", message: /astype\('<f8'\)\), found '>f8'/ });
    await expect(read(bytesOf("integers"))).rejects.toThrow("'<i8'");
    await expect(read(bytesOf("cube"))).rejects.toThrow("two dimensions, found the shape (2, 2, 2)");
    await expect(read(bytesOf("saved").subarray(0, -8))).rejects.toThrow("expected 96 bytes for 3 x 4 elements, found 88");
    await expect(read(bytesOf("saved").subarray(0, 40))).rejects.toThrow("it ends early");
    await expect(read(Buffer.from("not numpy at all"))).rejects.toThrow("no NPY magic");
    await expect(all(readNpyRows("/no/such.npy"))).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
  });

  it("stops when it is told to", async () => {
    await expect(all(readNpyRows(fileOf("a.npy", bytesOf("saved")), { signal: AbortSignal.abort() }))).rejects.toMatchObject({ code: "ERR_ABORTED" });
  });
});
