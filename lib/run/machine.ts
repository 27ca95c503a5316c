/** What this machine has, and what llmap-native lacks on it. */
import { cpus, totalmem } from "node:os";
import { messageOf } from "../errors.js";
import { addonSource, loadAddon } from "../native/load-addon.js";
import { describePlatform, glibcFloor, isBelowFloor, thisPlatform } from "../native/platform.js";
import { defaultThreads } from "../scoring/default-threads.js";
import { loadBackend, loadedLlamaLibrary } from "../scoring/llama-backend.js";
import type { GpuChoice } from "../scoring/settings.js";
import { softwareVersions } from "./versions.js";

/** What `inspectMachine` found. */
export interface MachineReport {
  facts: { name: string; value: string }[];
  /** Sentences that say what does not work and what to do. */
  problems: string[];
}

/** What `doctor` prints: versions, processor, memory, BLAS, and the backend of llama.cpp that is found. What is missing is a problem in the result, never thrown. */
export async function inspectMachine(gpu: GpuChoice): Promise<MachineReport> {
  const facts: MachineReport["facts"] = [];
  const problems: string[] = [];
  const platform = thisPlatform();
  for (const [name, value] of Object.entries(await softwareVersions())) facts.push({ name, value });
  facts.push(
    { name: "platform", value: `${describePlatform(platform)}${platform.libc === null ? "" : `; glibc ${glibcFloor} or later is needed`}` },
    { name: "processor", value: cpus()[0]?.model ?? "unknown" },
    { name: "memory", value: `${(totalmem() / 2 ** 30).toFixed(1)} GiB` },
  );
  if (platform.libc === "musl" || (platform.glibc !== null && isBelowFloor(platform.glibc))) {
    problems.push(`node-llama-cpp's binaries need glibc ${glibcFloor} or later, and this system has ${platform.glibc === null ? "another C library" : `glibc ${platform.glibc}`}.`);
  }
  try {
    const { simd, simdCompiled, blas, cores } = loadAddon().info();
    facts.push(
      { name: "addon", value: addonSource() },
      { name: "cores", value: `${cores} (this process may use)` },
      { name: "vectors", value: `${simd} (of ${simdCompiled.join(", ")})` },
      { name: "BLAS", value: blas },
    );
  } catch (error) {
    problems.push(messageOf(error));
  }
  try {
    const backend = await loadBackend(gpu, defaultThreads(), () => undefined);
    facts.push(
      { name: "backend", value: backend.name },
      { name: "device", value: backend.device },
      { name: "llama library", value: loadedLlamaLibrary() ?? "not found among the shared objects" },
    );
    await backend.llama.dispose();
  } catch (error) {
    problems.push(messageOf(error));
  }
  return { facts, problems };
}
