/** llama.cpp through node-llama-cpp: which backend, which library, which release. */
import { getLlama, LlamaLogLevel, NoBinaryFoundError, type Llama } from "node-llama-cpp";
import { LlmapError, messageOf } from "../errors.js";
import { glibcFloor } from "../native/platform.js";
import type { GpuDevices } from "./messages.js";
import type { GpuChoice } from "./settings.js";

/** The pinned release of node-llama-cpp whose binary layout the native scorer knows; equal to package.json's. */
export const supportedNodeLlamaCpp = "3.22.1";
/** The llama.cpp release inside it. */
export const supportedLlamaCpp = "v0.5.0";

export interface Backend {
  llama: Llama;
  /** "cpu", "cuda", "metal" or "vulkan". */
  name: string;
  kind: "cpu" | "gpu";
  /** Names of the GPUs, or "CPU". */
  device: string;
  /** Release of llama.cpp. */
  llamaCpp: string;
}

/**
 * Loads llama.cpp. A missing binary is an error that says what to do, never a compile.
 * @param onLog receives llama.cpp's warnings and errors
 */
export async function loadBackend(
  gpu: GpuChoice,
  threads: number,
  onLog: (level: string, message: string) => void,
): Promise<Backend> {
  try {
    const llama = await getLlama({
      gpu: gpu === "off" ? false : gpu,
      build: "never",
      skipDownload: true,
      progressLogs: false,
      // node-llama-cpp's default is at least 4, which on 2 cores makes decoding ten times slower.
      maxThreads: threads,
      logLevel: LlamaLogLevel.warn,
      logger: onLog,
    });
    const name = llama.gpu === false ? "cpu" : llama.gpu;
    const devices = llama.gpu === false ? [] : await llama.getGpuDeviceNames();
    return {
      llama,
      name,
      kind: llama.gpu === false ? "cpu" : "gpu",
      device: devices.length === 0 ? "CPU" : devices.join(" + "),
      llamaCpp: llama.llamaCppRelease.release,
    };
  } catch (error) {
    const asked = gpu === "auto" ? "" : ` with --gpu ${gpu}`;
    const reason = error instanceof NoBinaryFoundError ? "no prebuilt binary works here" : messageOf(error);
    throw new LlmapError(
      "ERR_BACKEND",
      `llama.cpp could not be loaded${asked}: ${reason}. ` +
        `Its Linux binaries need glibc ${glibcFloor}, and a GPU its driver (NVIDIA's; for Vulkan libvulkan too); try --gpu off, and \`npm install\` again without --omit=optional.`,
      { cause: error },
    );
  }
}

/** The GPUs that a backend sees; no names on a CPU. */
export async function gpuDevices({ llama, name, kind }: Backend): Promise<GpuDevices> {
  if (kind === "cpu") return { backend: name, names: [], memory: 0 };
  return { backend: name, names: await llama.getGpuDeviceNames(), memory: (await llama.getVramState()).total };
}

/** Path of the libllama that this process has loaded (after {@link loadBackend}), or null where the system does not tell. */
export function loadedLlamaLibrary(): string | null {
  // Without this the report looks up the names of open sockets, which can take seconds.
  Object.assign(process.report, { excludeNetwork: true });
  const report = process.report.getReport() as { sharedObjects?: string[] };
  return report.sharedObjects?.find((path) => /[\\/](lib)?llama\.[^\\/]*(so|dylib|dll)[^\\/]*$/i.test(path)) ?? null;
}
