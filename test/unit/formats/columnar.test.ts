/** Arrow and Parquet files: read back to the bit, and by DuckDB. */
import { DuckDBInstance } from "@duckdb/node-api";
import { Field, Float64, List, Table, tableToIPC, vectorFromArray, type Vector } from "apache-arrow";
import { describe, expect, it } from "vitest";
import { matrixTable, readArrowScores } from "../../../lib/formats/arrow.js";
import type { NamedMatrix } from "../../../lib/formats/named-matrix.js";
import { parquetMatrixChunks, parquetTableChunks, readParquetScores } from "../../../lib/formats/parquet.js";
import { boolColumn, float64Column, int32Column, utf8Column } from "../../../lib/store/arrow-file.js";
import { all, fileOf, pythonFiles } from "../../helpers/score-files.js";

const { models, rows } = pythonFiles;
const named: NamedMatrix = {
  values: "log_likelihood",
  models,
  texts: Int32Array.of(0, 2, 3, 9),
  matrix: { rows: 3, columns: 4, values: Float64Array.from(rows.flat()) },
};
const parquetFile = (chunks: Iterable<Uint8Array>): string => fileOf("a.parquet", Buffer.concat([...chunks]));

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array): Buffer => Buffer.from(buffer, byteOffset, byteLength);

async function query(sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowsJS();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

describe("matrices", () => {
  it("are the same to the bit when read back from Arrow", async () => {
    const { texts, rows: read } = await readArrowScores(fileOf("a.arrow", tableToIPC(matrixTable(named), "file")));
    expect({ texts, ...(await all(read)) }).toEqual({ texts: [0, 2, 3, 9], models, values: rows, lines: [null, null, null] });
  });

  it("are the same to the bit when read back from Parquet, by us and by DuckDB", async () => {
    const path = parquetFile(parquetMatrixChunks(named));
    const { texts, rows: read } = await readParquetScores(path);
    expect({ texts, ...(await all(read)) }).toEqual({ texts: [0, 2, 3, 9], models, values: rows, lines: [null, null, null] });
    const found = await query(`SELECT model, log_likelihood FROM '${path}'`);
    expect(found).toEqual(models.map((model, row) => [model, rows[row]]));
  });

  it("of many rows go into several row groups, one chunk each", async () => {
    const [count, columns] = [3, 530_000]; // two rows are more than the 2^20 values of a group
    const values = Float64Array.from({ length: count * columns }, (_, i) => -Math.sqrt(i + 1));
    const chunks = [...parquetMatrixChunks({ ...named, models: ["a", "b", "c"], texts: null, matrix: { rows: count, columns, values } })];
    expect(chunks).toHaveLength(count + 1);
    const path = parquetFile(chunks);
    const [sums] = await query(`SELECT count(*), count(DISTINCT model), sum(list_sum(log_likelihood)) FROM '${path}'`);
    expect(sums?.slice(0, 2)).toEqual([3n, 3n]);
    expect(sums?.[2]).toBeCloseTo(values.reduce((sum, value) => sum + value, 0), 0);
    const { rows: read } = await readParquetScores(path);
    let row = 0;
    for await (const { logLikelihood } of read) expect(Buffer.compare(bytesOf(logLikelihood), bytesOf(values.subarray(row * columns, ++row * columns)))).toBe(0);
    expect(row).toBe(count);
  });

  it("are refused without the right columns, and where the file is none", async () => {
    const arrow = async (content: Uint8Array) => await readArrowScores(fileOf("a.arrow", content));
    await expect(arrow(tableToIPC(matrixTable({ ...named, values: "kl" }), "file"))).rejects.toMatchObject({ code: "ERR_SCORES", message: /no column "log_likelihood"/ });
    await expect(arrow(Buffer.from("nothing"))).rejects.toThrow("no Arrow file magic");
    await expect(readParquetScores(parquetFile(parquetMatrixChunks({ ...named, values: "kl" })))).rejects.toThrow('no column "log_likelihood"');
    await expect(readParquetScores(fileOf("a.parquet", "nothing at all here"))).rejects.toMatchObject({ code: "ERR_SCORES" });
    // A null is not a log-likelihood of 0.
    const list = vectorFromArray([[-5, null, -7]], new List(new Field("item", new Float64(), true)));
    const { rows: withNull } = await arrow(tableToIPC(new Table({ model: utf8Column(["a"]), log_likelihood: list }), "file"));
    await expect(all(withNull)).rejects.toThrow("a null in the list of row 0");
    const { rows: nameless } = await arrow(tableToIPC(new Table({ model: utf8Column([null]), log_likelihood: vectorFromArray([[-5]], new List(new Field("item", new Float64(), true))) }), "file"));
    expect((await all(nameless)).models).toEqual([null]);
    const path = fileOf("null.parquet", "");
    await query(`copy (select 'a' as model, [-5.0::double, null, -7.0] as log_likelihood) to '${path}' (format parquet, compression uncompressed)`);
    const { rows: parquetNull } = await readParquetScores(path);
    await expect(all(parquetNull)).rejects.toThrow("a null in the list of row 0");
    await expect(readParquetScores("/no/such.parquet")).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
  });
});

describe("parquetTableChunks", () => {
  it("keeps texts, numbers, booleans and nulls, as DuckDB reads them", async () => {
    const columns: Record<string, Vector> = {
      model: utf8Column(["a", "", null]),
      x: float64Column([0.1, null, -5e-324]),
      rank: int32Column([1, null, -3]),
      pareto: boolColumn([true, null, false]),
      empty: utf8Column([null, null, null]),
    };
    const path = parquetFile(parquetTableChunks(new Table(columns)));
    expect(await query(`SELECT * FROM '${path}'`)).toEqual([["a", 0.1, 1, true, null], ["", null, null, null, null], [null, -5e-324, -3, false, null]]);
    const types = await query(`SELECT column_type FROM (DESCRIBE SELECT * FROM '${path}')`);
    expect(types.flat()).toEqual(["VARCHAR", "DOUBLE", "INTEGER", "BOOLEAN", "VARCHAR"]);
  });
});
