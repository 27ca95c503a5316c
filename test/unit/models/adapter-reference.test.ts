import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { splitReference } from "../../../lib/models/adapter-reference.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

function files(...names: string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), "");
  }
}
const split = (reference: string): Promise<string[]> => splitReference(reference, folder);

describe("a + in a reference", () => {
  it.each([
    ["base.gguf+adapter.gguf", ["base.gguf", "adapter.gguf"]],
    ["base.gguf+a.gguf+b.GGUF", ["base.gguf", "a.gguf", "b.GGUF"]],
    ["base.gguf+/elsewhere/c++/a.gguf", ["base.gguf", "/elsewhere/c++/a.gguf"]],
    ["base.gguf+https://host/a.gguf", ["base.gguf", "https://host/a.gguf"]],
    ["https://host/c++/base.gguf+a.gguf", ["https://host/c++/base.gguf", "a.gguf"]],
    ["https://host/base.gguf?download=true+a.gguf", ["https://host/base.gguf?download=true", "a.gguf"]],
    ["https://host/base.gguf?download=true+hf:user/lora", ["https://host/base.gguf?download=true", "hf:user/lora"]],
    ["hf:user/repo:Q4_K_M+hf:user/lora:F16", ["hf:user/repo:Q4_K_M", "hf:user/lora:F16"]],
    ["hf:user/repo+a.gguf", ["hf:user/repo", "a.gguf"]],
    ["hf.co/user/repo:Q8_0+a.gguf", ["hf.co/user/repo:Q8_0", "a.gguf"]],
    ["hf:user/repo/sub/base.gguf+a.gguf", ["hf:user/repo/sub/base.gguf", "a.gguf"]],
    ["*.gguf+a.gguf", ["*.gguf", "a.gguf"]],
  ])("separates in %s", async (reference, expected) => {
    expect(await split(reference)).toEqual(expected);
  });

  it.each([
    ...["base.gguf", "base.gguf+", "+a.gguf", "c++/base.gguf", "models/+(a|b).gguf", "q4+q8", "https://host/a+b.gguf", "https://host/c++/a"],
    ...["https://host/a.gguf?name=a+b&token=1", "hf:user/repo/a+b.gguf"],
  ])("is part of the name in %s", async (reference) => {
    expect(await split(reference)).toEqual([reference]);
  });

  it("is part of the name of what exists, as a whole or in front", async () => {
    files("one.gguf+two.gguf", "x.gguf+y.gguf/inside.gguf", "blob", "adapter+v2");
    expect(await split("one.gguf+two.gguf")).toEqual(["one.gguf+two.gguf"]);
    expect(await split("x.gguf+y.gguf")).toEqual(["x.gguf+y.gguf"]);
    expect(await split("one.gguf+two.gguf+a.gguf")).toEqual(["one.gguf+two.gguf", "a.gguf"]);
    // Files need no .gguf; folders do not count.
    expect(await split("blob+adapter+v2")).toEqual(["blob", "adapter+v2"]);
    files("c/file");
    expect(await split("c++/base.gguf")).toEqual(["c++/base.gguf"]);
  });
});
