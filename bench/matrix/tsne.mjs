/** Exact t-SNE against scikit-learn's Barnes-Hut t-SNE: same distances, same start, 1,000 iterations; and the KL that each reaches. */
import { squaredDistances, tsne } from "../../dist/index.js";
import { rounded, say, threads } from "../report.mjs";

const columns = 500;

export async function run(bench) {
  const sizes = bench.quick ? [1000] : [1000, 5000];
  for (const rows of sizes) {
    const path = await bench.dataFile(sizes.at(-1), columns);
    const all = await bench.values(sizes.at(-1), columns);
    const distances = await squaredDistances({ rows, columns, values: all.subarray(0, rows * columns) }, { threads });
    let kl = 0;
    const peer = "scikit-learn, Barnes-Hut";
    const values = await bench.compare({
      group: "tsne",
      case: `t-SNE, ${rows.toLocaleString("en-US")} points`,
      ours: async () => async () => ({ kl } = await tsne(distances, { threads })),
      peers: { [peer]: { function: "barnes_hut", parameters: { path, rows, columns, threads } } },
      runs: rows > 2000 ? 1 : bench.runs,
      conditions: { iterations: 1000, perplexity: 30 },
    });
    say(`${"".padEnd(44)} KL ${rounded(kl)}${values?.[peer] ? `, scikit-learn ${rounded(values[peer])}` : ""}`);
  }
}
