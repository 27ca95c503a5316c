/**
 * npm run bench:gather [-- --json] [-- --quick]: the log-softmax gather against two floors of this machine, reading the same logits and
 * computing as many exp on data in the first-level cache; the slower of the two is the limit. And against memcpy of the logits: to
 * copy them out, so that they can be read while the next batch is decoded, moves more bytes than to read them in place.
 */
import { buildCoreTool, run } from "../scripts/core-tool.mjs";
import { json, machine, quick, report, rounded, say } from "./report.mjs";

const peers = { read: "read bandwidth", exp_in_l1: "exp rate in L1", memcpy: "memcpy" };

const program = buildCoreTool("gather_bench", "native-bench", ["CMAKE_BUILD_TYPE=Release"]);
const results = run(program, quick ? ["--quick"] : []).trim().split("\n").map((line) => JSON.parse(line));

const [{ bytes, threads }] = results;
say(`Logits gathered, GB/s, and the ratio to each peer (${machine.processor}, ${threads} threads, ${Math.round(bytes / 2 ** 20)} MiB; best of the runs, interleaved)\n`);
say(`${"vocabulary".padEnd(22)}  gather  ${Object.values(peers).map((name) => name.padStart(22)).join("")}   limit            runs`);
for (const found of results) {
  const name = `${found.vocabulary.toLocaleString("en-US")}, ${found.simd}`;
  const limit = found.read < found.exp_in_l1 ? "read" : "exp_in_l1";
  const figures = Object.keys(peers).map((key) => `${rounded(found[key])} (${(found.gather / found[key]).toFixed(2)})`.padStart(22));
  say(`${name.padEnd(22)}  ${rounded(found.gather).padStart(6)}  ${figures.join("")}   ${peers[limit].padEnd(14)}   ${found.runs}`);
  if (!json) continue;
  for (const [key, peer_name] of Object.entries(peers)) {
    const conditions = { threads, runs: found.runs, statistic: "best", bytes: found.bytes, limit: key === limit };
    report({ bench: "gather", case: `vocabulary ${name}`, ours: found.gather, peer: found[key], peer_name, unit: "GB/s", conditions });
  }
}
