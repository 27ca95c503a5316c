/** The processes that a test or a command has started: tests kill and stop them. */
import { execFileSync } from "node:child_process";

/** Living processes that `parent` has started; a dead one that nobody has waited for is not among them. */
function startedBy(parent: number): { pid: number; command: string }[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,args="], { encoding: "utf8" }).trim().split("\n");
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, ppid, state]) => Number(ppid) === parent && state?.startsWith("Z") === false)
    .map(([pid, , , ...args]) => ({ pid: Number(pid), command: args.join(" ") }));
}

/** Process ids. */
export const childrenOf = (parent: number): number[] => startedBy(parent).map(({ pid }) => pid);

/** Ids of the scorer processes that a process (this one unless given) has started. */
export const scorerProcesses = (parent = process.pid): number[] =>
  startedBy(parent).filter(({ command }) => command.includes("scorer-process")).map(({ pid }) => pid);

export function signalScorers(signal: NodeJS.Signals): void {
  for (const pid of scorerProcesses()) process.kill(pid, signal);
}

export function isRunning(pid: number): boolean {
  try {
    return !execFileSync("ps", ["-p", String(pid), "-o", "stat="], { encoding: "utf8" }).trim().startsWith("Z");
  } catch {
    return false; // ps has nothing to list
  }
}
