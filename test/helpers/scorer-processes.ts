/** The scorer processes that a process has started: tests kill and stop them. */
import { execFileSync } from "node:child_process";

/** Process ids. @param parent process id, this process's unless given */
export function scorerProcesses(parent = process.pid): number[] {
  const lines = execFileSync("ps", ["-o", "pid=,ppid=,stat=,args=", "-A"], { encoding: "utf8" }).split("\n");
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, ppid, state, ...args]) => Number(ppid) === parent && state?.startsWith("Z") === false && args.join(" ").includes("scorer-process"))
    .map(([pid]) => Number(pid));
}

export function signalScorers(signal: NodeJS.Signals): void {
  for (const pid of scorerProcesses()) process.kill(pid, signal);
}
