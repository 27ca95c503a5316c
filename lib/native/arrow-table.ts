/** Arrow tables whose columns are filled in place, by the addon or by TypeScript, and are never copied. */
import type { Table } from "apache-arrow";
import { parseTable } from "arrow-js-ffi";
import type { ColumnSpec } from "./addon.js";
import { fromAddonError } from "./cancellation.js";
import { loadAddon } from "./load-addon.js";

// The package's type declarations import without file extensions, which TypeScript cannot follow from an ES module.
const parseArrowTable = parseTable as (
  buffer: ArrayBuffer,
  arrays: readonly number[],
  schema: number,
  copy: boolean,
) => Table;

interface ViewByType {
  int32: Int32Array<ArrayBuffer>;
  float64: Float64Array<ArrayBuffer>;
  /** rows + 1 offsets into the values: fill both. */
  list: { offsets: Int32Array<ArrayBuffer>; values: Float32Array<ArrayBuffer> };
  fixedSizeList: Float64Array<ArrayBuffer>;
}

/** The memory of one column. */
export type ColumnView<Spec extends ColumnSpec> = ViewByType[Spec["type"]];

/** Views by column name. */
export type ColumnViews<Specs extends readonly ColumnSpec[]> = {
  [Spec in Specs[number] as Spec["name"]]: ColumnView<Spec>;
};

export interface AllocatedArrowTable<Specs extends readonly ColumnSpec[]> {
  rows: number;
  /** Zeroed typed arrays over the table's memory. */
  columns: ColumnViews<Specs>;
  /** The Arrow table over the same memory, without a copy: later writes through `columns` show in it. */
  toTable(): Table;
}

/**
 * Allocates a table of `rows` rows in one block of memory.
 * @param specs columns with different names
 * Throws ERR_ARGUMENT where the table would reach 4 GiB: split it into several by rows.
 */
export function allocateTable<const Specs extends readonly ColumnSpec[]>(
  specs: Specs,
  rows: number,
): AllocatedArrowTable<Specs> {
  const { arena, schema, array, columns } = allocate(specs, rows);
  const views = specs.map((spec, index) => {
    const place = columns[index];
    if (place === undefined) throw new RangeError(`The addon laid out ${columns.length} of ${specs.length} columns`);
    return [spec.name, viewOf(spec, rows, arena, place)] as const;
  });
  return {
    rows,
    columns: Object.fromEntries(views) as ColumnViews<Specs>,
    toTable: () => parseArrowTable(arena, [array], schema, false),
  };
}

function allocate(specs: readonly ColumnSpec[], rows: number) {
  try {
    return loadAddon().allocateTable([...specs], rows);
  } catch (error) {
    throw fromAddonError(error);
  }
}

function viewOf(
  spec: ColumnSpec,
  rows: number,
  arena: ArrayBuffer,
  place: { values: number; offsets: number },
): ColumnView<ColumnSpec> {
  switch (spec.type) {
    case "int32":
      return new Int32Array(arena, place.values, rows);
    case "float64":
      return new Float64Array(arena, place.values, rows);
    case "list":
      return {
        offsets: new Int32Array(arena, place.offsets, rows + 1),
        values: new Float32Array(arena, place.values, spec.values),
      };
    case "fixedSizeList":
      return new Float64Array(arena, place.values, rows * spec.size);
  }
}
