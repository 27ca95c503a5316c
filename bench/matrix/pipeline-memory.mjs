/** A process of its own for pipeline.mjs: the pipeline once, and this process's peak resident memory as JSON. */
import { existsSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { klDivergences } from "../../dist/matrix/kl-divergence.js";

const [path, rows, columns, type, threads] = process.argv.slice(2);
const shape = { rows: Number(rows), columns: Number(columns) };
const values = new (type === "float32" ? Float32Array : Float64Array)(shape.rows * shape.columns);
const before = process.memoryUsage.rss();
const file = await open(path);
const row = new Float64Array(shape.columns);
for (let i = 0; i < shape.rows; i++) {
  await file.read(row, 0, row.byteLength, i * row.byteLength);
  values.set(row, i * shape.columns);
}
await file.close();
await klDivergences({ ...shape, values }, 700, 0.02, { threads: Number(threads) });
// On Linux not by getrusage, whose figure of a child process begins with that of its parent.
const status = "/proc/self/status";
const peakKib = existsSync(status) ? Number(/VmHWM:\s+(\d+)/.exec(readFileSync(status, "utf8"))[1]) : process.resourceUsage().maxRSS;
console.log(JSON.stringify({ peak: peakKib * 1024, before }));
