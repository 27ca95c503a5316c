/** How many models are scored at once, and which GPU each scorer process sees. */
import { LlmapError } from "../errors.js";
import { defaultThreads } from "../scoring/default-threads.js";
import type { GpuDevices } from "../scoring/messages.js";
import { ScorerSupervisor } from "../scoring/scorer-supervisor.js";
import type { ScoringOptions } from "../scoring/settings.js";

export interface ScoringPool {
  /** Each scores one model at a time. */
  supervisors: ScorerSupervisor[];
  /** The asked options with the threads of one supervisor. */
  scoring: ScoringOptions;
}

/** A model whose file takes more than this share of a GPU's memory is not left to one GPU: the rest is for the attention cache, the batch and the driver. */
export const shareOfGpu = 0.8;

/** The variable that says which GPUs a process sees, by backend; Metal has one GPU. */
const visibleDevices: Record<string, string> = { cuda: "CUDA_VISIBLE_DEVICES", vulkan: "GGML_VK_VISIBLE_DEVICES" };
/** Vulkan numbers devices that llama.cpp leaves out, so there GPUs are dealt out only where the user lists them. */
const numberedAsSeen: ReadonlySet<string> = new Set(["cuda"]);

/**
 * Starts nothing but, where a GPU may be used, one scorer process that looks for GPUs.
 * @param parallel models at once; null: one for each GPU if the largest model fits into one of them, else one
 * @param models how many are to be scored
 * @param largestModel bytes
 * Errors: ERR_ABORTED. Where GPUs cannot be looked for, scoring itself says why.
 */
export async function createScoringPool(
  scoring: ScoringOptions,
  parallel: number | null,
  models: number,
  largestModel: number,
  signal?: AbortSignal,
): Promise<ScoringPool> {
  const first = new ScorerSupervisor();
  if (models <= 1) return { supervisors: [first], scoring };
  let devices: GpuDevices = { backend: "cpu", names: [], memory: 0 };
  try {
    if (scoring.gpu !== "off") devices = await first.devices(scoring.gpu, signal);
  } catch (error) {
    first.dispose();
    if (error instanceof LlmapError && error.code === "ERR_ABORTED") throw error;
  }
  const count = Math.min(models, parallel ?? parallelByGpus(devices, largestModel));
  if (count === 1) return { supervisors: [first], scoring };

  // It has seen all GPUs, and with all threads.
  first.dispose();
  const supervisors = Array.from({ length: count }, (_, worker) => new ScorerSupervisor(gpuEnvironment(devices, worker, process.env)));
  const threads = Math.max(1, Math.floor((scoring.threads ?? defaultThreads()) / count));
  return { supervisors, scoring: { ...scoring, threads } };
}

/** One model for each GPU, if the largest fits into one (GPUs of one machine are taken to be alike). */
export function parallelByGpus({ backend, names, memory }: GpuDevices, largestModel: number): number {
  if (!numberedAsSeen.has(backend) || names.length < 2 || largestModel > (shareOfGpu * memory) / names.length) return 1;
  return names.length;
}

/**
 * What makes a scorer process see one GPU only, the GPUs dealt out in turn; nothing with a single GPU or none.
 * @param inherited environment in which a variable may name the GPUs to use already
 */
export function gpuEnvironment({ backend, names }: GpuDevices, worker: number, inherited: NodeJS.ProcessEnv): Record<string, string> {
  const variable = visibleDevices[backend];
  if (variable === undefined || names.length < 2) return {};
  const listed = (inherited[variable] ?? "").split(",").map((id) => id.trim()).filter((id) => id !== "");
  const index = worker % names.length;
  const id = listed[index] ?? (numberedAsSeen.has(backend) ? String(index) : undefined);
  return id === undefined ? {} : { [variable]: id };
}
