/** The nearest rows of every row, from memory and in blocks from disk, against scikit-learn's brute force. */
import { nearestNeighbours, openRowFile } from "../../dist/index.js";
import { threads } from "../report.mjs";

/** Far more rows than a K x K matrix would allow: once, without a peer. */
async function runLarge(bench, neighbours) {
  const [rows, columns, blockRows] = [20_000, 10_000, 3328];
  const file = await openRowFile(await bench.dataFile(rows, columns), columns, "float64");
  try {
    await bench.compare({
      group: "neighbours",
      case: `${neighbours} neighbours, ${rows.toLocaleString("en-US")} x ${columns.toLocaleString("en-US")}, from disk`,
      ours: async () => () => nearestNeighbours(file, neighbours, { threads, blockRows }),
      peers: {},
      runs: 1,
      conditions: { blockRows },
    });
  } finally {
    await file.close();
  }
}

export async function run(bench) {
  const [rows, columns] = bench.quick ? [2000, 2000] : [5000, 10_000];
  const neighbours = 10;
  const runs = bench.quick ? 3 : 1;
  const path = await bench.dataFile(rows, columns);
  const values = await bench.values(rows, columns);
  const name = `${neighbours} neighbours, ${rows.toLocaleString("en-US")} x ${columns.toLocaleString("en-US")}`;
  const peers = { "scikit-learn, brute": { function: "brute_force", parameters: { path, rows, columns, neighbours } } };
  await bench.compare({
    group: "neighbours",
    case: `${name}, in memory`,
    ours: async () => () => nearestNeighbours({ rows, columns, values }, neighbours, { threads }),
    peers,
    runs,
  });
  const blockRows = bench.quick ? 512 : 1024;
  const file = await openRowFile(path, columns, "float64");
  try {
    await bench.compare({
      group: "neighbours",
      case: `${name}, from disk`,
      ours: async () => () => nearestNeighbours(file, neighbours, { threads, blockRows }),
      peers,
      runs,
      conditions: { blockRows },
    });
  } finally {
    await file.close();
  }
  if (!bench.quick) await runLarge(bench, neighbours);
}
