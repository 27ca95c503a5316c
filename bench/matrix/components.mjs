/** Two principal components, and classical scaling of squared distances, against numpy and scikit-learn. */
import { principalComponents, principalCoordinates, squaredDistances } from "../../dist/index.js";
import { threads } from "../report.mjs";

export async function run(bench) {
  const sizes = bench.quick ? [[1018, 2000]] : [[1018, 10_000], [5000, 10_000]];
  const largest = sizes.at(-1);
  const path = await bench.dataFile(...largest);
  const all = await bench.values(...largest);
  for (const [rows, columns] of sizes) {
    const matrix = { rows, columns, values: all.subarray(0, rows * columns) };
    const parameters = { path, rows, columns };
    const shape = `${rows.toLocaleString("en-US")} x ${columns.toLocaleString("en-US")}`;
    const runs = rows > 2000 ? 1 : bench.runs;
    await bench.compare({
      group: "components",
      case: `2 principal components, ${shape}`,
      ours: async () => () => principalComponents(matrix, 2, { threads }),
      peers: {
        "numpy, eigh of the Gram matrix": { function: "numpy_gram", parameters },
        "scikit-learn, ARPACK": { function: "sklearn_arpack", parameters },
      },
      runs,
    });
    const distances = await squaredDistances(matrix, { threads });
    await bench.compare({
      group: "components",
      case: `classical scaling, ${rows.toLocaleString("en-US")} points`,
      ours: async () => () => principalCoordinates(distances, 2, { threads, euclidean: true }),
      peers: { "numpy, eigh": { function: "scaling_eigh", parameters } },
      runs,
    });
  }
}
