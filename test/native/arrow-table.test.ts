import { tableFromIPC, tableToIPC } from "apache-arrow";
import { expect, test } from "vitest";
import { allocateTable } from "../../lib/native/arrow-table.js";

test("a table crosses without a copy and survives a round trip through Arrow IPC", () => {
  const table = allocateTable(
    [
      { name: "text", type: "int32" },
      { name: "log_likelihood", type: "float64" },
      { name: "log_probs", type: "list", item: "float32", values: 6 },
      { name: "kl", type: "fixedSizeList", item: "float64", size: 2 },
    ],
    3,
  );
  const { text, log_likelihood, log_probs, kl } = table.columns;
  text.set([7, 8, 9]);
  log_likelihood.set([-1.5, -2.5, -3.5]);
  log_probs.offsets.set([0, 1, 3, 6]);
  log_probs.values.set([-1, -2, -3, -4, -5, -6]);
  kl.set([0, 1, 1, 0, 2, 2]);

  const arrow = table.toTable();
  const expected = [
    { text: 7, log_likelihood: -1.5, log_probs: [-1], kl: [0, 1] },
    { text: 8, log_likelihood: -2.5, log_probs: [-2, -3], kl: [1, 0] },
    { text: 9, log_likelihood: -3.5, log_probs: [-4, -5, -6], kl: [2, 2] },
  ];
  for (const read of [arrow, tableFromIPC(tableToIPC(arrow, "file"))]) {
    expect(read.schema.fields.map((field) => `${field.name}: ${String(field.type)}`)).toEqual([
      "text: Int32",
      "log_likelihood: Float64",
      "log_probs: List<Float32>",
      "kl: FixedSizeList[2]<Float64>",
    ]);
    expect(read.schema.fields.every((field) => !field.nullable)).toBe(true);
    expect(JSON.parse(JSON.stringify(read.toArray()))).toEqual(expected);
  }
  const read = arrow.getChild("text")?.data[0]?.values as Int32Array | undefined;
  expect(read?.buffer).toBe(text.buffer);
  log_likelihood[1] = -100;
  expect(arrow.getChild("log_likelihood")?.get(1)).toBe(-100);
});

test("a table of no rows", () => {
  const table = allocateTable([{ name: "text", type: "int32" }], 0).toTable();
  expect(table.numRows).toBe(0);
  expect(table.schema.names).toEqual(["text"]);
});

test("names beyond ASCII", () => {
  const table = allocateTable([{ name: "naïve 模型", type: "float64" }], 1).toTable();
  expect(table.schema.names).toEqual(["naïve 模型"]);
});
