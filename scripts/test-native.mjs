/**
 * Runs the tests of the native core on every SIMD level of this machine under AddressSanitizer and UndefinedBehaviorSanitizer, or under
 * ThreadSanitizer. Usage: node scripts/test-native.mjs [--threads]
 */
import { parseArgs } from "node:util";
import { buildCoreTool, run } from "./core-tool.mjs";

const { values } = parseArgs({ options: { threads: { type: "boolean", default: false } } });
const [folder, sanitizers] = values.threads ? ["native-tests-threads", "thread"] : ["native-tests", "address,undefined"];
const definitions = ["CMAKE_BUILD_TYPE=Debug", "LLMAP_SANITIZE=ON", `LLMAP_SANITIZERS=${sanitizers}`];
run(buildCoreTool("core_tests", folder, definitions), [], { stdio: "inherit" });
