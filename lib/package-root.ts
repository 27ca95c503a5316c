/** The folder of the package: one above lib/ (tests) and dist/ (installed) alike. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";

export const packageRoot = fileURLToPath(new URL("../", import.meta.url));

/** Version in package.json. */
export const packageVersion: string = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))).version;
