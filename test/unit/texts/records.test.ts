import { describe, expect, it } from "vitest";
import { readRecords } from "../../../lib/texts/records.js";
import type { LlmapError } from "../../../lib/errors.js";

const read = (text: string) => readRecords(text, "set");
const contents = (text: string) => read(text).map(({ content }) => content);
const lines = (...records: unknown[]): string => records.map((record) => `${JSON.stringify(record)}\n`).join("");

/** The message of the error that reading throws; it must be one line of code ERR_TEXTS. */
function complaint(text: string): string {
  try {
    read(text);
  } catch (error) {
    expect(error).toMatchObject({ name: "LlmapError", code: "ERR_TEXTS" });
    const { message } = error as LlmapError;
    expect(message).not.toContain("\n");
    return message;
  }
  throw new Error("no error was thrown");
}

describe("JSONL", () => {
  it("reads text, source and the other columns", () => {
    expect(read(lines({ id: 7, text: "one", source: "web", good: true, note: null }, { text: "two" }))).toEqual([
      { content: "one", source: "web", columns: { id: 7, good: true, note: null } },
      { content: "two", source: null, columns: {} },
    ]);
  });

  it("reads strings as texts", () => {
    expect(contents('"one"\n"two\\nlines"')).toEqual(["one", "two\nlines"]);
  });

  it("reads CRLF line ends and skips blank lines", () => {
    expect(contents('{"text": "one"}\r\n\r\n{"text": "two\\r\\n"}\r\n  \n')).toEqual(["one", "two\r\n"]);
  });

  it("does not end a line at U+2028", () => {
    expect(contents('{"text": "a\u2028b"}')).toEqual(["a\u2028b"]);
  });

  it("reads the authors' columns", () => {
    const record = { text: "chunk", pile_set_name: "Pile-CC", document_index: 12, chunk_index: 3 };
    expect(read(lines(record))).toEqual([{ content: "chunk", source: "Pile-CC", columns: { document_index: 12, chunk_index: 3 } }]);
  });

  it("prefers source to pile_set_name, which is then a column", () => {
    expect(read(lines({ text: "a", pile_set_name: "Pile-CC", source: "web" }))).toEqual([
      { content: "a", source: "web", columns: { pile_set_name: "Pile-CC" } },
    ]);
  });

  it("takes null as no source and a number as its digits", () => {
    expect(read(lines({ text: "a", source: null }, { text: "b", source: 3 })).map(({ source }) => source)).toEqual([null, "3"]);
  });

  it("takes the text from content where the first record has no string in text", () => {
    expect(contents(lines({ content: "a" }, { content: "b" }))).toEqual(["a", "b"]);
    expect(read(lines({ text: 0, content: "a", bytes: 1 }))).toEqual([{ content: "a", source: null, columns: { file_text: 0, file_bytes: 1 } }]);
  });

  it("keeps one text column for the whole file", () => {
    expect(complaint(lines({ text: "a" }, { content: "b" }))).toBe(
      'set line 2: expected a string in "text", found none; mend that line or leave it out.',
    );
  });

  it("renames columns that texts.arrow has itself, and keeps the columns they could be mistaken for", () => {
    expect(read(lines({ text: "a", content: "b", bytes: 1, file_bytes: 2 }))[0]?.columns).toEqual({
      file_content: "b",
      file_file_bytes: 1,
      file_bytes: 2,
    });
  });

  it("keeps lists and objects as JSON text", () => {
    expect(read(lines({ text: "a", meta: { id: [1, "x"] }, tags: [] }))[0]?.columns).toEqual({ meta: '{"id":[1,"x"]}', tags: "[]" });
  });

  it("keeps a column named __proto__", () => {
    const [text] = read('{"text": "a", "__proto__": 1}');
    expect(Object.entries(text?.columns ?? {})).toEqual([["__proto__", 1]]);
  });

  it("keeps equal texts and characters outside the basic plane", () => {
    expect(contents(lines("🦙", "🦙")).concat(contents('"\\ud83e\\udd99"'))).toEqual(["🦙", "🦙", "🦙"]);
  });
});

describe("JSON arrays", () => {
  it("reads strings and objects in any layout", () => {
    expect(contents('["one", "two"]')).toEqual(["one", "two"]);
    expect(contents('\r\n [\r\n{"text"\n:"one", "of": {"a": [1, 2]}}\r\n,\n"two, [three] {\\" ] \\\\"\n]\n')).toEqual(["one", 'two, [three] {" ] \\']);
    expect(contents(JSON.stringify([{ text: "a" }, { text: "b]" }], null, 2))).toEqual(["a", "b]"]);
  });

  it("reads an empty array as no record", () => {
    expect(read("[]")).toEqual([]);
    expect(read(" [\n] \n")).toEqual([]);
  });
});

describe("a line that cannot be used", () => {
  const record = 'an object with a "text", or a string';
  const good = '{"text": "a"}\n';
  const cases: [name: string, file: string, line: number, expected: string, found: RegExp][] = [
    ["is not JSON", `${good}${good}{"text": "cut of`, 3, record, /^"\{\\"text\\": \\"cut of", which is not JSON \(.+\)$/],
    ["is prose, shortened", "It was the best of times, it was the worst of times", 1, record, /^"It was the best of times, it was the wor…", which is not JSON/],
    ["is a number, after a blank line", `${good}\n12\n`, 3, record, /^12$/],
    ["is null", "null", 1, record, /^null$/],
    ["is a list", `${good}[1]`, 2, record, /^an array$/],
    ["has no text", `${good}{"txt": "a"}`, 2, 'a string in "text"', /^none$/],
    ["has a number as text", `${good.repeat(16)}{"text": 12}`, 17, 'a string in "text"', /^12$/],
    ["has an object as text", '{"text": {}}', 1, 'a string in "text"', /^an object$/],
    ["has an empty text", `${good}\r\n{"text": ""}\r\n`, 3, 'a text in "text"', /^an empty one$/],
    ["has an empty content", '{"content": ""}', 1, 'a text in "content"', /^an empty one$/],
    ["is an empty string", '"a"\n""', 2, 'a text in "text"', /^an empty one$/],
    ["has a lone surrogate", `${good}{"text": "a \\ud800 b"}`, 2, 'Unicode characters in "text"', /^the lone surrogate "\\ud800"$/],
    ["has an object as source", `${good}{"text": "a", "source": {}}`, 2, 'a string in "source"', /^an object$/],
    ["has a list as pile_set_name", '{"text": "a", "pile_set_name": []}', 1, 'a string in "pile_set_name"', /^an array$/],
    ["of an array is not JSON", '[\n"a",\n{"text": "a" "b"}\n]', 3, record, /which is not JSON/],
    ["of an array is a number", '[\n"a",\n  12\n]', 3, record, /^12$/],
    ["begins a record without text", '[\n{"text": "a"},\n{\n"txt":\n"b"}\n]', 3, 'a string in "text"', /^none$/],
    ["of an array has nothing between commas", '["a",\n\n, "b"]', 3, record, /^"", which is not JSON/],
    ["of an array has a comma too many", '["a",\n]', 2, record, /^"", which is not JSON/],
    ["of an array closes what is not open", '["a",\n1}]', 2, record, /^"1\}", which is not JSON/],
    ["ends an array too early", '["a",\n"b"', 2, 'a record that ends, and a "]" after the last one', /^the end of the file$/],
    ["begins a record that does not end", '["a",\n{"text": "b",\n"c"]\n', 2, 'a record that ends, and a "]" after the last one', /^the end of the file$/],
    ["begins a string that does not end", '["a",\n"b]\n', 2, 'a record that ends, and a "]" after the last one', /^the end of the file$/],
    ["follows the array", '["a"]\n\n ["b"]\n', 3, "nothing after the array", /^"\[\\"b\\"\]"$/],
  ];

  it.each(cases)("%s", (_name, file, line, expected, found) => {
    const [, number, wanted, got] = /^set line (\d+): expected (.+?), found (.+); mend that line or leave it out\.$/.exec(complaint(file)) ?? [];
    expect(Number(number)).toBe(line);
    expect(`${wanted}, found ${got}`.startsWith(`${expected}, found `)).toBe(true);
    expect(`${wanted}, found ${got}`.slice(`${expected}, found `.length)).toMatch(found);
  });
});
