/** Hostile input: everything that is read from Redis is checked, and what is not exactly what this version writes is refused. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { allowedUri, fileBelow, pathBelow } from "../../../lib/queue/file-sources.js";
import { packTexts, unpackTexts } from "../../../lib/queue/packed-texts.js";
import { checkMessage, eventSchema, limits, modelSchema, parseMessage, partSchema, pinSchema, presenceSchema, runSchema, ticketSchema } from "../../../lib/queue/protocol.js";
import { requirePrefix } from "../../../lib/queue/queue-options.js";
import { redisAddress } from "../../../lib/queue/redis-address.js";
import { decodeRows, encodeRows } from "../../../lib/queue/row-message.js";
import { defaultScoringOptions } from "../../../lib/scoring/settings.js";
import type { ScoreRows } from "../../../lib/scoring/score-rows.js";
import { makeTextSet } from "../../../lib/texts/text-set.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const hash = "a".repeat(64);
const run = "0".repeat(32);
const worker = { id: "0123456789abcdef", name: "one" };
const good = {
  run: { protocol: 1, texts: { hash, count: 2, bytes: 10 }, scoring: defaultScoringOptions, parts: null, maxStalled: 10 },
  model: { name: "m", files: [{ kind: "shared", path: "a/m.gguf" }, { kind: "uri", uri: "hf:user/repo/lora.gguf" }], sha256: null },
  ticket: { run, model: 3 },
  part: { part: 1, of: 3 },
  rows: { type: "rows", model: 3, generation: 0, unit: 7, worker },
};

describe("messages of the queue", () => {
  it("pass as this version writes them", () => {
    expect(checkMessage(runSchema, "it", good.run)).toEqual(good.run);
    expect(checkMessage(modelSchema, "it", good.model)).toEqual(good.model);
    expect(checkMessage(ticketSchema, "it", good.ticket)).toEqual(good.ticket);
    expect(checkMessage(partSchema, "it", good.part)).toEqual(good.part);
    expect(parseMessage(eventSchema, "it", JSON.stringify(good.rows))).toEqual(good.rows);
  });

  it.each([
    ["an unknown field of a run", runSchema, { ...good.run, path: "/etc/passwd" }],
    ["an unknown field of the scoring options", runSchema, { ...good.run, scoring: { ...defaultScoringOptions, modelPath: "/etc/passwd" } }],
    ["threads that the caller decides", runSchema, { ...good.run, scoring: { ...defaultScoringOptions, threads: 999 } }],
    ["another protocol", runSchema, { ...good.run, protocol: 2 }],
    ["a set of texts that is too large", runSchema, { ...good.run, texts: { ...good.run.texts, bytes: limits.texts + 1 } }],
    ["a path instead of a source", modelSchema, { ...good.model, files: ["/etc/passwd"] }],
    ["no file", modelSchema, { ...good.model, files: [] }],
    ["another kind of source", modelSchema, { ...good.model, files: [{ kind: "path", path: "/etc/passwd" }] }],
    ["a hundred adapters", modelSchema, { ...good.model, files: Array.from({ length: 100 }, () => good.model.files[0]) }],
    ["a long path", modelSchema, { ...good.model, files: [{ kind: "shared", path: "a".repeat(limits.reference + 1) }] }],
    ["a hash that is none", modelSchema, { ...good.model, sha256: "../../x" }],
    ["a run id that is a path", ticketSchema, { run: "../../../x", model: 0 }],
    ["a model that is none", ticketSchema, { run, model: -1 }],
    ["a model between two", ticketSchema, { run, model: 0.5 }],
    ["a part that does not exist", partSchema, { part: 3, of: 3 }],
    ["an event of another type", eventSchema, { ...good.rows, type: "delete" }],
    ["a worker's id with a key in it", presenceSchema, { worker: { id: "x:run:y", name: "a" }, version: "1", queue: "q" }],
    ["a failure with a made-up code", eventSchema, { type: "failed", model: 0, generation: 0, worker, code: "x\n", reason: "", log: "" }],
    ["a log that is too long", eventSchema, { type: "failed", model: 0, generation: 0, worker, code: "ERR_X", reason: "", log: "a".repeat(limits.log + 1) }],
    ["settings of an import", pinSchema, { settings: { scorer: "imported" } }],
    ["nothing", ticketSchema, null],
  ])("are refused with %s", (_, schema, value) => {
    expect(() => checkMessage(schema, "It", value)).toThrow(expect.objectContaining({ code: "ERR_QUEUE" }) as Error);
  });

  it("are refused where they are no JSON, or too long", () => {
    expect(() => parseMessage(ticketSchema, "A ticket", "{")).toThrow(/A ticket is not JSON/);
    expect(() => parseMessage(ticketSchema, "A ticket", " ".repeat(limits.message + 1))).toThrow(/more than the/);
  });

  it("lose the characters that steer a terminal", () => {
    const event = checkMessage(eventSchema, "it", { type: "refused", model: 0, worker: { ...worker, name: "a\u001b[2Jb" }, reason: "x\r\ny" });
    expect(event.worker.name).toBe("a [2Jb");
    expect(event).toMatchObject({ reason: "x y" });
  });
});

describe("rows of the queue", () => {
  const rows: ScoreRows = { text: Int32Array.of(4, 2), tokens: Int32Array.of(3, 2), logLikelihood: Float64Array.of(-1.25, -7), truncated: [false, true] };
  const withTokens: ScoreRows = { ...rows, scoredTokens: { ids: Int32Array.of(1, 2, 3), logProbs: Float32Array.of(-1, -0.25, -7), bytes: Int32Array.of(4, 1, 0), firstBytes: Int32Array.of(2, -1) } };

  it("come back as they were", () => {
    expect(decodeRows(encodeRows(rows), 5, false)).toEqual(rows);
    expect(decodeRows(encodeRows(withTokens), 5, true)).toEqual(withTokens);
  });

  it.each([
    ["a text beyond the set", rows, 4],
    ["a negative text", { ...rows, text: Int32Array.of(-1, 2) }, 5],
    ["a text twice", { ...rows, text: Int32Array.of(2, 2) }, 5],
    ["more rows than texts", rows, 1],
    ["a log-likelihood that is no number", { ...rows, logLikelihood: Float64Array.of(NaN, -1) }, 5],
    ["a positive log-likelihood", { ...rows, logLikelihood: Float64Array.of(5, -1) }, 5],
    ["a negative count of tokens", { ...rows, tokens: Int32Array.of(-3, 2) }, 5],
    ["scored tokens that nobody wants", withTokens, 5],
  ])("are refused with %s", (_, bad, texts) => {
    expect(() => decodeRows(encodeRows(bad), texts, false)).toThrow(expect.objectContaining({ code: "ERR_QUEUE" }) as Error);
  });

  it("are refused without the scored tokens that are wanted, and with too few of them", () => {
    expect(() => decodeRows(encodeRows(rows), 5, true)).toThrow(/no scored tokens/);
    expect(() => decodeRows(encodeRows({ ...withTokens, tokens: Int32Array.of(9, 9) }), 5, true)).toThrow(/missing/);
    expect(() => decodeRows(encodeRows({ ...rows, tokens: Int32Array.of(2 ** 31 - 1, 2 ** 31 - 1) }), 5, false)).toThrow(/missing/);
  });

  it("are refused or read, but never crash, where bytes are damaged", () => {
    const bytes = encodeRows(withTokens);
    let refused = 0;
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      try {
        const read = decodeRows(damaged, 5, true);
        expect(read.text.length).toBeLessThanOrEqual(5);
      } catch (error) {
        expect(error).toMatchObject({ code: "ERR_QUEUE" });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(bytes.length / 4);
    for (const cut of [0, 1, 8, bytes.length / 2, bytes.length - 1]) expect(() => decodeRows(bytes.subarray(0, cut), 5, true)).toThrow();
  });
});

describe("texts of the queue", () => {
  const set = makeTextSet("t", ["one", "zwei €"].map((content) => ({ content, source: null, columns: {} })));
  const named = { hash: set.hash, count: 2, bytes: 12 };

  it("come back, checked against their hash", async () => {
    expect(await unpackTexts(await packTexts(set), named)).toEqual(["one", "zwei €"]);
    await expect(unpackTexts(gzipSync(JSON.stringify(["one", "two"])), named)).rejects.toThrow(/not those of the run/);
    await expect(unpackTexts(gzipSync(JSON.stringify(["one"])), named)).rejects.toThrow(/1 texts/);
    await expect(unpackTexts(gzipSync(JSON.stringify({ one: 1 })), named)).rejects.toThrow(/cannot be read/);
    await expect(unpackTexts(Buffer.from("no gzip"), named)).rejects.toThrow(/cannot be read/);
  });

  it("are not unpacked beyond the size that the run states", async () => {
    await expect(unpackTexts(gzipSync(Buffer.alloc(50_000_000, 32)), named)).rejects.toThrow(/cannot be read/);
  });
});

describe("files that the queue names", () => {
  it.each(["hf:user/repo:Q4_K_M", "hf:user/repo/file.gguf", "https://host/file.gguf", "http://127.0.0.1:8080/x.gguf", "http://[::1]/x.gguf"])("may be %s", (uri) => {
    expect(allowedUri(uri, false)).toBe(uri);
  });

  it.each(["file:///etc/passwd", "/etc/passwd", "http://host/file.gguf", "ftp://host/x", "https://user:secret@host/x.gguf", "hf:../../x", "hf:user/../../x", "data:x", "hf:user", "https://"])(
    "may not be %s",
    (uri) => {
      expect(() => allowedUri(uri, false)).toThrow(expect.objectContaining({ code: "ERR_USAGE" }) as Error);
    },
  );

  it("may come by http: where both sides say so, and take one form of Hugging Face's names", () => {
    expect(allowedUri("http://host/file.gguf", true)).toBe("http://host/file.gguf");
    expect(allowedUri("huggingface:user/repo:Q8_0", false)).toBe("hf:user/repo:Q8_0");
    expect(() => allowedUri("https://user:secret@host/x.gguf", false)).not.toThrow(/secret/);
  });

  it("lie in the shared folder, and nothing leads out of it", async () => {
    const folder = temporaryFolder();
    const shared = join(folder, "shared");
    mkdirSync(join(shared, "sub"), { recursive: true });
    writeFileSync(join(folder, "outside.gguf"), "x");
    writeFileSync(join(shared, "sub", "inside.gguf"), "x");
    symlinkSync(join(folder, "outside.gguf"), join(shared, "link.gguf"));
    symlinkSync(folder, join(shared, "up"));
    expect(await fileBelow(shared, "sub/inside.gguf")).toBe(join(shared, "sub", "inside.gguf"));
    for (const path of ["../outside.gguf", "sub/../../outside.gguf", "/etc/passwd", "link.gguf", "up/outside.gguf", "", ".", "a//b", "C:/x", "..\\outside.gguf", "sub/a\0b"]) {
      await expect(fileBelow(shared, path)).rejects.toMatchObject({ code: "ERR_QUEUE" });
    }
    await expect(fileBelow(shared, "sub/missing.gguf")).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
    expect(await pathBelow(shared, join(shared, "sub", "inside.gguf"))).toBe("sub/inside.gguf");
    expect(await pathBelow(shared, join(folder, "outside.gguf"))).toBeNull();
    expect(await pathBelow(shared, join(shared, "link.gguf"))).toBeNull();
    expect(await pathBelow(shared, shared)).toBeNull();
  });
});

describe("the address of a queue", () => {
  it("is read, and shown without user and password", () => {
    expect(redisAddress("rediss://me:s%40cret@host:1234/2", {})).toEqual({ host: "host", port: 1234, username: "me", password: "s@cret", db: 2, tls: true, shown: "rediss://host:1234/2" });
    expect(redisAddress("redis://host", { LLMAP_REDIS_PASSWORD: "p" })).toMatchObject({ port: 6379, password: "p", tls: false, db: 0, shown: "redis://host" });
    expect(redisAddress("redis://[::1]:7000", {})).toMatchObject({ host: "::1", port: 7000 });
  });

  it.each(["host:6379", "me:secret@host:6379", "http://host", "redis://", "redis://host/db", "redis://host?password=secret", "redis://:secret@", "nonsense secret"])("is refused without its secret: %s", (address) => {
    expect(() => redisAddress(address, {})).toThrow(expect.objectContaining({ code: "ERR_USAGE", message: expect.not.stringContaining("secret") as string }) as Error);
  });

  it("goes with a prefix that cannot break out of its keys", () => {
    expect(requirePrefix("{team-a}.llmap")).toBe("{team-a}.llmap");
    for (const prefix of ["", "a:b", "a b", "x".repeat(65), "*"]) expect(() => requirePrefix(prefix)).toThrow(/--queue-prefix/);
  });
});
