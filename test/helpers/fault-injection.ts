/** Faults of the file system at chosen calls of the command under test, through a library that is preloaded into it (fault-injection.c). */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { packageRoot } from "../../lib/package-root.js";

/** For `describe.skipIf`: LD_PRELOAD and /proc are Linux's. */
export const cannotInject = process.platform !== "linux";
export const whereInjected = cannotInject ? " (skipped: LD_PRELOAD works on Linux only)" : "";

export type Call = "open" | "write" | "sync" | "rename" | "link" | "unlink" | "mkdir";

export interface Fault {
  /** Of these calls (open: for writing; rename and link: onto the path) ... */
  calls: Call[];
  /** ... on paths that match this pattern, where * also matches slashes, and @(one|other) either, ... */
  path: string;
  /** ... the one with this number, from 1, ... */
  at: number;
  /**
   * ... meets this. log: nothing, but every such call is logged. kill-torn: a write does only a part before the process is killed.
   * fail-torn: a write does only a part, and all later calls fail.
   */
  action: "log" | "kill-before" | "kill-after" | "kill-torn" | "fail" | "fail-torn";
  error?: "ENOSPC" | "EIO" | "EROFS" | "EACCES";
  /** All later calls of these fail as well. */
  lasting?: boolean;
  /** The part of a torn write, 0 to 1. */
  share?: number;
}

/** For the tests of a `describe`: builds the library before them and removes it after; gives its path. */
export function useFaultInjection(): () => string {
  let folder = "";
  let library = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "llmap-native-faults-"));
    library = buildFaultInjection(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => library;
}

/** Builds the library in `folder`; returns its path. Needs the C compiler that the addon is built with. */
function buildFaultInjection(folder: string): string {
  const library = join(folder, "fault-injection.so");
  const source = join(packageRoot, "test", "helpers", "fault-injection.c");
  // Without _FORTIFY_SOURCE, which turns the functions that it replaces into macros.
  execFileSync("cc", ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-U_FORTIFY_SOURCE", "-o", library, source, "-ldl"]);
  return library;
}

/** The environment that lets a command meet a fault; it is logged to the file `log`. */
export function faultEnvironment(library: string, fault: Fault, log: string): NodeJS.ProcessEnv {
  return {
    LD_PRELOAD: library,
    // Calls through io_uring would not be seen.
    UV_USE_IO_URING: "0",
    LLMAP_FAULT_CALLS: fault.calls.join(","),
    LLMAP_FAULT_PATH: fault.path,
    LLMAP_FAULT_AT: String(fault.at),
    LLMAP_FAULT_ACTION: fault.action,
    LLMAP_FAULT_ERRNO: String(constants.errno[fault.error ?? "EIO"]),
    LLMAP_FAULT_LASTING: fault.lasting === true ? "1" : "0",
    LLMAP_FAULT_SHARE: String(Math.round(1000 * (fault.share ?? 0.5))),
    LLMAP_FAULT_LOG: log,
  };
}

/** The calls that were logged, each "CALL PATH"; none where the fault was never met. */
export function loggedCalls(log: string): string[] {
  return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
}
