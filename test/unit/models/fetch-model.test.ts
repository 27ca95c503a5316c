import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isUri } from "../../../lib/models/fetch-model.js";
import { resolveModels, type ResolveProgress } from "../../../lib/models/resolve-models.js";
import { demoModel, fixture } from "../../helpers/fixtures.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";
import { llama, writeGguf } from "./write-gguf.js";

let server: Server;
let origin: string;
/** What the server has, by path: a file, or the text of a page. */
let content: Record<string, { file: string } | { page: string }>;
/** Paths of the GET requests that were answered. */
let served: string[];
let folder: string;

beforeEach(async () => {
  folder = temporaryFolder();
  vi.stubEnv("LLMAP_CACHE_DIR", join(folder, "cache"));
  served = [];
  server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://host").pathname;
    const found = content[path];
    if (request.method === "HEAD" && path === "/") return void response.writeHead(200).end();
    served.push(path);
    if (found === undefined) return void response.writeHead(404).end();
    if ("page" in found) return void response.writeHead(200, { "content-type": "text/html" }).end(found.page);
    const size = statSync(found.file).size;
    const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "");
    const start = Number(range?.[1] ?? 0);
    const end = Math.min(Number(range?.[2] || size - 1), size - 1);
    const headers = { "content-length": end - start + 1, "accept-ranges": "bytes" };
    response.writeHead(range ? 206 : 200, range ? { ...headers, "content-range": `bytes ${start}-${end}/${size}` } : headers);
    createReadStream(found.file, { start, end }).pipe(response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  vi.unstubAllEnvs();
});

describe("models by URL", () => {
  it("are fetched once, with progress, into the given folder", async () => {
    content = { "/m/base.gguf": { file: demoModel("base-q4_0") } };
    const events: ResolveProgress[] = [];
    const options = { modelsDirectory: join(folder, "models"), onProgress: (event: ResolveProgress) => events.push(event) };
    const url = `${origin}/m/base.gguf`;
    const { models } = await resolveModels([url], options);
    expect(models).toMatchObject([{ name: "base", reference: url, facts: { quantization: "Q4_0" } }]);
    const path = models[0]?.path ?? "";
    expect(path.startsWith(join(folder, "models"))).toBe(true);
    expect(readFileSync(path).equals(readFileSync(demoModel("base-q4_0")))).toBe(true);
    expect(events.filter(({ step }) => step === "download").at(-1)).toEqual({ model: url, step: "download", bytes: 624_032, ofBytes: 624_032 });

    served = [];
    expect((await resolveModels([url], options)).models).toEqual(models);
    expect(served).toEqual([]);
  });

  it("may be a base and its adapter", async () => {
    content = { "/m/base.gguf": { file: demoModel("base-q4_0") }, "/l/one.gguf": { file: fixture("base-lora-r4-f16.gguf") } };
    const reference = `${origin}/m/base.gguf?download=true+${origin}/l/one.gguf`;
    const { models } = await resolveModels([reference]);
    expect(models).toMatchObject([{ name: "base+one", reference, adapters: [expect.stringMatching(/one\.gguf$/) as string] }]);
    expect(served).toEqual(expect.arrayContaining(["/m/base.gguf", "/l/one.gguf"]));
  });

  it("with one file name stay apart", async () => {
    content = { "/a/model.gguf": { file: demoModel("base-q4_0") }, "/b/model.gguf": { file: demoModel("base-q5_0") } };
    const { models } = await resolveModels([`${origin}/a/model.gguf`, `${origin}/b/model.gguf`]);
    expect(models.map(({ facts }) => facts.quantization)).toEqual(["Q4_0", "Q5_0"]);
    expect(models.map(({ name }) => name)).toEqual([expect.stringMatching(/^127.*\/model$/), expect.stringMatching(/^127.*\/model$/)]);
    expect(models[0]?.path.startsWith(join(folder, "cache", "models"))).toBe(true);
  });

  it("that are split are fetched whole, also when an earlier download ended after the first part", async () => {
    const parts = [1, 2].map((number) => {
      const path = join(folder, `part${number}.gguf`);
      const split = { "split.no": { uint16: number - 1 }, "split.count": { uint16: 2 }, "split.tensors.count": { uint32: 2 } };
      writeGguf(path, { metadata: number === 1 ? llama(split) : split, tensors: { [`t${number}`]: [32] } });
      return path;
    });
    const url = `${origin}/big-00001-of-00002.gguf`;
    const [first = "", second = ""] = parts;
    content = { "/big-00001-of-00002.gguf": { file: first } };
    await expect(resolveModels([url])).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
    content["/big-00002-of-00002.gguf"] = { file: second };
    const { models } = await resolveModels([url]);
    expect(models).toMatchObject([{ name: "big", facts: { parameters: 64 } }]);
  });

  it("that are missing or no models are errors, and nothing is kept", async () => {
    content = { "/page.gguf": { page: "<html><body>Sign in</body></html>" } };
    const rejects = (name: string) => expect(resolveModels([`${origin}/${name}`])).rejects;
    await rejects("none.gguf").toMatchObject({ code: "ERR_NOT_FOUND", message: expect.stringMatching(/none\.gguf.*404/) as string });
    await rejects("page.gguf").toMatchObject({ code: "ERR_GGUF", message: expect.stringMatching(/HTML/) as string });
    const kept = readdirSync(join(folder, "cache", "models"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(kept.map(({ name }) => name)).toEqual([]);
  });

  it("are not asked for before everything local is checked", async () => {
    content = { "/base.gguf": { file: demoModel("base-q4_0") } };
    await expect(resolveModels([`${origin}/base.gguf`, join(folder, "missing.gguf")])).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
    expect(served).toEqual([]);
    expect(existsSync(join(folder, "cache", "models"))).toBe(false);
  });

  it("stop when the signal fires", async () => {
    content = { "/base.gguf": { file: demoModel("base-f16") } };
    const controller = new AbortController();
    const fetched = resolveModels([`${origin}/base.gguf`], { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(fetched).rejects.toMatchObject({ code: "ERR_ABORTED" });
    expect((await resolveModels([`${origin}/base.gguf`])).models).toHaveLength(1);
  });
});

describe("models by hf: URI", () => {
  beforeEach(() => {
    // Nothing listens on port 9, so that the tests ask nothing of the network.
    vi.stubEnv("HF_ENDPOINT", "http://127.0.0.1:9");
    vi.stubEnv("MODEL_ENDPOINT", undefined);
  });

  it.each(["hf:user/repo:Q4_K_M", "hf:user/repo/folder/file.gguf", "hf.co/user/repo:Q8_0"])("%s: an error at once without a server", async (uri) => {
    const error: unknown = await resolveModels([uri]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "ERR_NOT_FOUND", message: expect.stringMatching(/cannot be fetched: http:\/\/127.* does not answer/) as string });
    expect((error as Error).message).toContain(uri);
    expect((error as Error).message).not.toContain("\n");
  });

  it("are checked for their form", async () => {
    vi.stubEnv("HF_ENDPOINT", origin);
    const message: unknown = expect.stringMatching(/Invalid Hugging Face URI/);
    await expect(resolveModels(["hf:repo-only"])).rejects.toMatchObject({ code: "ERR_NOT_FOUND", message });
  });

  it("are fetched by the quantization that the server's manifest names", async () => {
    vi.stubEnv("HF_ENDPOINT", origin);
    content = {
      "/v2/user/repo-GGUF/manifests/Q4_0": { page: JSON.stringify({ ggufFile: { rfilename: "repo.Q4_0.gguf" } }) },
      "/user/repo-GGUF/resolve/main/repo.Q4_0.gguf": { file: demoModel("base-q4_0") },
    };
    const { models } = await resolveModels(["hf:user/repo-GGUF:Q4_0"]);
    expect(models).toMatchObject([{ name: expect.stringMatching(/user.*repo.*Q4_0/) as string, facts: { quantization: "Q4_0" } }]);

    vi.stubEnv("HF_ENDPOINT", "http://127.0.0.1:9");
    expect((await resolveModels(["hf:user/repo-GGUF:Q4_0"])).models).toEqual(models);
  });
});

it("URIs are told from paths", () => {
  expect(["hf:a/b:q", "hf://a/b", "huggingface:a/b", "https://h/m.gguf", "HTTP://h/m.gguf", "hf.co/a/b"].filter((uri) => !isUri(uri))).toEqual([]);
  expect(["models/a.gguf", "C:\\models\\a.gguf", "hf/a.gguf", "./hf.co/a", "https", "*.gguf"].filter(isUri)).toEqual([]);
});
