/** L to KL (quantile, clip, double centring, squared distances, scale) against numpy and against one dsyrk; time and peak memory. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { allocateMatrix, klDivergences } from "../../dist/index.js";
import { report, threads } from "../report.mjs";

const memoryScript = fileURLToPath(new URL("pipeline-memory.mjs", import.meta.url));

export async function run(bench) {
  const sizes = bench.quick ? [[1018, 2000]] : [[1018, 10_000], [5000, 10_000]];
  const largest = sizes.at(-1);
  const path = await bench.dataFile(...largest);
  const all = await bench.values(...largest);
  for (const [rows, columns] of sizes) {
    const name = `L to KL, ${rows.toLocaleString("en-US")} x ${columns.toLocaleString("en-US")}`;
    const parameters = { path, rows, columns };
    const runs = rows > 2000 ? 3 : bench.runs;
    const L = allocateMatrix(rows, columns);
    await bench.compare({
      group: "pipeline",
      case: name,
      ours: async () => {
        L.values.set(all.subarray(0, rows * columns));
        return () => klDivergences(L, 700, 0.02, { threads });
      },
      peers: {
        "one dsyrk": { function: "single_dsyrk", parameters },
        "numpy, in place": { function: "numpy_in_place", parameters },
        "numpy, plain": { function: "numpy_plain", parameters },
      },
      runs,
    });
    const L32 = { rows, columns, values: new Float32Array(rows * columns) };
    await bench.compare({
      group: "pipeline",
      case: `${name}, float32`,
      ours: async () => {
        L32.values.set(all.subarray(0, rows * columns));
        return () => klDivergences(L32, 700, 0.02, { threads });
      },
      peers: { "one dsyrk": { function: "single_dsyrk", parameters } },
      runs,
    });
    const peerPeaks = {
      "numpy, plain": await bench.peerMemory("pipeline", "plain_memory", parameters),
      "numpy, in place": await bench.peerMemory("pipeline", "in_place_memory", parameters),
    };
    for (const type of ["float64", "float32"]) {
      const ours = JSON.parse(execFileSync(process.execPath, [memoryScript, path, rows, columns, type, threads], { encoding: "utf8" }));
      for (const [peer_name, peer] of Object.entries(peerPeaks)) {
        const conditions = { runs: 1, input_bytes: rows * columns * (type === "float64" ? 8 : 4), output_bytes: rows * rows * 8, before_bytes: ours.before };
        report({ bench: "matrix", case: `peak memory, ${name}, ${type}`, ours: ours.peak / 2 ** 20, peer, peer_name, unit: "MiB", conditions });
        if (peer === null) break;
      }
    }
  }
}
