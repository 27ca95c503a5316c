/**
 * Runs the tests of the native core under AddressSanitizer and UndefinedBehaviorSanitizer, on every SIMD level of this machine.
 * Usage: node scripts/test-native.mjs
 */
import { buildCoreTool, run } from "./core-tool.mjs";

run(buildCoreTool("core_tests", "native-tests", ["CMAKE_BUILD_TYPE=Debug", "LLMAP_SANITIZE=ON"]), [], { stdio: "inherit" });
