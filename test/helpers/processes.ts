import { execFileSync } from "node:child_process";

/** Ids of the living processes that `parent` has started; a dead one that nobody has waited for is not among them. */
export function childrenOf(parent: number): number[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat="], { encoding: "utf8" }).trim().split("\n");
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, ppid, state]) => Number(ppid) === parent && state?.startsWith("Z") === false)
    .map(([pid]) => Number(pid));
}

export function isRunning(pid: number): boolean {
  try {
    return !execFileSync("ps", ["-p", String(pid), "-o", "stat="], { encoding: "utf8" }).trim().startsWith("Z");
  } catch {
    return false; // ps has nothing to list
  }
}
