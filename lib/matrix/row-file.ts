/** A matrix as a raw binary file: its rows one after the other, little-endian floats and nothing else, as numpy's `tofile` writes them. */
import { open } from "node:fs/promises";
import { LlmapError, messageOf } from "../errors.js";
import type { FloatArray } from "../native/addon.js";
import type { RowSource } from "./neighbours.js";

/** A matrix on disk, whose rows are read on demand. */
export interface RowFile extends RowSource {
  close(): Promise<void>;
}

/**
 * Opens a matrix on disk (row after row, little-endian, without a header), for `nearestNeighbours` of matrices that do not fit into memory.
 * @param columns N; the file's size says how many rows there are
 * Errors: ERR_NOT_FOUND where the file cannot be read, ERR_ARGUMENT where its size is not a whole number of rows.
 */
export async function openRowFile(path: string, columns: number, type: "float32" | "float64"): Promise<RowFile> {
  const rowBytes = columns * (type === "float32" ? 4 : 8);
  const file = await open(path).catch((error: unknown) => {
    throw new LlmapError("ERR_NOT_FOUND", `Cannot read ${path}: ${messageOf(error)}. Check the path.`, { cause: error });
  });
  const { size } = await file.stat();
  if (size === 0 || size % rowBytes !== 0) {
    await file.close();
    throw new LlmapError(
      "ERR_ARGUMENT",
      `Expected ${path} to hold whole rows of ${columns} ${type} values (${rowBytes} bytes each) but found ${size} bytes. Check the number of columns and the type.`,
    );
  }
  return {
    rows: size / rowBytes,
    columns,
    async readRows(first: number, count: number): Promise<FloatArray> {
      const bytes = new Uint8Array(count * rowBytes);
      // One read call transfers less than 2 GiB.
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, done, Math.min(bytes.length - done, 2 ** 30), first * rowBytes + done);
        if (bytesRead === 0) throw new LlmapError("ERR_NOT_FOUND", `${path} ended while it was read: it was changed in the meantime.`);
        done += bytesRead;
      }
      return type === "float32" ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
    },
    close: () => file.close(),
  };
}
