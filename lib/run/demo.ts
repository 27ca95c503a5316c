/** The built-in demo: twelve tiny models with a known history (demo/README.md). */
import { join } from "node:path";
import { packageRoot } from "../package-root.js";

export const demoModelList = join(packageRoot, "demo", "models.csv");
