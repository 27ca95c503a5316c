/** Damaged model files through the real command: each ends as a named failure or with finite scores, and no other model suffers. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { describe, expect, it } from "vitest";
import { runCli } from "../helpers/cli.js";
import { damageKinds, withHugeWeights } from "../helpers/damage-gguf.js";
import { outcomesOf, strayFiles, writeDamagedModels } from "../helpers/damaged-models.js";
import { demoModel } from "../helpers/fixtures.js";
import { writeTexts } from "../helpers/run-folder.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

const timeout = 600_000;
/** Four short texts: loading counts here, not scoring. */
const few = 4;
const short = 120;
const oneThread = ["--gpu", "off", "--threads", "1", "--json"];

const good = { "damaged-0050-not": "small-f16", "whole-at-the-end": "base-q4_0" };

describe("a hundred damaged models with two good ones among them", () => {
  it("end as named failures or with finite scores, and the good ones as if they were alone", { timeout }, async () => {
    const folder = temporaryFolder();
    const texts = writeTexts(folder, few, short);
    const alone = join(folder, "alone");
    const together = join(folder, "together");
    const damaged = writeDamagedModels(together, 0, 100, 2);
    expect(new Set(damaged.map(({ kind }) => kind)).size).toBe(damageKinds.length);
    mkdirSync(alone);
    for (const [name, source] of Object.entries(good)) {
      for (const models of [alone, together]) copyFileSync(demoModel(source), join(models, `${name}.gguf`));
    }
    const env = { LLMAP_CACHE_DIR: join(folder, "cache") };
    const command = (models: string, out: string): string[] => ["run", models, "--texts", texts, "--out", out, ...oneThread];

    const reference = await runCli(command(alone, join(folder, "out-alone")), { env });
    expect(reference.code, reference.stderr).toBe(0);
    const out = join(folder, "out");
    const result = await runCli(command(together, out), { env, timeout });
    expect(result.code, result.stderr).toBe(3);
    expect(result.stderr).toBe("");

    const outcomes = outcomesOf(damaged, result, out);
    expect(outcomes.filter(({ outcome }) => outcome === "lost")).toEqual([]);
    // Weights are damaged in some that still load, headers in some that do not.
    expect(outcomes.filter(({ outcome }) => outcome === "finite").length).toBeGreaterThan(10);
    expect(outcomes.filter(({ outcome }) => outcome === "failed").length).toBeGreaterThan(30);
    expect(strayFiles(out, outcomes)).toEqual([]);
    for (const name of Object.keys(good)) {
      const scores = (run: string): Buffer => readFileSync(join(folder, run, "scores", `${name}.arrow`));
      expect(scores("out").equals(scores("out-alone")), name).toBe(true);
    }
    const mapped = Array.from(tableFromIPC(readFileSync(join(out, "map.arrow"))).getChild("model") ?? [], String);
    const finite = outcomes.filter(({ outcome }) => outcome === "finite").map(({ name }) => name);
    expect(mapped.sort()).toEqual([...finite, ...Object.keys(good)].sort());
    const kl = Array.from(tableFromIPC(readFileSync(join(out, "kl.arrow"))).getChild("kl") ?? [], (row: Iterable<number>) => Array.from(row)).flat();
    expect(kl).toHaveLength(mapped.length ** 2);
    expect(kl.every(Number.isFinite)).toBe(true);
  });
});

describe("a model whose log-likelihoods are no numbers", () => {
  it("is an ERR_NUMERIC that names the text, and nothing of it is stored", { timeout }, async () => {
    const folder = temporaryFolder();
    const models = join(folder, "models");
    mkdirSync(models);
    copyFileSync(demoModel("small-f16"), join(models, "good.gguf"));
    const sources = ["small-f16", "base-q4_0", "gpt2b-f16"];
    for (const source of sources) {
      writeFileSync(join(models, `huge-${source}.gguf`), withHugeWeights(readFileSync(demoModel(source)), "output_norm.weight"));
    }
    const out = join(folder, "out");
    const result = await runCli(["score", models, "--texts", writeTexts(folder, few, short), "--out", out, ...oneThread], {
      env: { LLMAP_CACHE_DIR: join(folder, "cache") },
    });
    expect(result.code, result.stderr).toBe(3);
    const named = sources.map((source) => ({ name: `huge-${source}`, source, kind: "huge weights" }));
    for (const outcome of outcomesOf(named, result, out)) {
      expect(outcome).toMatchObject({ outcome: "failed", code: "ERR_NUMERIC", reason: expect.stringMatching(/^Text [0-3] /) as string });
    }
    expect(readdirSync(join(out, "scores")).filter((name) => name.endsWith(".arrow"))).toEqual(["good.arrow"]);
  });
});
