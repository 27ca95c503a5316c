/**
 * The long version of test/e2e/queue-faults.test.ts: ten workers and hundreds of tiny models, workers killed with SIGKILL at random times, again and again.
 * Needs redis-server (Debian's package).
 *
 * Usage: node scripts/queue-faults.mjs [--seed 1] [--minutes 5] [--models 300]
 *   --minutes N   begins a further round until so many have passed; the round in hand is finished
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { seed: { type: "string", default: "1" }, minutes: { type: "string", default: "5" }, models: { type: "string", default: "300" } } });
const { status } = spawnSync("npx", ["vitest", "run", "test/e2e/queue-faults.test.ts", "-t", "killed at random times"], {
  cwd: fileURLToPath(new URL("..", import.meta.url)),
  env: { ...process.env, LLMAP_QUEUE_FAULTS_SEED: values.seed, LLMAP_QUEUE_FAULTS_MINUTES: values.minutes, LLMAP_QUEUE_FAULTS_MODELS: values.models },
  stdio: "inherit",
});
process.exitCode = status ?? 1;
