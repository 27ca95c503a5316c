/** The tree against scipy's, on the same distances. */
import { linkage, squaredDistances } from "../../dist/index.js";
import { threads } from "../report.mjs";

const columns = 500;

export async function run(bench) {
  const sizes = bench.quick ? [1000] : [1000, 5000];
  const path = await bench.dataFile(sizes.at(-1), columns);
  const all = await bench.values(sizes.at(-1), columns);
  for (const rows of sizes) {
    const distances = await squaredDistances({ rows, columns, values: all.subarray(0, rows * columns) }, { threads });
    for (let i = 0; i < distances.values.length; i++) distances.values[i] = Math.sqrt(distances.values[i]);
    for (const method of ["average", "complete", "ward"]) {
      await bench.compare({
        group: "linkage",
        case: `${method} linkage, ${rows.toLocaleString("en-US")} points`,
        ours: async () => () => linkage(distances, method, { threads: 1 }),
        peers: { scipy: { function: "scipy_linkage", parameters: { path, rows, columns, method } } },
        runs: rows > 2000 ? bench.runs : 31, // some milliseconds each
        conditions: { threads: 1 },
      });
    }
  }
}
