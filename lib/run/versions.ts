/** The software behind a run's numbers. */
import { getModuleVersion } from "node-llama-cpp";
import { packageVersion } from "../package-root.js";
import { supportedLlamaCpp } from "../scoring/llama-backend.js";

/** Name to version. llama.cpp's is the one inside the pinned node-llama-cpp; each score file records the one it was made with. */
export async function softwareVersions(): Promise<Record<string, string>> {
  return {
    "llmap-native": packageVersion,
    "node-llama-cpp": await getModuleVersion(),
    "llama.cpp": supportedLlamaCpp,
    node: process.versions.node,
  };
}
