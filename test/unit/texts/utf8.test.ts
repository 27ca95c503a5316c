import { describe, expect, it } from "vitest";
import { decodeUtf8 } from "../../../lib/texts/utf8.js";

const bytes = (...parts: (string | number[])[]): Uint8Array => Buffer.concat(parts.map((part) => Buffer.from(part as string)));

describe("decodeUtf8", () => {
  it("decodes all of Unicode and drops a byte order mark", () => {
    expect(decodeUtf8(bytes([0xef, 0xbb, 0xbf], "aä€🦙\r\n"), "set")).toBe("aä€🦙\r\n");
    expect(decodeUtf8(bytes(), "set")).toBe("");
  });

  it.each([
    ["Latin-1", [0xfc, 0x62]],
    ["a character cut short", [0xe2, 0x82]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["an overlong form", [0xc0, 0xaf]],
    ["UTF-16", [0xff, 0xfe]],
  ])("names the line of %s", (_name, invalid) => {
    for (const [line, file] of [
      [1, bytes(invalid)],
      [3, bytes("ä\n\nab", invalid, "c\nd\n")],
      [3, bytes("ä\r\nb\r\n", invalid)],
    ] as const) {
      expect(() => decodeUtf8(file, "texts.jsonl")).toThrow(
        expect.objectContaining({
          code: "ERR_TEXTS",
          message: `texts.jsonl line ${line}: expected UTF-8, found other bytes; mend that line or leave it out.`,
        }),
      );
    }
  });
});
