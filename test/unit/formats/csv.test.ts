/** CSV against pandas 1.5 and numpy.savetxt (scripts/reference/python-files.py). */
import { Table, type Vector } from "apache-arrow";
import { describe, expect, it } from "vitest";
import { csvMatrixChunks, csvTableChunks, readCsvScores } from "../../../lib/formats/csv.js";
import { looksLikeFormula } from "../../../lib/spreadsheet-formula.js";
import { boolColumn, float64Column, utf8Column } from "../../../lib/store/arrow-file.js";
import { all, fileOf, pythonFiles } from "../../helpers/score-files.js";

const { models, rows, csv } = pythonFiles;
const matrix = { rows: rows.length, columns: 4, values: Float64Array.from(rows.flat()) };

async function read(content: string) {
  const { texts, rows: found } = await readCsvScores(fileOf("a.csv", content));
  return { texts, ...(await all(found)) };
}

describe("csvMatrixChunks", () => {
  it("is read back to the bit, one chunk per model", async () => {
    const chunks = [...csvMatrixChunks({ values: "log_likelihood", models, texts: Int32Array.of(0, 2, 3, 9), matrix })];
    expect(chunks).toHaveLength(4);
    expect(chunks[0]).toBe("model,0,2,3,9\n");
    expect(await read(chunks.join(""))).toEqual({ texts: [0, 2, 3, 9], models, values: rows, lines: [2, 3, 4] });
  });

  it("names the columns of a square matrix by the models", () => {
    const [header] = csvMatrixChunks({ values: "kl", models, texts: null, matrix });
    expect(header).toBe('model,base,"a ""quoted"", name",=sum\n');
  });
});

describe("csvTableChunks", () => {
  it("quotes commas, quotes and line ends, and tells null from the empty text", () => {
    const columns: Record<string, Vector> = {
      'a,"b"': utf8Column(["x\r\ny", "", null]),
      number: float64Column([-0, 1e21, null]),
      flag: boolColumn([true, null, false]),
    };
    expect([...csvTableChunks(new Table(columns))].join("")).toBe('"a,""b""",number,flag\n"x\r\ny",-0,true\n"",1e+21,\n,,false\n');
  });

  it("knows what a spreadsheet takes for a formula", () => {
    expect(["=1", "+1", "-1", "@a", "\t=1"].map(looksLikeFormula)).toEqual(new Array(5).fill(true));
    expect(["a=1", "", -1, null].map(looksLikeFormula)).toEqual(new Array(4).fill(false));
  });
});

describe("readCsvScores", () => {
  it("reads data frames of pandas, with and without names, and numpy.savetxt", async () => {
    expect(await read(csv.named)).toMatchObject({ texts: [0, 1, 2, 3], models, values: rows });
    expect(await read(csv.unnamed)).toMatchObject({ texts: [0, 1, 2, 3], models: [null, null, null], values: rows });
    expect(await read(csv.savetxt)).toMatchObject({ texts: null, values: rows, lines: [1, 2, 3] });
  });

  it("takes CRLF, a byte order mark and blank lines", async () => {
    expect(await read("\uFEFFmodel,0,1\r\n\r\na,-1,-2\r\n")).toMatchObject({ models: ["a"], values: [[-1, -2]], lines: [3] });
  });

  it("names the line of what is wrong", async () => {
    await expect(read("model,0,1\na,-1,-2\nb,-1\n")).rejects.toMatchObject({ code: "ERR_SCORES", message: /line 3: expected 3 fields.*found 2/ });
    await expect(read("model,0,1\na,-1,nan\n")).rejects.toThrow(/line 2: expected a number in field 3, found "nan"/);
    await expect(read("model,0,1\na,-1,\n")).rejects.toThrow(/line 2: expected a number in field 3, found ""/);
    await expect(read('model,0,1\na,"-1,-2\n')).rejects.toThrow(/line \d: expected well-formed CSV/);
    await expect(read("model,first,second\na,-1,-2\n")).rejects.toThrow(/line 1: expected a header .*found "first"/);
    await expect(read("")).rejects.toThrow("an empty file");
    await expect(readCsvScores("/no/such.csv")).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
  });
});
