/**
 * Rows of models.arrow that wait to be written together. Each write is of the whole table, so one per model would take time in proportion to the square of
 * their number: for 100,000 models days, and terabytes.
 */
import { updateModels, type ModelRow } from "../store/models-table.js";

/** A write waits for so many times as long as the last one took: the table takes a tenth of the time at most. */
const rest = 9;

export class WaitingRows {
  #rows: ModelRow[] = [];
  #lastTook = 0;
  #lastEnded = -Infinity;

  /** @param path of models.arrow */
  constructor(private readonly path: string) {}

  add(row: ModelRow): void {
    this.#rows.push(row);
  }

  /** Whether rows wait, and the last write is long enough ago. */
  get isDue(): boolean {
    return this.#rows.length > 0 && performance.now() - this.#lastEnded >= rest * this.#lastTook;
  }

  /** Writes what waits, due or not. Errors: ERR_RUN_FOLDER; ERR_LOCKED. Then the rows wait on. */
  async write(): Promise<void> {
    const rows = this.#rows;
    if (rows.length === 0) return;
    const began = performance.now();
    await updateModels(this.path, rows);
    this.#rows = this.#rows.slice(rows.length);
    this.#lastEnded = performance.now();
    this.#lastTook = this.#lastEnded - began;
  }
}
