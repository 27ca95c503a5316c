/** The command line as a user meets it: a child process, real models, real files. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../helpers/cli.js";
import { adapterFixture, demoModel, fixtureTexts } from "../helpers/fixtures.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

const texts = fixtureTexts().slice(0, 24);

function writeTexts(folder: string): string {
  const path = join(folder, "texts.jsonl");
  writeFileSync(path, texts.map((text) => JSON.stringify(text)).join("\n"));
  return path;
}

/** Test files run side by side, and llama.cpp's threads spin while they wait for each other. */
const oneThread = ["--gpu", "off", "--threads", "1"];

const column = (path: string, name: string): unknown[] => Array.from(tableFromIPC(readFileSync(path)).getChild(name) ?? []);

describe("run", () => {
  const models = ["base-f16", "base-q8_0", "base-q5_0", "base-q4_0", "base-ft-code-q8_0"];
  let out: string;

  it("scores, maps, writes the whole folder, and says where the page is", async () => {
    const folder = temporaryFolder();
    out = join(folder, "out");
    const { code, stdout, stderr } = await runCli(["run", ...models.map(demoModel), "--texts", writeTexts(folder), "--out", out, ...oneThread]);
    expect(stderr).toContain("base-ft-code-q8_0: scored in");
    expect(stdout).toBe(`The page is ready: ${join(out, "report.html")}\n`);
    expect(code).toBe(0);
    expect(readdirSync(out).sort()).toEqual(
      ["heatmap.png", "kl.arrow", "map.arrow", "map.png", "map.svg", "models.arrow", "neighbours.arrow", "report.html", "run.json", "scores", "sources.arrow", "texts.arrow", "tree.nwk", "tree.svg"].sort(),
    );
    expect(readdirSync(join(out, "scores")).sort()).toEqual(models.map((model) => `${model}.arrow`).sort());
    checkFolder(out);
    await checkSecondRun(folder);
  });

  function checkFolder(run: string): void {
    expect(column(join(run, "models.arrow"), "model")).toEqual(models);
    expect(new Set(column(join(run, "models.arrow"), "status"))).toEqual(new Set(["complete"]));
    expect(column(join(run, "texts.arrow"), "content")).toEqual(texts.map(({ text }) => text));
    expect(column(join(run, "texts.arrow"), "source")).toEqual(texts.map(({ source }) => source));

    // KL again from scores/, plainly.
    const L = models.map((model) => column(join(run, "scores", `${model}.arrow`), "log_likelihood") as number[]);
    const sorted = L.flat().sort((a, b) => a - b);
    const position = 0.02 * (sorted.length - 1);
    const at = (i: number): number => sorted[i] ?? NaN;
    const threshold = at(Math.floor(position)) + (position % 1) * (at(Math.ceil(position)) - at(Math.floor(position)));
    const clipped = L.map((row) => row.map((value) => Math.max(value, threshold)));
    const meanBytes = texts.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) / texts.length;
    const kl = (column(join(run, "kl.arrow"), "kl") as Iterable<number>[]).map((row) => Array.from(row));
    clipped.forEach((a, i) =>
      clipped.forEach((b, j) => {
        const differences = a.map((value, s) => value - (b[s] ?? NaN));
        const mean = differences.reduce((x, y) => x + y) / differences.length;
        const variance = differences.reduce((sum, x) => sum + (x - mean) ** 2, 0) / differences.length;
        const expected = variance / (2 * meanBytes * Math.LN2);
        const found = kl[i]?.[j] ?? NaN;
        expect(found).toBe(kl[j]?.[i]);
        if (i === j) expect(found).toBe(0);
        else expect(Math.abs(found / expected - 1)).toBeLessThan(1e-8);
      }),
    );

    // base-f16 is nearest to its q8_0, then q5_0, then q4_0, then the fine-tune.
    const [first = []] = kl;
    expect(first).toEqual([...first].sort((a, b) => a - b));
    expect(column(join(run, "map.arrow"), "nearest")[0]).toBe("base-q8_0");
    expect(column(join(run, "map.arrow"), "nearest_kl")[0]).toBe(first[1]);
  }

  async function checkSecondRun(folder: string): Promise<void> {
    const before = models.map((model) => statSync(join(out, "scores", `${model}.arrow`)).mtimeMs);
    const again = await runCli(["run", ...models.map(demoModel), "--texts", join(folder, "texts.jsonl"), "--out", out, ...oneThread, "--json"]);
    expect(again.code).toBe(0);
    const events = again.stdout.trim().split("\n").map((line) => JSON.parse(line) as { event: string; reused?: boolean });
    expect(events.filter(({ event }) => event === "model-done").map(({ reused }) => reused)).toEqual(models.map(() => true));
    expect(models.map((model) => statSync(join(out, "scores", `${model}.arrow`)).mtimeMs)).toEqual(before);
  }
});

describe("--token-log-probs", () => {
  it("keeps the log-probability of every scored token beside the scores", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "out");
    const args = ["score", demoModel("small-f16"), "--texts", writeTexts(folder), "--out", out, ...oneThread, "--json"];
    const reused = async (more: string[]): Promise<boolean> => {
      const { code, stdout } = await runCli([...args, ...more]);
      expect(code).toBe(0);
      return stdout.includes('"reused":true');
    };
    expect(await reused([])).toBe(false);
    const scores = join(out, "scores", "small-f16.arrow");
    const without = readFileSync(scores);
    // They are wanted and not there, so the model is scored once more, to the same numbers.
    expect(await reused(["--token-log-probs"])).toBe(false);
    expect(readFileSync(scores).equals(without)).toBe(true);
    expect(await reused(["--token-log-probs"])).toBe(true);

    const tokens = join(out, "tokens", "small-f16.arrow");
    const logLikelihood = column(scores, "log_likelihood") as number[];
    const lengths = column(scores, "tokens") as number[];
    expect(column(tokens, "text")).toEqual(texts.map((_, text) => text));
    (column(tokens, "log_probs") as Iterable<number>[]).forEach((list, text) => {
      const logProbs = Array.from(list);
      expect(logProbs).toHaveLength((lengths[text] ?? NaN) - 1);
      expect(logProbs.reduce((sum, value) => sum + value, 0) / (logLikelihood[text] ?? NaN)).toBeCloseTo(1, 6);
    });
    // BOS stands in front, so every byte belongs to a scored token.
    expect(column(tokens, "first_byte")).toEqual(texts.map(() => 0));
    const bytes = (column(tokens, "token_bytes") as Iterable<number>[]).map((list) => Array.from(list).reduce((sum, value) => sum + value, 0));
    expect(bytes).toEqual(texts.map(({ text }) => Buffer.byteLength(text)));
    expect((column(tokens, "token_ids") as Iterable<number>[]).map((ids) => Array.from(ids).length + 1)).toEqual(lengths);
  });
});

describe("few models", () => {
  it("one model: scores and a page, no map", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "out");
    const { code } = await runCli(["run", demoModel("small-f16"), "--texts", writeTexts(folder), "--out", out, ...oneThread]);
    expect(code).toBe(0);
    expect(existsSync(join(out, "report.html"))).toBe(true);
    expect(existsSync(join(out, "map.svg"))).toBe(false);
    expect(column(join(out, "map.arrow"), "x")).toEqual([null]);
    expect(column(join(out, "map.arrow"), "nearest")).toEqual([null]);
    expect(column(join(out, "map.arrow"), "bits_per_byte")[0]).toBeGreaterThan(0);
  });

  it("two models, and a text without a scored token left out for both", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "out");
    const path = join(folder, "texts.jsonl");
    // Without BOS, one byte is one token: nothing to score.
    writeFileSync(path, [...texts.slice(0, 5), { text: "a", source: "short" }].map((text) => JSON.stringify(text)).join("\n"));
    const { code, stderr } = await runCli(
      ["run", demoModel("small-f16"), demoModel("base-q4_0"), "--texts", path, "--out", out, "--bos", "never", ...oneThread],
    );
    expect(code).toBe(0);
    expect(stderr).toContain("on 5 texts (1 without a scored token left out)");
    const record = JSON.parse(readFileSync(join(out, "run.json"), "utf8")) as { map: { texts: number; leftOutTexts: number[] } };
    expect(record.map).toMatchObject({ texts: 5, leftOutTexts: [5] });
    expect(column(join(out, "map.arrow"), "cluster")).toEqual([null, null]);
  });
});

describe("a LoRA adapter on its base", () => {
  it("is a model beside the base: both on the map, named in models.arrow, not scored twice", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "out");
    const { path: adapter } = adapterFixture();
    const base = demoModel("base-f16");
    const args = ["run", base, `${base}+${adapter}`, "--texts", writeTexts(folder), "--out", out, ...oneThread];
    const first = await runCli(args);
    expect(first.stderr).toContain("base-f16+base-lora-r4-f16: scored in");
    expect(first.code).toBe(0);
    const models = join(out, "models.arrow");
    expect(column(models, "model")).toEqual(["base-f16", "base-f16+base-lora-r4-f16"]);
    expect(column(models, "path")).toEqual([base, base]);
    expect(column(models, "adapters")).toEqual([null, adapter]);
    expect(new Set(column(models, "sha256")).size).toBe(2);
    expect(readdirSync(join(out, "scores")).sort()).toEqual(["base-f16+base-lora-r4-f16.arrow", "base-f16.arrow"]);
    expect(column(join(out, "map.arrow"), "nearest")).toEqual(["base-f16+base-lora-r4-f16", "base-f16"]);
    expect(column(join(out, "map.arrow"), "nearest_kl")[0]).toBeGreaterThan(0.01);

    const again = await runCli([...args, "--json"]);
    const events = again.stdout.trim().split("\n").map((line) => JSON.parse(line) as { event: string; reused?: boolean });
    expect(events.filter(({ event }) => event === "model-done").map(({ reused }) => reused)).toEqual([true, true]);
  });

  it("of another architecture fails as one model: exit 3", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "out");
    const other = demoModel("gpt2b-f16");
    const args = ["run", other, `${other}+${adapterFixture().path}`, "--texts", writeTexts(folder), "--out", out, ...oneThread];
    const { code, stderr } = await runCli(args);
    expect(stderr).toMatch(/^gpt2b-f16\+base-lora-r4-f16: failed: .*expected general\.architecture "gpt2" but found "llama"/m);
    expect(code).toBe(3);
    expect(column(join(out, "map.arrow"), "model")).toEqual(["gpt2b-f16"]);
  });
});

describe("texts longer than the trained context", () => {
  it("are cut there, counted and reported", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "out");
    const file = readFileSync(demoModel("small-f16"));
    const key = file.indexOf("llama.context_length") + "llama.context_length".length;
    expect(file.readUInt32LE(key + 4)).toBe(1024);
    file.writeUInt32LE(100, key + 4);
    const short = join(folder, "short.gguf");
    writeFileSync(short, file);
    const { code, stderr } = await runCli(["run", short, "--texts", writeTexts(folder), "--out", out, ...oneThread]);
    expect(code).toBe(0);
    const scores = join(out, "scores", "short.arrow");
    const cut = (column(scores, "truncated") as boolean[]).filter(Boolean).length;
    expect(cut).toBeGreaterThan(20);
    expect(stderr).toContain(`short: warning: ${cut} of ${texts.length} texts were cut at the trained context of 100 tokens.`);
    expect(Math.max(...(column(scores, "tokens") as number[]))).toBe(100);
    expect(column(join(out, "models.arrow"), "truncated_texts")).toEqual([cut]);
  });
});

describe("a model that cannot be loaded", () => {
  it("is named with its reason and does not stop the others: exit 3", async () => {
    const folder = temporaryFolder();
    const models = join(folder, "models");
    const out = join(folder, "out");
    mkdirSync(models);
    cpSync(demoModel("small-f16"), join(models, "good.gguf"));
    cpSync(demoModel("small-f16"), join(models, "cut.gguf"));
    truncateSync(join(models, "cut.gguf"), 200_000);
    const { code, stdout, stderr } = await runCli(["run", models, "--texts", writeTexts(folder), "--out", out, ...oneThread]);
    expect(stderr).toMatch(/^cut: failed: ./m);
    expect(stdout).toContain("The page is ready");
    expect(code).toBe(3);
    expect(column(join(out, "models.arrow"), "status").sort()).toEqual(["complete", "failed"]);
    expect(column(join(out, "map.arrow"), "model")).toEqual(["good"]);
  });

  it("alone is exit 1", async () => {
    const folder = temporaryFolder();
    const cut = join(folder, "cut.gguf");
    cpSync(demoModel("small-f16"), cut);
    truncateSync(cut, 200_000);
    const { code, stderr } = await runCli(["run", cut, "--texts", writeTexts(folder), "--out", join(folder, "out"), ...oneThread]);
    expect(stderr).toMatch(/No model could be scored/);
    expect(code).toBe(1);
  });
});

describe("the same model again", () => {
  it("under another name, with labels, after `--`: its scores are kept", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "out");
    const rest = ["--texts", writeTexts(folder), "--out", out, ...oneThread];
    expect((await runCli(["score", ...rest, "--", demoModel("small-f16")])).code).toBe(0);
    const list = join(folder, "list.csv");
    writeFileSync(list, `model,name,__proto__,status\n${demoModel("small-f16")},Small,x,y\n`);
    const { code, stderr } = await runCli(["run", "--models", list, ...rest]);
    expect(code).toBe(0);
    expect(stderr).toContain("Small: already scored");
    expect(column(join(out, "models.arrow"), "model")).toEqual(["Small"]);
    expect(column(join(out, "models.arrow"), "status_label")).toEqual(["y"]);
    expect(column(join(out, "models.arrow"), "__proto__")).toEqual(["x"]);
  });
});

describe("bad input", () => {
  let folder: string;
  let good: string;
  beforeAll(() => {
    // Shared by the cases below, which write nothing.
    folder = mkFolder();
    good = writeTexts(folder);
    writeFileSync(join(folder, "not-a-model.gguf"), "<!doctype html>");
    writeFileSync(join(folder, "bad.jsonl"), '{"text": "fine"}\n{"text": \n');
    writeFileSync(join(folder, "empty.jsonl"), "");
    writeFileSync(join(folder, "config.json"), '{"textz": "texts.jsonl"}');
  });
  const mkFolder = (): string => {
    const path = join(process.env["TMPDIR"] ?? "/tmp", `llmap-native-bad-input-${process.pid}`);
    mkdirSync(path, { recursive: true });
    return path;
  };

  it.each([
    ["no such model", () => ["run", join(folder, "missing.gguf"), "--texts", good], /missing\.gguf/],
    ["not a GGUF", () => ["run", join(folder, "not-a-model.gguf"), "--texts", good], /not-a-model\.gguf.*GGUF/],
    ["no such text file", () => ["run", demoModel("small-f16"), "--texts", join(folder, "missing.jsonl")], /missing\.jsonl/],
    ["unreadable JSONL", () => ["run", demoModel("small-f16"), "--texts", join(folder, "bad.jsonl")], /line 2/],
    ["an empty text set", () => ["run", demoModel("small-f16"), "--texts", join(folder, "empty.jsonl")], /empty\.jsonl.*no text/i],
    ["an option misspelt", () => ["run", "--textz", good], /textz\. Did you mean --texts\?/],
    ["an option given twice", () => ["run", "--bos", "auto", "--bos", "never"], /--bos was given more than once/],
    ["no such config file", () => ["run", "--config", join(folder, "missing.json")], /missing\.json/],
    ["an unknown option in the config file", () => ["run", "--config", join(folder, "config.json")], /config\.json.*"textz"/],
    ["threads out of range", () => ["run", demoModel("small-f16"), "--texts", good, "--threads", "0"], /--threads\) but received 0/],
    ["a number that is none", () => ["run", demoModel("small-f16"), "--texts", good, "--seed", "lots"], /Expected a number for --seed/],
    ["an option of the queue without a queue", () => ["run", demoModel("small-f16"), "--texts", good, "--max-stalled", "3"], /--max-stalled needs .*--queue/],
    ["an argument that is missing", () => ["kubernetes", demoModel("small-f16"), "--texts", good], /image, claim\. See llmap-native kubernetes --help\./],
    ["an unknown command", () => ["rum"], /Did you mean run\? See/],
    ["a value that is no choice", () => ["run", "--bos", "sometimes"], /auto.*always.*never/],
    ["a folder without a run", () => ["map", "--out", folder], /no run/],
    ["a clip out of range", () => ["run", demoModel("small-f16"), "--texts", good, "--clip", "2"], /--?clip|clip quantile/],
  ])("%s: one clear line, exit 1, nothing written", async (_, args, message) => {
    const out = join(folder, "never");
    const withOut = args().includes("--out") || args()[0] === "rum" ? args() : [...args(), "--out", out];
    const { code, stdout, stderr } = await runCli([...withOut]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\bat .*\.js:\d+/);
    expect(stdout).toBe("");
    expect(code).toBe(1);
    expect(existsSync(out)).toBe(false);
  });
});

describe("a run folder of another run", () => {
  it("refuses other texts and other settings by name, and keeps what is there", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "out");
    const path = writeTexts(folder);
    const model = demoModel("small-f16");
    expect((await runCli(["run", model, "--texts", path, "--out", out, ...oneThread])).code).toBe(0);
    const scores = readFileSync(join(out, "scores", "small-f16.arrow"));

    const other = join(folder, "other.jsonl");
    writeFileSync(other, '{"text": "Another text altogether."}\n');
    const texts = await runCli(["run", model, "--texts", other, "--out", out]);
    expect(texts).toMatchObject({ code: 1, stdout: "" });
    expect(texts.stderr).toMatch(/"texts\.jsonl".*"other\.jsonl".*--out/);
    const settings = await runCli(["run", model, "--texts", path, "--out", out, "--bos", "never"]);
    expect(settings).toMatchObject({ code: 1, stdout: "" });
    expect(settings.stderr).toMatch(/--bos\) = auto, not never/);
    expect(readFileSync(join(out, "scores", "small-f16.arrow"))).toEqual(scores);
  });
});
