/** What the groups of bench:matrix share: data in a raw file, peers in Python, and interleaved comparisons. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openRowFile } from "../../dist/index.js";
import { leaveOut, median, plural, quick, report, say, threads } from "../report.mjs";

const python = process.env.LLMAP_PYTHON ?? "/usr/bin/python3";
const peersScript = fileURLToPath(new URL("../matrix-peers.py", import.meta.url));

/**
 * A K x N matrix like one of log-likelihoods (nats): texts of unlike difficulty, models of unlike skill that differ along a few traits, and noise.
 * Rows do not depend on how many follow, so a smaller matrix is the beginning of a larger one.
 */
function* logLikelihoodRows(rows, columns) {
  let random = 1;
  const uniform = () => (random = (Math.imul(random, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const traits = 5;
  const difficulty = Float64Array.from({ length: columns }, () => -1500 + 300 * normal());
  const loads = Float64Array.from({ length: columns * traits }, normal);
  for (let i = 0; i < rows; i++) {
    random = Math.imul(i + 1, 0x9e3779b1) >>> 0;
    const skill = 20 * normal();
    const trait = Float64Array.from({ length: traits }, (_, t) => (12 / (t + 1)) * normal());
    const row = new Float64Array(columns);
    for (let s = 0; s < columns; s++) {
      let value = difficulty[s] + skill + 30 * (uniform() + uniform() - 1);
      for (let t = 0; t < traits; t++) value += trait[t] * loads[s * traits + t];
      row[s] = value;
    }
    yield row;
  }
}

/** One Python process that answers calls of functions in bench/matrix/*.py, one line of JSON each. */
function startPeers(folder) {
  const environment = { ...process.env, OPENBLAS_NUM_THREADS: String(threads), OMP_NUM_THREADS: String(threads) };
  const child = spawn(python, [peersScript], { stdio: ["pipe", "pipe", "inherit"], env: environment });
  const waiting = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.resolve(JSON.parse(line)));
  child.on("exit", (code) => waiting.splice(0).forEach(({ reject }) => reject(new Error(`${python} ended with exit code ${code}`))));
  return {
    /** Calls `name` of bench/matrix/GROUP.py; resolves with what it returns and the seconds that it took. */
    call: (group, name, parameters) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(`${JSON.stringify({ group, name, parameters: { ...parameters, folder } })}\n`);
      }),
    close: () => child.stdin.end(),
  };
}

/** Why there are no peers, or null. */
function missingPeers() {
  try {
    execFileSync(python, ["-c", "import numpy, scipy, sklearn"], { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
    return null;
  } catch (error) {
    return `${python} has no numpy, scipy and scikit-learn (${error.stderr?.trim().split("\n").at(-1) ?? error.message}); on Debian: apt install python3-sklearn`;
  }
}

export async function createMatrixBench() {
  const folder = mkdtempSync(join(tmpdir(), "llmap-bench-matrix-"));
  const reason = missingPeers();
  if (reason !== null) leaveOut("all peers", reason);
  const runs = quick ? 3 : 5;
  say(`Matrix functions, ${plural(threads, "thread")}; medians of ${plural(runs, "interleaved run")}, of fewer for large cases (--json says how many)\n`);

  return {
    quick,
    runs,
    folder,
    hasPeers: reason === null,
    /** Path of a file with at least `rows` rows, little-endian float64; written once for all cases of as many columns. */
    async dataFile(rows, columns) {
      const path = join(folder, `${rows}x${columns}.f64`);
      const file = await open(path, "wx").catch((error) => {
        if (error.code === "EEXIST") return null;
        throw error;
      });
      if (file !== null) {
        for (const row of logLikelihoodRows(rows, columns)) await file.write(row);
        await file.close();
      }
      return path;
    },
    /** All values of such a file. */
    async values(rows, columns) {
      const file = await openRowFile(await this.dataFile(rows, columns), columns, "float64");
      try {
        return await file.readRows(0, rows);
      } finally {
        await file.close();
      }
    },
    /**
     * Times our function and its peers in turn and reports the medians. Resolves with the numbers that the peers returned last, by name.
     * @param ours async, prepares a run and resolves with the function that is timed
     * @param peers functions of bench/matrix/GROUP.py by the name that is shown: {name: {function, parameters}}
     * @param runs default: the bench's
     */
    async compare({ group, case: name, ours, peers, runs: wanted = runs, conditions = {} }) {
      const process = reason === null && Object.keys(peers).length > 0 ? startPeers(folder) : null;
      try {
        const oursSeconds = [];
        const values = {};
        const peerSeconds = Object.fromEntries(Object.keys(peers).map((peer) => [peer, []]));
        // The first round warms up files, memory and libraries, unless it is the only one.
        for (let round = wanted === 1 ? 0 : -1; round < wanted; round++) {
          const work = await ours();
          const started = performance.now();
          await work();
          if (round >= 0) oursSeconds.push((performance.now() - started) / 1000);
          if (process === null) continue;
          for (const [peer, call] of Object.entries(peers)) {
            const { seconds, value } = await process.call(group, call.function, call.parameters);
            values[peer] = value;
            if (round >= 0) peerSeconds[peer].push(seconds);
          }
        }
        const base = { bench: "matrix", case: name, ours: median(oursSeconds), unit: "s" };
        const described = { threads, runs: wanted, statistic: "median", ...conditions };
        if (process === null) report({ ...base, peer: null, peer_name: null, conditions: described });
        else for (const [peer, seconds] of Object.entries(peerSeconds)) report({ ...base, peer: median(seconds), peer_name: peer, conditions: described });
        return values;
      } finally {
        process?.close();
      }
    },
    /** Peak resident memory in MiB of a fresh Python process that calls one function; null without peers. */
    async peerMemory(group, name, parameters) {
      if (reason !== null) return null;
      const process = startPeers(folder);
      try {
        return (await process.call(group, name, parameters)).peak_mib;
      } finally {
        process.close();
      }
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
