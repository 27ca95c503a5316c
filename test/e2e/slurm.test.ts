/** The tasks of an array by hand, without Slurm (scripts/slurm-check.sh has the real one): at once, killed, left behind, on another host, failed. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { packageRoot } from "../../lib/package-root.js";
import { readModels } from "../../lib/store/models-table.js";
import { readScoreFile } from "../../lib/store/score-file.js";
import { runCli, startCli } from "../helpers/cli.js";
import { demoModel } from "../helpers/fixtures.js";
import { scorerProcesses } from "../helpers/processes.js";
import { manyBatches, waitForRows, writeTexts } from "../helpers/run-folder.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

// Each test scores several times, one text after the other.
vi.setConfig({ testTimeout: 300_000 });

interface TaskArray {
  out: string;
  scores: string;
  /** Arguments that write the array again. */
  write: string[];
  /** Arguments of a task. */
  task: (index?: number) => string[];
  /** Bytes of the score file that a run without tasks makes of base-q4_0. */
  reference: () => Promise<Buffer>;
}

/** An array of tasks for base-q4_0 and others, with the options of scoring. */
async function setUp(texts: number, scoring: readonly string[], others: readonly string[] = []): Promise<TaskArray> {
  const folder = temporaryFolder();
  const out = join(folder, "out");
  const options = ["--texts", writeTexts(folder, texts), ...scoring];
  const write = ["slurm", demoModel("base-q4_0"), ...others, "--out", out, ...options];
  const { code, stderr } = await runCli(write);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const list = listsOf(out)[0] ?? "";
  return {
    out,
    scores: join(out, "scores"),
    write,
    task: (index = indexOf(list, "base-q4_0")) => ["score-task", list, "--index", String(index), "--out", out],
    reference: async () => {
      const alone = join(folder, "alone");
      expect((await runCli(["score", demoModel("base-q4_0"), "--out", alone, ...options])).code).toBe(0);
      return readFileSync(join(alone, "scores", "base-q4_0.arrow"));
    },
  };
}

const listsOf = (out: string): string[] => {
  const folder = join(out, "slurm");
  return readdirSync(folder).filter((name) => name.endsWith(".json")).sort().map((name) => join(folder, name));
};

function indexOf(list: string, model: string): number {
  const { models } = JSON.parse(readFileSync(list, "utf8")) as { models: { name: string }[] };
  return models.findIndex(({ name }) => name === model);
}

const streams = (scores: string): string[] => readdirSync(scores).filter((name) => name.endsWith(".arrows"));
const scoreFile = ({ scores }: TaskArray): Buffer => readFileSync(join(scores, "base-q4_0.arrow"));

describe("the arrays", () => {
  it("hold what is missing, with names that stay; rows and scores of tasks are collected; then there is nothing left", async () => {
    const array = await setUp(4, ["--gpu", "off"], ["--setup", "true", demoModel("base-q8_0"), demoModel("base-f16"), "--max-array-size", "2"]);
    const scripts = readdirSync(join(array.out, "slurm")).filter((name) => name.endsWith(".sh"));
    expect(scripts).toHaveLength(2);
    for (const script of scripts) execFileSync("bash", ["-n", join(array.out, "slurm", script)]);
    const files = readdirSync(join(array.out, "slurm"));
    expect((await runCli(array.write)).stdout).toContain("0 models are complete, 3 missing.");
    expect(readdirSync(join(array.out, "slurm"))).toEqual(files);

    const sizes: number[] = [];
    for (const list of listsOf(array.out)) {
      const { models } = JSON.parse(readFileSync(list, "utf8")) as { models: object[] };
      sizes.push(models.length);
      for (const index of models.keys()) expect((await runCli(["score-task", list, "--index", String(index), "--out", array.out])).code).toBe(0);
    }
    expect(sizes.sort()).toEqual([1, 2]);
    expect(readdirSync(join(array.out, "tasks"))).toHaveLength(3);
    expect(existsSync(join(array.out, "models.arrow"))).toBe(false);
    expect((await runCli(["map", "--out", array.out])).code).toBe(0);
    expect(readdirSync(join(array.out, "tasks"))).toEqual([]);
    const rows = await readModels(join(array.out, "models.arrow"));
    expect(rows.map(({ name, status }) => `${name} ${status}`).sort()).toEqual(["base-f16 complete", "base-q4_0 complete", "base-q8_0 complete"]);
    expect(rows.every(({ sha256, facts }) => sha256?.length === 64 && facts !== null)).toBe(true);
    const again = await runCli(array.write);
    expect(again.stdout).toMatch(/^3 models are complete, 0 missing\.\nNothing is left to submit/);
  });

  it("tell what Slurm does not have", async () => {
    const { write, task } = await setUp(2, ["--gpu", "off"]);
    const { code, stderr } = await runCli([...write, "--submit"], { env: { PATH: temporaryFolder() } });
    expect(code).toBe(1);
    expect(stderr).toContain("sbatch is not on this machine");
    const outside = await runCli(task(7));
    expect(outside.code).toBe(1);
    expect(outside.stderr).toContain("Expected an index from 0 to 0 (--index)");
  });
});

describe("a task", () => {
  it("twice at once leaves one whole file, the one of a run without tasks", async () => {
    const array = await setUp(30, manyBatches(256));
    const results = await Promise.all([runCli(array.task()), runCli(array.task())]);
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(readdirSync(array.scores)).toEqual(["base-q4_0.arrow"]);
    expect(scoreFile(array)).toEqual(await array.reference());
    expect(readdirSync(join(array.out, "tasks"))).toEqual(["base-q4_0.arrow"]);
  });

  it("continues after a process that was left behind, which may write the same once more", async () => {
    const array = await setUp(40, manyBatches(256));
    const left = startCli(array.task());
    expect(await waitForRows(array.scores, left.result, 5000)).toBe(true);
    // What a node that is lost leaves: a process that holds its stream open, and no one who ends it.
    left.child.kill("SIGSTOP");
    const before = streams(array.scores);
    const { code, stderr } = await runCli(array.task());
    expect(code).toBe(0);
    expect(stderr).toMatch(/continuing after \d+ texts/);
    expect(before).toHaveLength(1);
    const whole = scoreFile(array);
    const inode = statSync(join(array.scores, "base-q4_0.arrow")).ino;
    left.child.kill("SIGCONT");
    expect((await left.result).code).toBe(0);
    expect(statSync(join(array.scores, "base-q4_0.arrow")).ino).not.toBe(inode);
    expect(scoreFile(array)).toEqual(whole);
    expect(whole).toEqual(await array.reference());
    expect(streams(array.scores)).toEqual([]);
  });

  it("killed is continued; told to stop, it ends after the batch in hand and is continued", async () => {
    const array = await setUp(40, manyBatches(256));
    const killed = startCli(array.task());
    expect(await waitForRows(array.scores, killed.result, 5000)).toBe(true);
    const scorers = scorerProcesses(killed.child.pid);
    killed.child.kill("SIGKILL");
    for (const pid of scorers) process.kill(pid, "SIGKILL");
    await killed.result;
    const rows = statSync(join(array.scores, streams(array.scores)[0] ?? "")).size;
    const stopped = startCli(array.task());
    expect(await waitForRows(array.scores, stopped.result, rows + 2000)).toBe(true);
    stopped.child.kill("SIGTERM");
    const { code, stderr } = await stopped.result;
    expect(code).toBe(130);
    expect(stderr).toMatch(/continuing after \d+ texts/);
    // It says nothing of the model, so there is no row.
    expect(readdirSync(join(array.out, "tasks"))).toEqual([]);
    const last = await runCli(array.task());
    expect(last.code).toBe(0);
    expect(last.stderr).toMatch(/continuing after \d+ texts/);
    expect(scoreFile(array)).toEqual(await array.reference());
  });

  const canRename = spawnSync("unshare", ["--uts", "hostname", "other"]).status === 0;
  it.skipIf(!canRename)("on another host continues what this one began, and needs nobody's lock", async () => {
    const array = await setUp(40, manyBatches(256));
    const left = startCli(array.task());
    expect(await waitForRows(array.scores, left.result, 5000)).toBe(true);
    left.child.kill("SIGSTOP");
    onTestFinished(() => void left.child.kill("SIGKILL"));
    const command = ["--uts", "sh", "-c", 'hostname other.cluster && exec "$@"', "sh", process.execPath, join(packageRoot, "dist", "cli", "main.js"), ...array.task()];
    const other = spawn("unshare", command, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    other.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const elsewhere = new Promise((resolve) => other.on("close", resolve));
    expect(await waitForRows(array.scores, elsewhere, 0)).toBe(true);
    expect(await elsewhere).toBe(0);
    expect(said).toMatch(/continuing after \d+ texts/);
    expect(scoreFile(array)).toEqual(await array.reference());
    left.child.kill("SIGCONT");
    expect((await left.result).code).toBe(0);
  });

  it("of a model that fails exits 3, with the reason in its row; the others are mapped, and it alone is missing", async () => {
    const folder = temporaryFolder();
    const damaged = join(folder, "damaged.gguf");
    copyFileSync(demoModel("base-f16"), damaged);
    const bytes = readFileSync(damaged);
    bytes.fill(0xff, bytes.length - 8192, bytes.length - 4096); // weights that are not numbers
    writeFileSync(damaged, bytes);
    const array = await setUp(4, ["--gpu", "off"], [damaged]);
    const list = listsOf(array.out)[0] ?? "";
    const failed = await runCli(array.task(indexOf(list, "damaged")));
    expect(failed.code).toBe(3);
    expect(failed.stderr).toContain("damaged: failed:");
    expect((await runCli(array.task())).code).toBe(0);
    expect((await runCli(["map", "--out", array.out])).code).toBe(0);
    const row = (await readModels(join(array.out, "models.arrow"))).find(({ name }) => name === "damaged");
    expect(row).toMatchObject({ status: "failed", path: damaged });
    expect(row?.error).toBeTruthy();
    const again = await runCli(array.write);
    expect(again.stdout).toContain("1 model is complete, 1 missing, of which 1 failed before.");
    expect(again.stdout).toContain(`damaged failed before: ${row?.error ?? "?"}`);
    // A file that has become unreadable since the array was written.
    truncateSync(damaged, 100);
    const unreadable = await runCli(array.task(indexOf(list, "damaged")));
    expect(unreadable.code).toBe(3);
    expect(unreadable.stderr).toContain("damaged: failed:");
  });

  it("refuses a folder of other settings, and texts that are not the run's", async () => {
    const array = await setUp(4, ["--gpu", "off"]);
    const path = join(array.out, "run.json");
    const record = readFileSync(path, "utf8");
    writeFileSync(path, record.replace('"bos": "auto"', '"bos": "never"'));
    const { code, stderr } = await runCli(array.task());
    expect(code).toBe(1);
    expect(stderr).toContain("the BOS policy (--bos) = never");
    writeFileSync(path, record);
    const other = join(temporaryFolder(), "other");
    mkdirSync(other);
    expect((await runCli(["slurm", demoModel("base-q4_0"), "--out", other, "--texts", writeTexts(other, 3)])).code).toBe(0);
    copyFileSync(join(other, "texts.arrow"), join(array.out, "texts.arrow"));
    expect((await runCli(array.task())).stderr).toContain("does not hold the texts of this run");
  });

  it("keeps the log-probabilities of tokens where they are wanted, and is complete only with them", async () => {
    const array = await setUp(4, ["--gpu", "off"]);
    expect((await runCli(array.task())).code).toBe(0);
    const withTokens = [...array.write, "--token-log-probs"];
    expect((await runCli(withTokens)).stdout).toContain("0 models are complete, 1 missing.");
    const list = listsOf(array.out).find((path) => readFileSync(path, "utf8").includes('"tokenLogProbs": true')) ?? "";
    expect((await runCli(["score-task", list, "--index", "0", "--out", array.out])).code).toBe(0);
    expect(existsSync(join(array.out, "tokens", "base-q4_0.arrow"))).toBe(true);
    expect((await runCli(withTokens)).stdout).toContain("1 model is complete, 0 missing.");
    expect((await readScoreFile(join(array.scores, "base-q4_0.arrow"))).rows.text).toHaveLength(4);
  });
});
