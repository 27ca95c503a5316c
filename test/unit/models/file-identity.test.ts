import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { adaptedSha256, modelSha256 } from "../../../lib/models/file-identity.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

let folder: string;
let cacheFile: string;

beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv("LLMAP_CACHE_DIR", join(folder, "cache"));
  cacheFile = join(folder, "cache", "sha256.json");
  return () => vi.unstubAllEnvs();
});

const sha256 = (content: string): string => createHash("sha256").update(content).digest("hex");

function write(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function hashOf(...parts: [string, ...string[]]): Promise<string> {
  return await modelSha256(parts, { signal: undefined, onBytes: () => undefined });
}

/** Puts another hash into the cache, to see whether it is used. */
function forge(hash: string): void {
  writeFileSync(cacheFile, readFileSync(cacheFile, "utf8").replace(/[0-9a-f]{64}/, hash));
}

describe("the SHA-256 of a model", () => {
  it("is that of its file", async () => {
    expect(await hashOf(write("a", "abc"))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("is that of its parts' hashes, joined by newlines", async () => {
    expect(await hashOf(write("a", "one"), write("b", "two"))).toBe(sha256(`${sha256("one")}\n${sha256("two")}`));
  });

  it("with adapters begins with a line of its own, and is the base's without any", async () => {
    const options = { signal: undefined, onBytes: () => undefined };
    const [base, adapter] = [write("a", "one"), write("b", "two")];
    expect(await adaptedSha256([base], [adapter], options)).toBe(sha256(`lora\n${sha256("one")}\n${sha256("two")}`));
    expect(await adaptedSha256([base], [], options)).toBe(sha256("one"));
  });

  it("reports every byte", async () => {
    const steps: number[] = [];
    const content = "x".repeat(3 << 20);
    await modelSha256([write("a", content)], { signal: undefined, onBytes: (bytes) => steps.push(bytes) });
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.reduce((sum, bytes) => sum + bytes, 0)).toBe(content.length);
  });

  it("stops when the signal fires", async () => {
    const controller = new AbortController();
    const hashed = modelSha256([write("a", "x".repeat(3 << 20))], { signal: controller.signal, onBytes: () => controller.abort() });
    await expect(hashed).rejects.toMatchObject({ code: "ERR_ABORTED" });
    expect(() => readFileSync(cacheFile)).toThrow();
  });

  it("is an error while the file changes", async () => {
    const path = write("a", "x".repeat(3 << 20));
    const hashed = modelSha256([path], { signal: undefined, onBytes: () => writeFileSync(path, "y", { flag: "a" }) });
    await expect(hashed).rejects.toThrow(/changed while it was read/);
  });
});

describe("the cache of hashes", () => {
  it("spares reading a file again, also by another link", async () => {
    const path = write("a", "abc");
    await hashOf(path);
    forge("0".repeat(64));
    expect(await hashOf(path)).toBe("0".repeat(64));
    symlinkSync(path, join(folder, "link"));
    expect(await hashOf(join(folder, "link"))).toBe("0".repeat(64));
  });

  it.each<[string, (path: string) => void]>([
    ["size", (path) => writeFileSync(path, "abcd")],
    ["time", (path) => utimesSync(path, statSync(path).atime, new Date(0))],
  ])("does not outlive a change of %s", async (_, change) => {
    const path = write("a", "abc");
    await hashOf(path);
    forge("0".repeat(64));
    change(path);
    expect(await hashOf(path)).toBe(sha256(readFileSync(path, "utf8")));
  });

  it.each(["", "{", "[]", '{"a":{"size":1}}', "\0\0\0"])("is replaced when it holds %j", async (damage) => {
    const path = write("a", "abc");
    mkdirSync(join(folder, "cache"));
    writeFileSync(cacheFile, damage);
    expect(await hashOf(path)).toBe(sha256("abc"));
    expect(Object.values(JSON.parse(readFileSync(cacheFile, "utf8")) as object)).toMatchObject([{ sha256: sha256("abc") }]);
  });

  it("keeps what others wrote, and can be done without", async () => {
    const [one, two] = [write("a", "one"), write("b", "two")];
    await hashOf(one);
    await hashOf(two);
    expect(Object.keys(JSON.parse(readFileSync(cacheFile, "utf8")) as object)).toHaveLength(2);
    vi.stubEnv("LLMAP_CACHE_DIR", join(one, "not-a-folder"));
    expect(await hashOf(two)).toBe(sha256("two"));
  });
});
