/** What the commands that write jobs for a cluster print. */
import type { Needs } from "../cluster/needs.js";
import type { FailedModel } from "../run/score.js";
import { textTable } from "./text-table.js";

interface WrittenJobs {
  missing: readonly string[];
  complete: readonly string[];
  failed: readonly FailedModel[];
  unreadable: readonly FailedModel[];
}

interface WrittenJob {
  tasks: number;
  needs: Needs;
  command: string;
  job?: string | null;
}

/** @param next the command that goes on when the tasks are done */
export function clusterLines({ missing, complete, failed, unreadable }: WrittenJobs, jobs: readonly WrittenJob[], next: string): string[] {
  const before = failed.length === 0 ? "" : `, of which ${failed.length} failed before`;
  const state = `${complete.length} ${complete.length === 1 ? "model is" : "models are"} complete, ${missing.length} missing${before}.`;
  const reasons = [
    ...failed.map(({ model, reason }) => `  ${model} failed before: ${reason}`),
    ...unreadable.map(({ model, reason }) => `  ${model} cannot be scored: ${reason}`),
  ];
  if (missing.length === 0) return [state, ...reasons, `Nothing is left to submit: ${next}`];
  const rows = jobs.map(({ tasks, needs, command, job }) => [String(tasks), String(needs.gpus), `${needs.memory}`, typeof job === "string" ? `submitted as job ${job}` : command]);
  return [state, ...reasons, ...textTable(["tasks", "GPUs", "GiB", "submit with"], rows), `When they are done: ${next}`];
}
