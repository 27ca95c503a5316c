import { describe, expect, it } from "vitest";
import { nameModels, safeFileName } from "../../../lib/models/model-names.js";

function named(models: (string | [path: string, listedName: string])[]) {
  return nameModels(
    models.map((model) =>
      typeof model === "string" ? unlisted(...model.split("+")) : { ...unlisted(model[0]), listedName: model[1] },
    ),
  );
}
const unlisted = (path = "", ...adapters: string[]) => ({ parts: [path] as const, adapters, listedName: null });
const names = (...models: Parameters<typeof named>[0]) => named(models).map(({ name }) => name);
const fileNames = (...models: Parameters<typeof named>[0]) => named(models).map(({ fileName }) => fileName);

describe("names", () => {
  it("are the file's without .gguf and part numbers", () => {
    expect(names("/m/One.Q4_K_M.gguf", "/m/TWO.GGUF", "/m/blob", "/m/big-00001-of-00003.gguf", "/m/.gguf")).toEqual([
      ...["One.Q4_K_M", "TWO", "blob", "big", ".gguf"],
    ]);
  });

  it("that are equal take the shortest folder path that tells them apart", () => {
    expect(names("/x/a/model.gguf", "/x/b/model.gguf", "/x/b/other.gguf")).toEqual(["a/model", "b/model", "other"]);
    expect(names("/x/a/q4/model.gguf", "/x/b/q4/model.gguf")).toEqual(["a/q4/model", "b/q4/model"]);
    expect(names("/model.gguf", "/b/model.gguf")).toEqual(["model", "b/model"]);
  });

  it("of adapters stand behind the base's; folders go where they tell apart", () => {
    expect(names("/m/base.gguf", "/m/base.gguf+/l/a.gguf", "/m/base.gguf+/l/a.gguf+/l/b.gguf")).toEqual(["base", "base+a", "base+a+b"]);
    expect(names("/m/base.gguf+/1/a.gguf", "/m/base.gguf+/2/a.gguf")).toEqual(["base+1/a", "base+2/a"]);
    expect(names("/m/1/base.gguf+/l/a.gguf", "/m/2/base.gguf+/l/a.gguf", "/m/1/base.gguf")).toEqual(["1/base+a", "2/base+a", "base"]);
    expect(names(["/m/x.gguf", "base+a"], "/m/base.gguf+/l/a.gguf")).toEqual(["base+a", "m/base+l/a"]);
  });

  it("that folders do not tell apart take a number", () => {
    expect(names("/m/a.gguf", "/m/a-00001-of-00002.gguf")).toEqual(["a", "a-2"]);
  });

  it("of a list stay as they are, and others give way", () => {
    expect(names(["/m/a.gguf", "b"], "/m/b.gguf", ["/m/c.gguf", "m/b"])).toEqual(["b", "b-2", "m/b"]);
    expect(names(["/m/a.gguf", "b"], "/m/b.gguf")).toEqual(["b", "m/b"]);
  });

  it("make file names that are distinct where case does not count", () => {
    expect(fileNames("/m/Model.gguf", "/m/model.gguf", "/m/MODEL.gguf")).toEqual(["Model", "model-2", "MODEL-3"]);
    expect(fileNames(["/1", "a/b"], ["/2", "a:b"])).toEqual(["a_b", "a_b-2"]);
  });
});

describe("a safe file name", () => {
  it.each([
    ["plain-Q4_K_M.v1", "plain-Q4_K_M.v1"],
    ["a/b\\c:d*e?f\"g<h>i|j", "a_b_c_d_e_f_g_h_i_j"],
    ["tab\tnew\nnul\0del\u007f", "tab_new_nul_del_"],
    ["..", "__"],
    [".hidden", "_hidden"],
    ["dots... ", "dots____"],
    ["CON", "_CON"],
    ["com1.q4", "_com1.q4"],
    ["console", "console"],
    ["", "_"],
    ["Größe 模型 🦙", "Größe 模型 🦙"],
    ["e\u0301", "\u00e9"],
    ["lone \ud800", "lone \ufffd"],
  ])("%j is %j", (name, safe) => {
    expect(safeFileName(name)).toBe(safe);
  });

  it("is at most 150 bytes, whole characters, and differs where the name does", () => {
    const one = safeFileName(`${"模".repeat(200)}1`);
    const other = safeFileName(`${"模".repeat(200)}2`);
    expect(Buffer.byteLength(one)).toBeLessThanOrEqual(150);
    expect(one).toMatch(/^模+-[0-9a-f]{8}$/);
    expect(one).not.toBe(other);
  });
});
