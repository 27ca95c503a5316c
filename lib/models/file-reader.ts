/** Reading forward through a binary file through a small window, never past its end. */
import type { FileHandle } from "node:fs/promises";

const windowBytes = 1 << 20;

/** Little-endian values and byte runs, in the order of the file. Every read and skip is checked against `limit` first. */
export class ForwardReader {
  #window = Buffer.alloc(0);
  /** Where the window begins in the file. */
  #start = 0;
  #position = 0;

  /**
   * @param limit bytes that may be read from the start of the file
   * @param onLimit makes the error for a read of `bytes` that would cross the limit
   */
  constructor(
    private readonly file: FileHandle,
    readonly limit: number,
    private readonly onLimit: (bytes: number, position: number) => Error,
  ) {}

  /** Offset in the file of the next byte. */
  get position(): number {
    return this.#position;
  }

  /** Whether the next `bytes` bytes are in memory. Loops over many small values ask this before they await {@link load}. */
  has(bytes: number): boolean {
    return this.#position + bytes <= this.#start + this.#window.length;
  }

  /** Brings at least the next `bytes` bytes into memory. */
  async load(bytes: number): Promise<void> {
    this.#check(bytes);
    if (this.has(bytes)) return;
    const wanted = Math.min(Math.max(bytes, windowBytes), this.limit - this.#position);
    const window = Buffer.allocUnsafe(wanted);
    let filled = 0;
    while (filled < wanted) {
      const { bytesRead } = await this.file.read(window, filled, wanted - filled, this.#position + filled);
      if (bytesRead === 0) throw this.onLimit(bytes, this.#position);
      filled += bytesRead;
    }
    this.#window = window;
    this.#start = this.#position;
  }

  /** The next `bytes` bytes, which must be in memory; valid until the next load. */
  take(bytes: number): Buffer {
    const from = this.#position - this.#start;
    this.#position += bytes;
    return this.#window.subarray(from, from + bytes);
  }

  /** The next 8 bytes, which must be in memory, as an unsigned integer; above 2^53 it is rounded. */
  takeUint64(): number {
    const bytes = this.take(8);
    return bytes.readUInt32LE(4) * 2 ** 32 + bytes.readUInt32LE(0);
  }

  /** Moves over the next `bytes` bytes without reading them. */
  skip(bytes: number): void {
    this.#check(bytes);
    this.#position += bytes;
  }

  #check(bytes: number): void {
    if (this.#position + bytes > this.limit) throw this.onLimit(bytes, this.#position);
  }
}
