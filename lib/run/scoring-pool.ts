/** How many models are scored at once, and which GPU each scorer process sees. */
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

/** A model whose file takes more than this share of a GPU's memory is not left to one GPU. */
const shareOfGpu = 0.8;

/** The variable that says which GPUs a process sees, by backend; Metal has one. */
const visibleDevices: Record<string, string> = { cuda: "CUDA_VISIBLE_DEVICES", vulkan: "GGML_VK_VISIBLE_DEVICES" };

/**
 * Starts nothing but, where a GPU may be used, one scorer process that looks for GPUs.
 * @param parallel models at once; null: one for each GPU if the largest model fits into one of them, else one
 * @param largestModel bytes
 */
export async function createScoringPool(
  scoring: ScoringOptions,
  parallel: number | null,
  models: number,
  largestModel: number,
): Promise<ScoringPool> {
  const first = new ScorerSupervisor();
  if (models <= 1) return { supervisors: [first], scoring };
  let devices: GpuDevices = { backend: "cpu", names: [], memory: 0 };
  try {
    if (scoring.gpu !== "off") devices = await first.devices(scoring.gpu);
  } catch (error) {
    first.dispose();
    throw error;
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
export function parallelByGpus({ names, memory }: GpuDevices, largestModel: number): number {
  if (names.length < 2 || largestModel > (shareOfGpu * memory) / names.length) return 1;
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
  return { [variable]: listed[index] ?? String(index) };
}
