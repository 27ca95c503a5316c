/**
 * Measures the log-softmax gather against the machine's read bandwidth and its own arithmetic in the first-level cache.
 * One JSON object per line. Usage: node scripts/bench-gather.mjs [--quick] [--threads N]
 */
import { runCoreTool } from "./core-tool.mjs";

runCoreTool("gather_bench", "native-bench", ["CMAKE_BUILD_TYPE=Release"], process.argv.slice(2));
