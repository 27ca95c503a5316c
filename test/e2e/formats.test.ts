/** export and import, as a user meets them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "../helpers/cli.js";
import { demoModel, fixtureTextFile, fixtureTexts } from "../helpers/fixtures.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

const lastObject = (stdout: string) => JSON.parse(stdout.trim().split("\n").at(-1) ?? "null") as Record<string, unknown>;

describe("run, export, import, map", () => {
  it("takes published log-likelihoods onto a map with GGUF models, and gives all of them to others", async () => {
    const folder = temporaryFolder();
    const [out, to, again] = [join(folder, "out"), join(folder, "to"), join(folder, "again")];
    const models = ["base-f16", "base-q5_0"];
    const run = await runCli(["score", ...models.map(demoModel), "--texts", fixtureTextFile(folder, 12), "--out", out, "--gpu", "off", "--threads", "1"]);
    expect(run.code).toBe(0);
    const published = join(folder, "org--model_float16.jsonl");
    writeFileSync(published, fixtureTexts().slice(0, 12).map((_, index) => JSON.stringify({ index, "num-tokens": 9, "log-likelihood": -1500 - index })).join("\n"));
    const imported = await runCli(["import", published, "--out", out]);
    expect(imported.stdout).toMatch(/org\/model +12 +-1505\.50 +modelmap/);
    expect(imported.stderr).not.toContain("arning");
    expect((await runCli(["map", "--out", out, "--bootstrap", "0"])).code).toBe(0);

    const exported = await runCli(["export", "--out", out, "--to", to, "--what", "scores,texts", "--what", "kl,tree", "--format", "npy", "--json"]);
    expect(lastObject(exported.stdout)).toMatchObject({ event: "export", files: [{ what: "scores", rows: 3, columns: 12 }, { what: "kl", rows: 3, columns: 3 }, { what: "tree" }, { what: "texts", rows: 12 }] });
    expect(readFileSync(join(to, "tree.nwk"), "utf8")).toContain("'org/model'");
    const repeated = await runCli(["export", "--out", out, "--to", to, "--what", "kl", "--format", "npy"]);
    expect(repeated).toMatchObject({ code: 1, stdout: "" });
    expect(repeated.stderr).toContain("kl.npy exists already");

    const back = await runCli(["import", join(to, "scores.npy"), "--texts", join(to, "texts.jsonl"), "--out", again, "--json"]);
    expect(lastObject(back.stdout)).toMatchObject({ event: "import", models: [{ model: "base-f16", texts: 12, format: "npy" }, { model: "base-q5_0" }, { model: "org/model" }] });
    expect((await runCli(["map", "--out", again, "--bootstrap", "0"])).code).toBe(0);
    expect((await runCli(["export", "--out", again, "--to", join(folder, "kl"), "--what", "kl", "--format", "npy"])).code).toBe(0);
    expect(readFileSync(join(folder, "kl", "kl.npy"))).toEqual(readFileSync(join(to, "kl.npy")));

    const wrong = await runCli(["import", join(to, "kl.npy"), "--out", again]);
    expect(wrong).toMatchObject({ code: 1, stdout: "" });
    expect(wrong.stderr).toContain("kl.npy: expected 12 log-likelihoods in row 0");
  });
});
