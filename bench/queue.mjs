/**
 * npm run bench:queue [-- --json] [-- --quick] [-- --group NAME]: a run by workers on a Redis of its own (redis-server must be installed). Groups, each a file
 * bench/queue/NAME.mjs: workers (throughput by their number, with simulated scoring), overhead (over the local command, with real models), caller-load (a
 * thousand models: memory and speed of the caller), tables (what grows with the number of models).
 */
import { loadavg } from "node:os";
import { Bed } from "./queue/bed.mjs";
import * as callerLoad from "./queue/caller-load.mjs";
import * as overhead from "./queue/overhead.mjs";
import * as tables from "./queue/tables.mjs";
import * as workers from "./queue/workers.mjs";
import { group, machine, say } from "./report.mjs";

const groups = { workers, overhead, "caller-load": callerLoad, tables };
if (group !== undefined && !(group in groups)) throw new Error(`Expected ${Object.keys(groups).join(", ")} for --group but received ${group}`);

say(`Queue (${machine.processor}; load of the machine at the beginning ${loadavg()[0].toFixed(1)})`);
const bed = new Bed();
try {
  for (const [name, { run }] of Object.entries(groups)) if (group === undefined || group === name) await run(bed);
} finally {
  bed.close();
}
