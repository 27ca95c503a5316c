/** What a task asks of a cluster, from the size of its model; and tasks in groups of the same needs. */
import { LlmapError } from "../errors.js";
import type { InspectedModel } from "../models/model.js";
import { requireWholeNumber } from "../option-checks.js";
import { shareOfGpu } from "../run/scoring-pool.js";
import type { ScoringOptions } from "../scoring/settings.js";

export interface NeedsOptions {
  /** GPUs of every task; null: from `gpuMemory`, or none. */
  gpus: number | null;
  /** GiB of one GPU; null: not known. */
  gpuMemory: number | null;
  /** Main memory of every task, GiB; null: from the size of its model. */
  memory: number | null;
}

export interface Needs {
  gpus: number;
  /** Main memory, GiB. */
  memory: number;
}

const gibibyte = 2 ** 30;
/** Node.js, llama.cpp's buffers, tokens and rows. */
const baseMemory = 2 * gibibyte;
const leastMemory = 4;

/** Errors: ERR_USAGE. */
export function requireNeeds({ gpus, gpuMemory, memory }: NeedsOptions): void {
  requireWholeNumber("the number of GPUs", gpus, 0, 1024);
  for (const [name, value] of [["gpuMemory (--gpu-memory)", gpuMemory], ["memory (--mem)", memory]] as const) {
    if (value !== null && !(value > 0 && value < 2 ** 20)) throw new LlmapError("ERR_USAGE", `Expected GiB above 0 for ${name} but received ${value}.`);
  }
  if (gpus !== null && gpuMemory !== null) {
    throw new LlmapError("ERR_USAGE", "A number of GPUs and their memory (--gpu-memory) exclude each other: from the memory the number is computed. Leave one out.");
  }
}

/**
 * GPUs: as many as hold the files of the model in 80 % of their memory. Main memory: the files once, a fifth more, the buffer of logits and 2 GiB, rounded up
 * to a power of two GiB, so that there are few different needs.
 */
export function needsOf({ facts: { bytes } }: Pick<InspectedModel, "facts">, options: NeedsOptions, scoring: Pick<ScoringOptions, "gpu" | "logitsBudget">): Needs {
  const { gpus, gpuMemory, memory } = options;
  const computed = gpuMemory === null ? 0 : Math.max(1, Math.ceil(bytes / (shareOfGpu * gpuMemory * gibibyte)));
  const estimated = (1.2 * bytes + scoring.logitsBudget + baseMemory) / gibibyte;
  return {
    gpus: scoring.gpu === "off" ? 0 : (gpus ?? computed),
    memory: memory ?? Math.max(leastMemory, 2 ** Math.ceil(Math.log2(estimated))),
  };
}

export interface TaskGroup {
  needs: Needs;
  models: InspectedModel[];
}

/** Groups of at most `most` models with the same needs, the largest models first: they take longest. */
export function groupByNeeds(models: readonly InspectedModel[], most: number, needs: (model: InspectedModel) => Needs): TaskGroup[] {
  const groups = new Map<string, TaskGroup>();
  for (const model of [...models].sort((one, other) => other.facts.bytes - one.facts.bytes)) {
    const its = needs(model);
    const key = `${its.gpus} ${its.memory}`;
    const group = groups.get(key) ?? { needs: its, models: [] };
    group.models.push(model);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.models.length / most) }, (_, chunk) => ({ ...group, models: group.models.slice(chunk * most, (chunk + 1) * most) })),
  );
}
