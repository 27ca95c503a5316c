import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { largestFile } from "../../../lib/texts/read-bytes.js";
import { readTextSet } from "../../../lib/texts/read-text-set.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

/** Writes files (path below the folder: content) and gives the folder. */
function folderOf(files: Record<string, string | Uint8Array>): string {
  const folder = temporaryFolder();
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  return folder;
}

const fixture = join(import.meta.dirname, "../../fixtures/texts-100.jsonl");

describe("readTextSet of a file", () => {
  it("reads JSONL and JSON to the same set", async () => {
    const records = [{ text: "one", source: "a" }, { text: "zwölf" }];
    const folder = folderOf({
      "set.jsonl": records.map((record) => JSON.stringify(record)).join("\n"),
      "marked.jsonl": `\ufeff${records.map((record) => `${JSON.stringify(record)}\r\n`).join("")}`,
      "set.json": JSON.stringify(records, null, 2),
      "marked.json": `\ufeff${JSON.stringify(records)}`,
    });
    const set = await readTextSet(join(folder, "set.jsonl"));
    expect(set).toMatchObject({ name: "set.jsonl", meanBytes: (3 + 6) / 2 });
    expect(set.texts.map(({ content, bytes, source }) => [content, bytes, source])).toEqual([["one", 3, "a"], ["zwölf", 6, null]]);
    for (const name of ["marked.jsonl", "set.json", "marked.json"]) {
      expect(await readTextSet(join(folder, name))).toEqual({ ...set, name });
    }
  });

  it("reads the fixture, byte for byte", async () => {
    const set = await readTextSet(fixture);
    const records = readFileSync(fixture, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line) as { index: number; text: string; source: string });
    expect(set.texts).toEqual(
      records.map(({ index, text, source }) => ({ content: text, bytes: Buffer.byteLength(text), source, columns: { index } })),
    );
    expect(set.texts).toHaveLength(100);
    expect(Math.max(...set.texts.map(({ bytes }) => bytes))).toBeLessThanOrEqual(1024);
  });

  it("reads 10,000 texts of the authors' format within five seconds", async () => {
    const lines = Array.from({ length: 10_000 }, (_, position) =>
      JSON.stringify({ text: `${position} ${"größer ".repeat(120)}`, pile_set_name: "Pile-CC", document_index: position, chunk_index: 0 }),
    );
    const folder = folderOf({ "texts.jsonl": lines.join("\n"), "texts.json": `[${lines.join(",\n")}]`, "bad.jsonl": [...lines.slice(0, 9_999), "{"].join("\n") });
    const start = performance.now();
    const set = await readTextSet(join(folder, "texts.jsonl"));
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(set.texts).toHaveLength(10_000);
    expect(set.texts[9_999]).toMatchObject({ source: "Pile-CC", columns: { document_index: 9_999, chunk_index: 0 } });
    expect((await readTextSet(join(folder, "texts.json"))).hash).toBe(set.hash);
    await expect(readTextSet(join(folder, "bad.jsonl"))).rejects.toThrow(/bad\.jsonl line 10000: expected /);
  });

  it("names the file as it was given, and the line", async () => {
    const file = join(folderOf({ "texts.jsonl": '{"text": "a"}\n{"text": 1}\n' }), "texts.jsonl");
    await expect(readTextSet(file)).rejects.toMatchObject({
      code: "ERR_TEXTS",
      message: `${file} line 2: expected a string in "text", found 1; mend that line or leave it out.`,
    });
  });

  it("names the line that is not UTF-8", async () => {
    const file = join(folderOf({ "latin1.jsonl": Buffer.from('{"text": "a"}\n{"text": "gr\xfcn"}\n', "latin1") }), "latin1.jsonl");
    await expect(readTextSet(file)).rejects.toMatchObject({ code: "ERR_TEXTS", message: expect.stringContaining("line 2: expected UTF-8") as string });
  });

  it.each(["", "\n \r\n", "[]", "\ufeff"])("refuses an empty set: %j", async (content) => {
    const file = join(folderOf({ "empty.jsonl": content }), "empty.jsonl");
    await expect(readTextSet(file)).rejects.toMatchObject({ code: "ERR_TEXTS", message: "empty.jsonl holds no text; expected at least one." });
  });

  it("says that a file is not there", async () => {
    const file = join(temporaryFolder(), "none.jsonl");
    await expect(readTextSet(file)).rejects.toMatchObject({ code: "ERR_NOT_FOUND", message: expect.stringContaining(`Cannot read the texts ${file}: ENOENT`) as string });
  });

  it("stops when the signal has fired", async () => {
    await expect(readTextSet(fixture, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ERR_ABORTED" });
  });
});

describe("readTextSet of a folder", () => {
  it("reads *.txt by path, with the sub-folder as source", async () => {
    const folder = folderOf({
      "b.txt": "second\r\n",
      "a.txt": "\ufefffirst",
      "B.TXT": "upper case first",
      "notes.md": "not a text",
      "news/x.txt": "third",
      "news/old/y.txt": "fourth",
    });
    const { texts, name } = await readTextSet(folder);
    expect(folder.endsWith(name)).toBe(true);
    expect(texts.map(({ content, source, columns }) => [content, source, columns["file"]])).toEqual([
      ["upper case first", null, "B.TXT"],
      ["first", null, "a.txt"],
      ["second\r\n", null, "b.txt"],
      ["fourth", "news/old", "news/old/y.txt"],
      ["third", "news", "news/x.txt"],
    ]);
  });

  it("takes the name of the folder that a relative reference means", async () => {
    expect((await readTextSet(`${folderOf({ "set/a.txt": "a" })}/set/.`)).name).toBe("set");
  });

  it("reads a folder whose name means something to a glob", async () => {
    const folder = join(folderOf({ "a[b] (c)/x.txt": "a" }), "a[b] (c)");
    expect((await readTextSet(folder)).texts).toHaveLength(1);
  });

  it("refuses a folder without texts, an empty text and one that is not UTF-8", async () => {
    const none = folderOf({ "a.md": "a" });
    await expect(readTextSet(none)).rejects.toMatchObject({ code: "ERR_TEXTS", message: `${none} holds no text: expected *.txt files, found none; name a folder of them, or a JSONL file.` });
    const empty = folderOf({ "a.txt": "a", "sub/b.txt": "" });
    await expect(readTextSet(empty)).rejects.toMatchObject({ code: "ERR_TEXTS", message: `${empty}/sub/b.txt is empty: expected a text; fill it or take it out of the folder.` });
    const latin1 = folderOf({ "a.txt": Buffer.from("a\ngr\xfcn", "latin1") });
    await expect(readTextSet(latin1)).rejects.toThrow(`${latin1}/a.txt line 2: expected UTF-8`);
  });
});

describe("readTextSet of a URL", () => {
  async function serve(answer: RequestListener): Promise<string> {
    const server = createServer(answer).listen(0, "127.0.0.1");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    await new Promise((resolve) => server.once("listening", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it("reads the fixture over HTTP to the same set", async () => {
    const host = await serve((_request, response) => response.end(readFileSync(fixture)));
    expect(await readTextSet(`${host}/sets/texts-100.jsonl?download=true`)).toEqual(await readTextSet(fixture));
  });

  it("follows a redirect, and names the set after the host where the URL has no path", async () => {
    const host = await serve((request, response) => (request.url === "/" ? response.writeHead(302, { location: "/set.json" }).end() : response.end('["a"]')));
    expect(await readTextSet(host)).toMatchObject({ name: host.slice("http://".length), texts: [{ content: "a" }] });
  });

  it("says what the server answered", async () => {
    const host = await serve((_request, response) => response.writeHead(404).end("nothing here"));
    await expect(readTextSet(`${host}/x.jsonl`)).rejects.toMatchObject({
      code: "ERR_NOT_FOUND",
      message: `Cannot download the texts ${host}/x.jsonl: the server answered 404 Not Found; check the address and the network.`,
    });
  });

  it("says why there is no connection, and that a URL is none", async () => {
    await expect(readTextSet("http://127.0.0.1:1/x.jsonl")).rejects.toMatchObject({ code: "ERR_NOT_FOUND", message: expect.stringMatching(/: .*(ECONNREFUSED|bad port)/) as string });
    await expect(readTextSet("http://:0:/")).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
  });

  it("names the URL and the line of a record that it cannot use", async () => {
    const host = await serve((_request, response) => response.end("<!doctype html>"));
    await expect(readTextSet(`${host}/page`)).rejects.toThrow(`${host}/page line 1: expected an object with a "text", or a string, found "<!doctype html>"`);
  });

  it("gives up an answer that is larger than the limit", async () => {
    const chunk = Buffer.alloc(2 ** 22, " ");
    const host = await serve((_request, response) => {
      const send = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", send);
      send();
    });
    await expect(readTextSet(`${host}/endless`)).rejects.toMatchObject({
      code: "ERR_TEXTS",
      message: expect.stringContaining(`too large: expected at most ${largestFile / 2 ** 20} MiB`) as string,
    });
  });

  it("stops a download when the signal fires", async () => {
    const controller = new AbortController();
    const host = await serve((_request, response) => {
      response.write('["a"');
      setTimeout(() => controller.abort(), 20);
    });
    await expect(readTextSet(`${host}/slow`, { signal: controller.signal })).rejects.toMatchObject({ code: "ERR_ABORTED" });
  });
});
