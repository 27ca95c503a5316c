/** How many threads scoring takes unless it is told. */
import { availableParallelism } from "node:os";
import { loadAddon } from "../native/load-addon.js";

/** Cores that this process may use; as the addon counts them (affinity, cgroup, physical cores), else as Node does. */
export function defaultThreads(): number {
  try {
    return loadAddon().info().cores;
  } catch {
    return availableParallelism();
  }
}
