/** `doctor --noise`: real scorings of a demo model in two batch shapes, kept in a run for `compare`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../lib/package-root.js";
import { runCli } from "../helpers/cli.js";
import { writeTexts } from "../helpers/run-folder.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

const demo = (name: string): string => join(packageRoot, "demo", "models", `${name}.gguf`);

it("measures with two batch shapes, keeps the result in the run, and `compare` uses it", async () => {
  const folder = temporaryFolder();
  const texts = writeTexts(folder, 8, 300);
  const out = join(folder, "out");
  const models = [demo("base-f16"), demo("base-q4_0")];
  expect(await runCli(["score", ...models, "--texts", texts, "--out", out, "--gpu", "off"])).toMatchObject({ code: 0 });

  const { code, stdout } = await runCli(["doctor", "--noise", demo("base-q8_0"), "--texts", texts, "--out", out, "--gpu", "off", "--json"]);
  expect(code).toBe(0);
  const lines = stdout.trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  const { event, ...floor } = lines.at(-1) ?? {};
  expect(event).toBe("noise-floor");
  expect(floor).toMatchObject({ model: "base-q8_0", texts: 8 });
  const [comparison] = floor["comparisons"] as { conditions: [string, string]; bitsPerByte: number }[];
  expect(comparison?.conditions[0]).toMatch(/^CPU, [2-8] texts and/);
  expect(comparison?.conditions[1]).toMatch(/^CPU, 1 text and/);
  // A hundredth of the distance from F16 to Q8_0.
  expect(floor["bitsPerByte"]).toBeLessThan(3e-6);
  expect((JSON.parse(readFileSync(join(out, "run.json"), "utf8")) as { noiseFloor: unknown }).noiseFloor).toEqual(floor);

  expect(await runCli(["map", "--out", out])).toMatchObject({ code: 0 });
  const compared = await runCli(["compare", "base-f16", "base-q4_0", "--out", out, "--json"]);
  expect(JSON.parse(compared.stdout)).toMatchObject({ noiseFloor: { bitsPerByte: floor["bitsPerByte"], from: "run" }, clip: { from: "map" } });
});

it("needs a run to keep the result in", async () => {
  const { code, stderr } = await runCli(["doctor", "--noise", "--out", join(temporaryFolder(), "none")]);
  expect(code).toBe(1);
  expect(stderr).toContain("holds no run (no run.json)");
});
