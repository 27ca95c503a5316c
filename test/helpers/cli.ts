import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../lib/package-root.js";

export interface CliResult {
  /** null where a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

const main = join(packageRoot, "dist", "cli", "main.js");

export interface CliOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** As the leader of a process group of its own, which can be killed as a whole. */
  detached?: boolean;
  /** Another build of the command line; default: that of this package. */
  main?: string;
  /** A command that takes longer (ms) hangs, and is killed. */
  timeout?: number;
}

const defaultTimeout = 300_000;

/** Starts the built command line as a child process. */
export function startCli(args: readonly string[], options: CliOptions = {}): { child: ChildProcess; result: Promise<CliResult> } {
  const child = spawn(process.execPath, [options.main ?? main, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: options.detached ?? false,
    timeout: options.timeout ?? defaultTimeout,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const result = new Promise<CliResult>((resolve, reject) => {
    child.on("error", reject).on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, result };
}

/** Runs the built command line to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).result;
}
