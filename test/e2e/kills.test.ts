/** SIGKILL at any moment, then the same command again: the stored numbers are those of an undisturbed run, to the bit, and nothing is left over. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { runCli, startCli } from "../helpers/cli.js";
import { cannotInject, faultEnvironment, loggedCalls, useFaultInjection, whereInjected, type Call, type Fault } from "../helpers/fault-injection.js";
import { demoModel } from "../helpers/fixtures.js";
import { childrenOf, isRunning } from "../helpers/processes.js";
import { seededRandom } from "../../lib/random.js";
import { filesOf, manyBatches, streamBytes, timedFiles, waitForRows, writeTexts } from "../helpers/run-folder.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

const timeout = 600_000;

/** Resumed rows as the command tells of them with --json; 0 where it did not come to that. */
function resumedTexts(stdout: string): number {
  const ready = stdout.split("\n").find((line) => line.includes('"model-ready"'));
  return ready === undefined ? 0 : (JSON.parse(ready) as { resumedTexts: number }).resumedTexts;
}

describe("a command that is killed at a random time", () => {
  it("continues when it is run again, and its scorer process is gone", { timeout }, async () => {
    const folder = temporaryFolder();
    const command = (out: string): string[] => {
      return ["score", demoModel("base-q4_0"), "--texts", writeTexts(folder, 60), "--out", join(folder, out), ...manyBatches(256), "--json"];
    };
    const started = performance.now();
    expect((await runCli(command("undisturbed"))).code).toBe(0);
    const duration = performance.now() - started;
    const expected = filesOf(join(folder, "undisturbed"), timedFiles);
    const wholeStream = 60 * 400;

    const random = seededRandom(7);
    let kills = 0;
    let resumed = 0;
    let tries = 0;
    let folders = 0;
    const isEnough = (): boolean => kills >= 12 && resumed >= 3;
    // Each folder is killed a few times before it is left to finish. How often a kill comes before the end depends on the machine's
    // other load, so new folders are begun until there were enough.
    while (!isEnough() && folders < 8) {
      const out = `out-${folders++}`;
      const scores = join(folder, out, "scores");
      for (let kill = 0; kill < 6 && !existsSync(join(scores, "base-q4_0.arrow")); kill++) {
        const { child, result } = startCli(command(out), { detached: true });
        const pid = child.pid ?? NaN;
        // In every other try while rows are written, else at any time from the start of the process to its end.
        if (tries++ % 2 === 1) await waitForRows(scores, result, streamBytes(scores) + random() * 0.3 * wholeStream);
        else await Promise.race([setTimeout(random() * duration), result]);
        const scorers = childrenOf(pid);
        // The command alone, as the system's memory killer does, or everything at once.
        const ended = child.exitCode !== null;
        if (!ended) process.kill(random() < 0.5 ? pid : -pid, "SIGKILL");
        const { signal, stdout, code } = await result;
        if (resumedTexts(stdout) > 0) resumed++;
        if (code !== null) expect(code).toBe(0);
        else {
          expect(signal).toBe("SIGKILL");
          kills++;
          for (let waited = 0; waited < 30_000 && scorers.some(isRunning); waited += 50) await setTimeout(50);
          expect(scorers.filter(isRunning)).toEqual([]);
        }
      }
      const last = await runCli(command(out));
      expect(last.code, last.stderr).toBe(0);
      expect(filesOf(join(folder, out), timedFiles)).toEqual(expected);
    }
    expect(kills).toBeGreaterThanOrEqual(12);
    expect(resumed).toBeGreaterThanOrEqual(3);
  });
});

describe.skipIf(cannotInject)(`a command that is killed inside a call of the file system${whereInjected}`, () => {
  const library = useFaultInjection();

  const everyCall: Call[] = ["open", "write", "sync", "rename", "link", "unlink", "mkdir"];

  /** A run of two models with its map; returns what the command did, and the calls at which it met the fault. */
  function setUp(): {
    folder: string;
    run: (out: string, fault?: Fault) => Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string; met: string[] }>;
  } {
    const folder = temporaryFolder();
    const texts = writeTexts(folder, 20, 200);
    let runs = 0;
    const run = async (out: string, fault?: Fault) => {
      const log = join(folder, `calls-${++runs}.log`);
      const args = ["run", demoModel("small-f16"), demoModel("gpt2b-f16"), "--texts", texts, "--out", join(folder, out), ...manyBatches(128), "--json"];
      const result = await runCli(args, fault === undefined ? {} : { env: faultEnvironment(library(), fault, log) });
      return { ...result, met: loggedCalls(log) };
    };
    return { folder, run };
  }

  it("at every kind of write, one after the other", { timeout }, async () => {
    const { folder, run } = setUp();
    expect((await run("undisturbed")).code).toBe(0);
    const stages: Fault[] = [
      { calls: ["mkdir"], path: "*/out/scores", at: 2, action: "kill-after" },
      { calls: ["write"], path: "*/.texts.arrow.*.tmp", at: 1, action: "kill-torn", share: 0.9 },
      { calls: ["rename"], path: "*/texts.arrow", at: 1, action: "kill-before" },
      { calls: ["write"], path: "*/.run.json.*.tmp", at: 1, action: "kill-torn", share: 0.3 },
      { calls: ["link"], path: "*/.small-f16.lock", at: 1, action: "kill-before" },
      { calls: ["link"], path: "*/.small-f16.lock", at: 1, action: "kill-after" },
      { calls: ["write"], path: "*/.small-f16.*.arrows.*.tmp", at: 1, action: "kill-torn", share: 0.5 },
      { calls: ["rename"], path: "*/.small-f16.*.arrows", at: 1, action: "kill-after" },
      { calls: ["write"], path: "*/.small-f16.*.arrows", at: 3, action: "kill-torn", share: 0.5 },
      { calls: ["write"], path: "*/.small-f16.*.arrows", at: 2, action: "kill-torn", share: 0.99 },
      { calls: ["sync"], path: "*/.small-f16.*.arrows", at: 2, action: "kill-before" },
      { calls: ["write"], path: "*/.small-f16.arrow.*.tmp", at: 1, action: "kill-torn", share: 0.7 },
      { calls: ["rename"], path: "*/small-f16.arrow", at: 1, action: "kill-before" },
      { calls: ["rename"], path: "*/small-f16.arrow", at: 1, action: "kill-after" },
      { calls: ["link"], path: "*/.models.lock", at: 1, action: "kill-after" },
      { calls: ["write"], path: "*/.models.arrow.*.tmp", at: 1, action: "kill-torn", share: 0.5 },
      { calls: ["rename"], path: "*/models.arrow", at: 1, action: "kill-before" },
      { calls: ["rename"], path: "*/models.arrow", at: 1, action: "kill-after" },
      { calls: ["rename"], path: "*/gpt2b-f16.arrow", at: 1, action: "kill-after" },
      { calls: ["write"], path: "*/.kl.arrow.*.tmp", at: 1, action: "kill-torn", share: 0.5 },
      { calls: ["rename"], path: "*/report.html", at: 1, action: "kill-before" },
      { calls: ["rename"], path: "*/run.json", at: 2, action: "kill-before" },
    ];
    for (const fault of stages) {
      const what = `${fault.action} at ${fault.calls[0] ?? "?"} ${fault.at} of ${fault.path}`;
      const { signal, stderr, met } = await run("out", fault);
      expect(met, `${what}: ${stderr}`).toHaveLength(1);
      expect(signal, what).toBe("SIGKILL");
    }
    const last = await run("out");
    expect(last.code, last.stderr).toBe(0);
    expect(filesOf(join(folder, "out"), timedFiles)).toEqual(filesOf(join(folder, "undisturbed"), timedFiles));
    expect(Object.keys(filesOf(join(folder, "out")))).toEqual(Object.keys(filesOf(join(folder, "undisturbed"))));
  });

  it("keeps every batch that was synced, and drops the torn one", { timeout }, async () => {
    const { folder, run } = setUp();
    const torn = await run("out", { calls: ["write"], path: "*/.small-f16.*.arrows", at: 6, action: "kill-torn" });
    expect(torn.signal).toBe("SIGKILL");
    const again = await run("out", { calls: ["sync"], path: "*/.small-f16.*.arrows", at: 3, action: "kill-before" });
    expect(again.signal).toBe("SIGKILL");
    expect(resumedTexts(again.stdout)).toBe(5);
    const last = await run("out");
    // Written and not synced: kept by the system, since only the process died.
    expect(resumedTexts(last.stdout)).toBe(8);
    expect(readdirSync(join(folder, "out", "scores")).sort()).toEqual(["gpt2b-f16.arrow", "small-f16.arrow"]);
  });

  it("at random ones", { timeout }, async () => {
    const { folder, run } = setUp();
    const undisturbed = await run("undisturbed", { calls: everyCall, path: "*/undisturbed*", at: 1, action: "log" });
    expect(undisturbed.code).toBe(0);
    const expected = filesOf(join(folder, "undisturbed"), timedFiles);
    let remaining = undisturbed.met.length;
    expect(remaining).toBeGreaterThan(100);

    const random = seededRandom(11);
    const actions = ["kill-before", "kill-after", "kill-torn"] as const;
    let kills = 0;
    let out = 0;
    for (let attempt = 0; attempt < 12; attempt++) {
      // Early more often than late: a run that is continued makes fewer calls.
      const at = 1 + Math.floor(random() ** 1.5 * remaining);
      const action = actions[Math.floor(random() * actions.length)] ?? "kill-before";
      const { code, signal, stderr } = await run(`out-${out}`, { calls: everyCall, path: `*/out-${out}*`, at, action, share: random() });
      if (signal === "SIGKILL") {
        kills++;
        remaining = Math.max(40, remaining - at);
        continue;
      }
      expect(code, stderr).toBe(0);
      expect(filesOf(join(folder, `out-${out}`), timedFiles)).toEqual(expected);
      out++;
      remaining = undisturbed.met.length;
    }
    const last = await run(`out-${out}`);
    expect(last.code, last.stderr).toBe(0);
    expect(filesOf(join(folder, `out-${out}`), timedFiles)).toEqual(expected);
    expect(kills).toBeGreaterThanOrEqual(8);
  });
});
