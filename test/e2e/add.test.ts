/** texts, resample and add, as a user meets them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { describe, expect, it } from "vitest";
import { runCli } from "../helpers/cli.js";
import { demoModel, fixture } from "../helpers/fixtures.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

const machine = ["--gpu", "off", "--threads", "1"];
const column = (path: string, name: string): unknown[] => Array.from(tableFromIPC(readFileSync(path)).getChild(name) ?? []);
const lastObject = (stdout: string) => JSON.parse(stdout.trim().split("\n").at(-1) ?? "null") as Record<string, unknown>;

describe("texts, run, resample, add", () => {
  it("builds a set, maps models on it, and adds others, whole and quick", async () => {
    const folder = temporaryFolder();
    const [set, out] = [join(folder, "texts.jsonl"), join(folder, "out")];
    const built = await runCli(["texts", fixture("texts-100.jsonl"), "--count", "30", "--min-bytes", "100", "--max-bytes", "300", "--out", set, "--json"]);
    expect(built).toMatchObject({ code: 0, stderr: "" });
    const facts = lastObject(built.stdout);
    expect(facts).toMatchObject({ event: "texts", count: 30, out: set });
    expect(readFileSync(set, "utf8").trim().split("\n")).toHaveLength(30);

    const first = ["base-f16", "base-q5_0", "base-ft-code-q8_0"];
    const run = await runCli(["run", ...first.map(demoModel), "--texts", set, "--out", out, ...machine]);
    expect(run.stderr).toContain("30 from texts.jsonl");
    expect(run.code).toBe(0);
    const drawn = ["x", "y"].map((axis) => column(join(out, "map.arrow"), axis));

    const early = await runCli(["add", demoModel("base-q8_0"), "--to", out, "--quick", ...machine]);
    expect(early).toMatchObject({ code: 1 });
    expect(early.stderr).toContain("Run `llmap-native resample` first");

    const resampled = await runCli(["resample", "--out", out, "--texts-count", "20", "--repeats", "5"]);
    expect(resampled.stdout).toMatch(/^20 draws by kl are \d+ of 30 texts\.\n/);
    expect(resampled.stdout).toMatch(/median relative error +\d/);
    expect(resampled.code).toBe(0);

    const quick = await runCli(["add", demoModel("base-q8_0"), "--to", out, "--quick", ...machine]);
    expect(quick.stdout).toMatch(/base-q8_0 +base-f16/);
    expect(quick.stdout).toContain("Divergences are estimates");
    expect(quick.code).toBe(0);
    expect(readdirSync(join(out, "scores")).sort()).toEqual(first.map((name) => `${name}.arrow`).sort());

    const whole = await runCli(["add", demoModel("base-q4_0"), "--to", out, ...machine, "--json"]);
    expect(whole.code).toBe(0);
    expect(lastObject(whole.stdout)).toMatchObject({ event: "add", failed: [], expectedError: null, added: [{ model: "base-q4_0", estimated: false }] });
    expect(column(join(out, "map.arrow"), "model")).toEqual([...first, "base-q8_0", "base-q4_0"]);
    expect(column(join(out, "map.arrow"), "added")).toEqual([false, false, false, true, true]);
    expect(column(join(out, "map.arrow"), "estimated")).toEqual([false, false, false, true, false]);
    expect(["x", "y"].map((axis) => column(join(out, "map.arrow"), axis).slice(0, 3))).toEqual(drawn);
    expect((column(join(out, "kl.arrow"), "kl") as Iterable<number>[]).map((row) => Array.from(row).length)).toEqual([5, 5, 5, 5, 5]);

    const again = await runCli(["map", "--out", out]);
    expect(again.stderr).toMatch(/clipped at -\d+\.\d+ nats; on the map before it was -\d+\.\d+/);
    expect(column(join(out, "map.arrow"), "model")).toEqual([...first, "base-q4_0"]);
  });

  it("needs a map to add to", async () => {
    const { code, stderr } = await runCli(["add", demoModel("base-f16"), "--to", join(temporaryFolder(), "none")]);
    expect(code).toBe(1);
    expect(stderr).toContain("holds no run");
  });
});
