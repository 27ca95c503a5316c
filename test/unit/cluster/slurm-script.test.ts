/** The batch script, as bash and sbatch read it. */
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { defaultSlurmOptions } from "../../../lib/cluster/slurm-options.js";
import { slurmScript, type ArrayJob } from "../../../lib/cluster/slurm-script.js";
import { packageRoot } from "../../../lib/package-root.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const job: ArrayJob = { tasks: 42, needs: { gpus: 2, memory: 8 }, list: "/out/slurm/array.json", out: "/out", logs: "/out/slurm/logs" };
const directives = (script: string): string[] => script.split("\n").filter((line) => line.startsWith("#SBATCH ")).map((line) => line.slice(8));

describe("a batch script", () => {
  it("asks for the tasks and what each needs", () => {
    const options = { ...defaultSlurmOptions, gres: "gpu:a100", time: "1-00:00:00", partition: "long", account: "lab", maxRunning: 5 };
    expect(directives(slurmScript(job, { ...options, sbatchOptions: ["constraint=ib&fast", "--exclusive"] }, ["node"]))).toEqual([
      ...["--job-name=llmap-native", "--array=0-41%5", "--output=/out/slurm/logs/%A_%a.log", "--open-mode=append", "--requeue", "--ntasks=1"],
      ...["--cpus-per-task=4", "--mem=8192M", "--gres=gpu:a100:2", "--time=1-00:00:00", "--signal=B:TERM@60", "--partition=long", "--account=lab"],
      ...['--constraint="ib&fast"', "--exclusive"],
    ]);
    const onCpu = slurmScript({ ...job, tasks: 1, needs: { gpus: 0, memory: 0.5 } }, defaultSlurmOptions, ["node"]);
    expect(directives(onCpu)).toContain("--array=0-0");
    expect(directives(onCpu)).toContain("--mem=512M");
    expect(onCpu).not.toContain("gres");
  });

  it("hands the task its list, index and folder, whatever their names, after the lines of --setup", () => {
    const folder = temporaryFolder();
    const printer = join(folder, "print it's $HOME.sh");
    writeFileSync(printer, '#!/bin/bash\nprintf "%s\\n" "$GREETING" "$@"\n');
    chmodSync(printer, 0o755);
    const [list, out] = ["/a b/$(touch x)/it's \"q\".json", "/out/`id`;#"];
    const script = slurmScript({ ...job, list, out }, { ...defaultSlurmOptions, setup: ["export GREETING=hello"] }, [printer]);
    const path = join(folder, "script.sh");
    writeFileSync(path, script);
    const lines = execFileSync("bash", [path], { env: { ...process.env, SLURM_ARRAY_TASK_ID: "17" }, encoding: "utf8" });
    expect(lines.trimEnd().split("\n")).toEqual(["hello", "score-task", list, "--index", "17", "--out", out]);
    expect(slurmScript(job, { ...defaultSlurmOptions, program: "apptainer exec map.sif llmap-native" }, ["node"])).toContain("\nexec apptainer exec map.sif llmap-native score-task ");
  });

  it("keeps % in the path of a log from being a pattern, and refuses what cannot stand in a directive", () => {
    expect(directives(slurmScript({ ...job, logs: "/o %u/logs" }, defaultSlurmOptions, ["node"]))).toContain('--output="/o %%u/logs/%A_%a.log"');
    for (const partition of ["a\nb", 'a"b', "a\\b"]) {
      expect(() => slurmScript(job, { ...defaultSlurmOptions, partition }, ["node"])).toThrow("--partition cannot have");
    }
    for (const option of ["", "a b=c", "-p x", "=x", "$(id)=1"]) {
      expect(() => slurmScript(job, { ...defaultSlurmOptions, sbatchOptions: [option] }, ["node"])).toThrow("--sbatch-option");
    }
  });
});

describe("scripts/slurm-check.sh", () => {
  it("is bash that parses, and ends what it started by id", () => {
    const path = join(packageRoot, "scripts", "slurm-check.sh");
    execFileSync("bash", ["-n", path]);
    const text = readFileSync(path, "utf8");
    expect(text).not.toMatch(/pkill|killall|scancel -u/);
    // Every wait has an end: the one loop without a list is in wait_for, with its deadline.
    expect(text.match(/^ *(while|until) .*$/gm)).toEqual(['  until "$@"; do']);
  });
});
