/** The built-in text set: texts that the package may ship (demo/README.md names their sources and licences). */
import { join } from "node:path";
import { packageRoot } from "../package-root.js";

export const builtinTexts = join(packageRoot, "demo", "texts.jsonl");
