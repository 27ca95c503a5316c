/** `open` through the built command line: what it serves, to whom, and how it ends. */
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wholeTexts } from "../../lib/report/served-texts.js";
import { RunFolder } from "../../lib/store/run-folder.js";
import { readKl, readMap } from "../../lib/store/map-tables.js";
import { readScoreFile } from "../../lib/store/score-file.js";
import { readTokenFile } from "../../lib/store/token-file.js";
import { runCli, startCli, type CliResult } from "../helpers/cli.js";
import { demoModel, fixtureTexts } from "../helpers/fixtures.js";
import { rawRequest, type RawAnswer } from "../helpers/raw-request.js";
import { linkOf, sharedFolder } from "../helpers/served.js";

const count = 20;
const { path: folder, remove } = sharedFolder();
const out = join(folder, "out");
let server: { child: { kill: (signal: NodeJS.Signals) => boolean }; result: Promise<CliResult> };
let url: string;
let base: string;

beforeAll(async () => {
  const texts = join(folder, "texts.jsonl");
  writeFileSync(texts, fixtureTexts().slice(0, count).map((text) => JSON.stringify(text)).join("\n"));
  const models = [demoModel("base-q4_0"), demoModel("small-f16")];
  const { code } = await runCli(["run", ...models, "--texts", texts, "--out", out, "--gpu", "off", "--token-log-probs", "--reference", "small-f16"]);
  expect(code).toBe(0);
  const started = startCli(["open", out, "--no-browser"]);
  server = started;
  url = await linkOf(started);
  base = new URL(url).pathname;
});
afterAll(async () => {
  server.child.kill("SIGINT");
  const { code, stderr } = await server.result;
  remove();
  expect(code).toBe(0);
  expect(stderr).not.toContain("Error");
});

const get = (path: string): Promise<RawAnswer> => rawRequest(url, base + path);
const json = async (path: string): Promise<unknown> => JSON.parse((await get(path)).body.toString());

describe("open", () => {
  it("serves the page with a policy that lets it ask this server and nobody else; the file's stays as strict as it was", async () => {
    const { status, headers, body } = await get("");
    const file = readFileSync(join(out, "report.html"), "utf8");
    const [, policy = ""] = /Content-Security-Policy" content="([^"]*)"/.exec(file) ?? [];
    expect(policy).not.toContain("connect-src");
    expect(status).toBe(200);
    expect(headers["content-security-policy"]).toBe(`${policy}; connect-src 'self'; frame-ancestors 'self'`);
    expect(body.toString()).not.toContain("http-equiv");
    expect(body.toString()).toContain('<html data-served="" lang="en">');
  });

  it("has nothing for a link without the token, and reads no path of the disk", async () => {
    expect((await rawRequest(url, "/")).status).toBe(404);
    const elsewhere = ["../run.json", "run.json", "report.html", "..%2frun.json", "%2e%2e/run.json", "/etc/passwd", "..\\run.json", "data/../run.json", "data/texts/../../run.json", "data/model/../../x", "data/model/0/../0", "data/model/%30", "data/model/0%00", "data/"];
    for (const path of elsewhere) expect([path, (await get(path)).status]).toEqual([path, 404]);
    expect((await rawRequest(url, base, { method: "POST" })).status).toBe(405);
    expect((await rawRequest(url, base, { headers: { Host: "evil.example" } })).status).toBe(421);
  });

  it("has whole texts, in pieces", async () => {
    const texts = fixtureTexts();
    const { of, texts: rows } = (await json("data/texts?from=3&count=4")) as { of: number; texts: { text: number; content: string; source: string; bytes: number }[] };
    expect(of).toBe(count);
    expect(rows.map(({ text }) => text)).toEqual([3, 4, 5, 6]);
    rows.forEach(({ text, content, source, bytes }) => {
      expect(content).toBe(texts[text]?.text);
      expect(source).toBe(texts[text]?.source);
      expect(bytes).toBe(Buffer.byteLength(content));
    });
    expect(await json("data/texts?from=500")).toEqual({ of: count, texts: [] });
    for (const query of ["from=-1", "from=x", "from=1e3", "count=9999999999", "from="]) {
      expect([query, (await get(`data/texts?${query}`)).status]).toEqual([query, 400]);
    }
  });

  it("makes the texts whole that the page holds the beginning of", async () => {
    const texts = fixtureTexts();
    const held = { positions: Int32Array.of(2, 9, 700), contents: ["cut", "not cut", "not there"], cut: [true, false, true] };
    expect(await wholeTexts(held, url)).toEqual({ ...held, contents: [texts[2]?.text, "not cut", "not there"], cut: [false, false, true] });
    expect(await wholeTexts(held, `${url}elsewhere/`)).toEqual(held);
    expect(await wholeTexts(held, "http://127.0.0.1:1/")).toEqual(held);
  });

  it("has every log-likelihood of a model of the map, to the bit", async () => {
    const run = new RunFolder(out);
    for (const [index, { model }] of (await readMap(run.map)).entries()) {
      const { headers, body } = await get(`data/model/${index}`);
      expect(headers["content-type"]).toBe("application/octet-stream");
      const values = Array.from({ length: body.length / 8 }, (_, i) => body.readDoubleLE(8 * i));
      expect(values).toEqual(Array.from((await readScoreFile(run.scoreFile(model))).rows.logLikelihood));
    }
    expect((await get("data/model/2")).status).toBe(404);
    expect((await get("data/model/999999999")).status).toBe(404);
  });

  it("computes the divergences of chosen models as the map has them, and says how to choose", async () => {
    const { headers, body } = await get("data/divergences?models=0-1");
    expect(headers["content-type"]).toBe("application/octet-stream");
    expect(body.length).toBe(4);
    const { kl } = await readKl(new RunFolder(out).kl);
    expect(Math.abs(body.readFloatLE(0) / (kl.values[1] ?? NaN) - 1)).toBeLessThan(1e-6);
    for (const query of ["", "?models=0", "?models=1.1", "?models=x", "?models=7-9"]) {
      const { status, body: said } = await get(`data/divergences${query}`);
      expect([query, status, said.toString()]).toEqual([query, 400, expect.stringMatching(/^Expected 2 to 1000 models of the map but received [01]\./)]);
    }
  });

  it("has the log-probabilities of tokens where they were kept", async () => {
    const run = new RunFolder(out);
    const model = (await readMap(run.map))[0]?.model ?? "";
    const stored = (await readTokenFile(run.tokenFile(model))).texts[7];
    expect(await json("data/model/0/tokens?text=7")).toEqual({
      text: 7,
      tokenIds: Array.from(stored?.tokenIds ?? []),
      logProbs: Array.from(stored?.logProbs ?? []),
      firstByte: 0,
      bytes: Array.from(stored?.places?.bytes ?? []),
    });
    expect((await get(`data/model/0/tokens?text=${count}`)).status).toBe(404);
    expect((await get("data/model/0/tokens")).status).toBe(400);
  });
});

describe("the run that it shows", () => {
  it("has the pictures, the Pareto chart because there is a reference", () => {
    const { pictures } = new RunFolder(out);
    for (const path of Object.values(pictures)) expect([path, existsSync(path)]).toEqual([path, true]);
  });
});

describe("open, when something is wrong", () => {
  it("names a folder without a page, and a page that is not its own", async () => {
    const missing = await runCli(["open", join(folder, "nothing"), "--no-browser"]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain("There is no such folder");
    const empty = await runCli(["open", folder, "--no-browser"]);
    expect(empty.code).toBe(1);
    expect(empty.stderr).toContain("Run `llmap-native map`");
    const foreign = join(folder, "foreign");
    const { code: copied } = await runCli(["run", demoModel("small-f16"), "--texts", join(folder, "texts.jsonl"), "--out", foreign, "--gpu", "off"]);
    expect(copied).toBe(0);
    writeFileSync(join(foreign, "report.html"), "<!doctype html><script>fetch('x')</script>");
    const { code, stderr } = await runCli(["open", foreign, "--no-browser"]);
    expect(code).toBe(1);
    expect(stderr).toContain("not a page that this version of llmap-native wrote");
  });

  it("warns of an address that is not loopback, and names a port in use", async () => {
    const { port } = new URL(url);
    const taken = await runCli(["open", out, "--no-browser", "--port", port]);
    expect(taken.code).toBe(1);
    expect(taken.stderr).toContain("Another program uses that port");
    const open = startCli(["open", out, "--no-browser", "--host", "0.0.0.0", "--json"]);
    await linkOf(open);
    open.child.kill("SIGTERM");
    await once(open.child, "close");
    const { code, stderr, stdout } = await open.result;
    expect(code).toBe(0);
    expect(stderr).toContain("is not loopback");
    expect(JSON.parse(stdout)).toMatchObject({ event: "open" });
  });
});
