/** What programs without types forget: an error with a code that names the option, before any work. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findMissingModels } from "../../../lib/cluster/missing-models.js";
import { scoreOnQueue } from "../../../lib/queue/score-on-queue.js";
import { compare } from "../../../lib/run/compare.js";
import { score } from "../../../lib/run/score.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const queue = "redis://localhost:1";
/** As a program without types calls them. */
const calls: [string, (options: never) => Promise<unknown>][] = [
  ["score", score],
  ["scoreOnQueue", (options: object) => scoreOnQueue({ ...options, queue } as never)],
  ["slurm and kubernetes", findMissingModels],
];

describe("an option that is missing or of another type", () => {
  it.each([...calls, ["compare", compare] as (typeof calls)[number]])("out, of %s", async (_, call) => {
    await expect(call({ models: ["a.gguf"], texts: "builtin" } as never)).rejects.toMatchObject({ code: "ERR_USAGE", message: expect.stringContaining("--out") as string });
  });

  it.each(calls)("texts, of %s", async (_, call) => {
    const out = join(temporaryFolder(), "out");
    await expect(call({ models: ["a.gguf"], out } as never)).rejects.toMatchObject({ code: "ERR_USAGE", message: expect.stringContaining("--texts") as string });
    expect(existsSync(out)).toBe(false);
  });

  it.each(calls)("models as one string, of %s", async (_, call) => {
    const out = join(temporaryFolder(), "out");
    await expect(call({ models: "a.gguf", texts: "builtin", out } as never)).rejects.toMatchObject({ code: "ERR_USAGE", message: expect.stringContaining("array") as string });
    expect(existsSync(out)).toBe(false);
  });
});
