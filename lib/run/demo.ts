/** The built-in demo: twelve tiny models with a known history (demo/README.md). */
import { join } from "node:path";
import { packageRoot } from "../package-root.js";

export const demoModelList = join(packageRoot, "demo", "models.csv");

/** The demo model whose noise is measured: quantized, since llama.cpp quantizes activations of such models too, which adds noise. */
export const noiseModel = join(packageRoot, "demo", "models", "base-q4_0.gguf");
