/** Workers and callers of bench:queue, each a process of its own. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const script = (name) => fileURLToPath(new URL(name, import.meta.url));

/** @returns end(): ends the worker and tells the processor time that it took, seconds, without its scorer processes */
export async function startWorker(options) {
  const child = fork(script("worker.mjs"), [JSON.stringify(options)], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  let told = null;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve, reject) => {
    child.on("message", (message) => (message === "ready" ? resolve() : (told = message)));
    child.once("exit", (code) => reject(new Error(`A worker ended with exit code ${code}.`)));
  });
  return {
    end: async () => {
      child.send("end");
      await exited;
      return told.processorSeconds;
    },
  };
}

/** Runs a caller, or the local command. @returns what bench/queue/caller.mjs sends */
export async function runCaller(options) {
  const child = fork(script("caller.mjs"), [JSON.stringify(options)], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  let told = null;
  child.on("message", (message) => (told = message));
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0 || told === null) throw new Error(`The caller ended with exit code ${code}.`);
  if (told.failed > 0 || told.scored !== options.models.length) throw new Error(`${told.scored} of ${options.models.length} models were scored.`);
  return told;
}
