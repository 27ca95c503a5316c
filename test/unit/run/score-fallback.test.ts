/** A model whose process dies is scored anew with smaller batches, marked; one that dies again is a named failure with a log. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LlmapError } from "../../../lib/errors.js";
import type { RunEvent } from "../../../lib/run/events.js";
import type { ScoreOptions } from "../../../lib/run/options.js";
import { score } from "../../../lib/run/score.js";
import { readModels } from "../../../lib/store/models-table.js";
import { readScoreFile } from "../../../lib/store/score-file.js";
import { demoModel, fixtureTextFile } from "../../helpers/fixtures.js";
import { signalScorers } from "../../helpers/processes.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const scoring = { gpu: "off" as const, threads: 1 };

/** Kills the scorer process as soon as a model is ready, so many times. */
function killing(times: number, events: RunEvent[]): (event: RunEvent) => void {
  let left = times;
  return (event) => {
    events.push(event);
    if (event.event === "model-ready" && left-- > 0) signalScorers("SIGKILL");
  };
}

function options(models: string[], onEvent?: (event: RunEvent) => void): ScoreOptions & { out: string } {
  const folder = temporaryFolder();
  return { models: models.map(demoModel), texts: fixtureTextFile(folder, 12), out: join(folder, "out"), scoring, ...(onEvent ? { onEvent } : {}) };
}

const rowsOf = async (out: string, model: string) => (await readScoreFile(join(out, "scores", `${model}.arrow`))).rows;

describe("a scorer process that dies", () => {
  it("once: the model is scored anew with smaller batches, which is marked, and the rows are those of such batches", async () => {
    const events: RunEvent[] = [];
    const asked = options(["small-f16", "gpt2b-f16"], killing(1, events));
    const { scored, failed } = await score(asked);
    expect(scored).toEqual(["small-f16", "gpt2b-f16"]);
    expect(failed).toEqual([]);
    expect(events.filter(({ event }) => event === "model-retry")).toMatchObject([{ model: "small-f16", fallback: "smaller batch" }]);
    const [small, other] = await readModels(join(asked.out, "models.arrow"));
    expect(small).toMatchObject({ status: "complete", fallback: "smaller batch", warnings: [expect.stringContaining("died (SIGKILL)") as string] });
    expect(other).toMatchObject({ status: "complete", fallback: null, warnings: [] });
    expect(readFileSync(join(asked.out, "logs", "small-f16.log"), "utf8")).toContain("the scorer process died (SIGKILL)");

    const { key } = await readScoreFile(join(asked.out, "scores", "small-f16.arrow"));
    const { batchTokens, sequences } = key.settings;
    expect([batchTokens, sequences]).toEqual([64, 1]);
    const undisturbed = options(["small-f16"]);
    await score({ ...undisturbed, scoring: { ...scoring, batchTokens, sequences } });
    expect(await rowsOf(asked.out, "small-f16")).toEqual(await rowsOf(undisturbed.out, "small-f16"));

    // Once more: nothing is scored, and the mark stays.
    const again = await score({ ...asked, onEvent: (event) => expect(event.event).not.toBe("model-ready") });
    expect(again.scored).toHaveLength(2);
    expect((await readModels(join(asked.out, "models.arrow")))[0]?.fallback).toBe("smaller batch");
  });

  it("again: the model is a named failure with a log, the next one is scored", async () => {
    const events: RunEvent[] = [];
    const asked = options(["small-f16", "gpt2b-f16"], killing(2, events));
    const { scored, failed } = await score(asked);
    expect(scored).toEqual(["gpt2b-f16"]);
    const log = join(asked.out, "logs", "small-f16.log");
    expect(failed).toEqual([{ model: "small-f16", path: demoModel("small-f16"), code: "ERR_SCORING", reason: expect.stringContaining(log) as string }]);
    expect(failed[0]?.reason).toContain("It was tried with smaller batches too.");
    expect(readFileSync(log, "utf8").match(/died \(SIGKILL\)/g)).toHaveLength(2);

    // Asked for again, it is scored as if nothing had been.
    await score({ ...asked, onEvent: () => undefined });
    expect((await readModels(join(asked.out, "models.arrow")))[0]).toMatchObject({ status: "complete", fallback: null });
    expect(existsSync(log)).toBe(false);
  });
});

describe("several models at once", () => {
  it("have the same rows as one after the other", async () => {
    const models = ["small-f16", "gpt2b-f16", "base-q4_0"];
    const [together, apart] = [options(models), options(models)];
    expect((await score({ ...together, parallel: 3 })).scored.toSorted()).toEqual(models.toSorted());
    await score(apart);
    for (const model of models) expect(await rowsOf(together.out, model)).toEqual(await rowsOf(apart.out, model));
  });

  it("end together when one meets a folder that cannot be used, each keeping its rows", async () => {
    const asked = options(["small-f16", "gpt2b-f16"]);
    const seen = new Set<string>();
    const refuse = (event: RunEvent): void => {
      if (event.event !== "model-ready") return;
      seen.add(event.model);
      if (seen.size === 2) throw new LlmapError("ERR_RUN_FOLDER", "the disk is full");
    };
    await expect(score({ ...asked, parallel: 2, onEvent: refuse })).rejects.toMatchObject({ code: "ERR_RUN_FOLDER" });
    expect((await score(asked)).scored).toHaveLength(2);
  });
});
