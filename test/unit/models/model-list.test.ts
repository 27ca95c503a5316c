import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readModelList } from "../../../lib/models/model-list.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

async function read(content: string | Buffer) {
  const path = join(temporaryFolder(), "models.csv");
  writeFileSync(path, content);
  return await readModelList(path);
}

describe("a list of models", () => {
  it("gives references, names and labels", async () => {
    const models = await read("model,name,family,size\na.gguf,Alpha,x,1\nhf:user/repo:Q4_K_M,,y,\n");
    expect(models).toMatchObject([
      { reference: "a.gguf", name: "Alpha", labels: { family: "x", size: "1" } },
      { reference: "hf:user/repo:Q4_K_M", name: null, labels: { family: "y", size: "" } },
    ]);
    expect(models[1]?.place).toMatch(/models\.csv line 3$/);
  });

  it("may have a byte order mark, CRLF, quotes, blank lines, spaces and any column order", async () => {
    const models = await read('\uFEFFkind, model\r\n"a ""b"", c", x y.gguf \r\n\r\n"two\r\nlines","b,1.gguf"');
    expect(models.map(({ reference, labels }) => [reference, labels["kind"]])).toEqual([
      ["x y.gguf", 'a "b", c'],
      ["b,1.gguf", "two\r\nlines"],
    ]);
  });

  it("may be UTF-16 with a byte order mark, as spreadsheets write it", async () => {
    expect(await read(Buffer.from("\uFEFFmodel,name\nä.gguf,Ä\n", "utf16le"))).toMatchObject([{ reference: "ä.gguf", name: "Ä" }]);
  });

  it("takes any column name for a label", async () => {
    const [model] = await read("model,__proto__,constructor\na.gguf,p,c\n");
    expect(Object.entries(model?.labels ?? {})).toEqual([
      ["__proto__", "p"],
      ["constructor", "c"],
    ]);
  });

  it.each([
    ["", /models\.csv line 1 is empty/],
    ["model,name\n", /line 1 names no model/],
    ["model;name\na;b\n", /line 1 has no column "model"; found "model;name"/],
    ["model,size,size\na,1,2\n", /line 1 has the column "size" twice/],
    ["model,\na,1\n", /line 1 has a column without a name/],
    ["model,name\na.gguf,A\n,B\n", /line 3 has nothing in the column "model"/],
    ["model,name\na.gguf,A\nb.gguf,A\n", /models\.csv line 3 gives the name "A" again, after \S+models\.csv line 2/],
    ["model,name\na.gguf,A\nb.gguf\n", /line 3 is not well-formed CSV/],
    ['model,name\na.gguf,"A\n', /line \d is not well-formed CSV/],
  ])("%j is an error", async (content, message) => {
    const error: unknown = await read(content).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "ERR_MODELS", message: expect.stringMatching(message) as string });
    expect((error as Error).message).not.toContain("\n");
  });

  it("that is not there is ERR_NOT_FOUND", async () => {
    await expect(readModelList("/nowhere/models.csv")).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
  });
});
