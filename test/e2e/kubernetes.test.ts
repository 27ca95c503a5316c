/** What `kubernetes` writes; the manifest itself is in test/unit/cluster/kubernetes-job.test.ts. It is not run: there is no cluster here. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Job, type IJob } from "kubernetes-models/batch/v1/Job";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { runCli } from "../helpers/cli.js";
import { demoModel } from "../helpers/fixtures.js";
import { writeTexts } from "../helpers/run-folder.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

function setUp(): { models: string; out: string; args: string[] } {
  const folder = temporaryFolder();
  const models = join(folder, "models");
  mkdirSync(models);
  for (const name of ["base-q4_0", "base-f16"]) copyFileSync(demoModel(name), join(models, `${name}.gguf`));
  const out = join(folder, "runs", "out");
  return { models, out, args: ["kubernetes", models, "--out", out, "--texts", writeTexts(folder, 3), "--gpu", "off", "--image", "llmap-native:test"] };
}

describe("llmap-native kubernetes", () => {
  it("writes a valid Job, whose tasks by its own arguments complete the run", async () => {
    const { models, out, args } = setUp();
    const { code, stdout } = await runCli([...args, "--claim", `models=${models}`, "--claim", `runs=${join(out, "..")}`]);
    expect(code).toBe(0);
    const [file = ""] = readdirSync(join(out, "kubernetes")).filter((name) => name.endsWith(".yaml"));
    expect(stdout).toContain(`kubectl create -f ${join(out, "kubernetes", file)}`);
    const manifest = parse(readFileSync(join(out, "kubernetes", file), "utf8")) as IJob;
    expect(() => new Job(manifest).validate()).not.toThrow();
    expect(manifest.spec?.completions).toBe(2);
    const words = manifest.spec?.template.spec?.containers[0]?.args ?? [];
    for (const index of ["0", "1"]) {
      expect((await runCli(words.map((word) => word.replace("$(JOB_COMPLETION_INDEX)", index).replaceAll("$$", "$")))).code).toBe(0);
    }
    const again = await runCli([...args, "--claim", `models=${models}`, "--claim", `runs=${join(out, "..")}`]);
    expect(again.stdout).toContain("2 models are complete, 0 missing.");
  });

  it("refuses models and folders that no pod would find, before anything is written", async () => {
    const { models, out, args } = setUp();
    const outside = await runCli([...args, "--claim", `models=${models}`]);
    expect(outside.code).toBe(1);
    expect(outside.stderr).toContain(`The run folder ${out} lies in none of the claims (models=${models})`);
    expect(existsSync(out)).toBe(false);
    const modelOutside = await runCli([...args, "--claim", `runs=${join(out, "..")}`]);
    expect(modelOutside.code).toBe(1);
    expect(modelOutside.stderr).toContain("lies in none of the claims");
    expect(existsSync(join(out, "kubernetes"))).toBe(false);
    for (const claim of ["models", "Models=/models", "models=relative"]) expect((await runCli([...args, "--claim", claim])).stderr).toContain("--claim");
    expect((await runCli([...args, "--claim", "all=/", "--run-as", "me"])).stderr).toContain("--run-as");
  });
});
