/** Runs npm. Used by the scripts beside it. */
import { execFileSync } from "node:child_process";

/** @returns what it prints; throws where it fails, after its own message on standard error */
export function runNpm(args, options = {}) {
  // On Windows npm is a command file, which needs a shell.
  const onWindows = process.platform === "win32";
  return execFileSync(onWindows ? "npm.cmd" : "npm", args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], shell: onWindows, maxBuffer: 1 << 28, ...options });
}
