/**
 * The noise floor: the KL divergence of a model from itself when only the way of computing changes, another batch shape and, where there is a
 * GPU, another backend. No difference below it is one between models.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LlmapError } from "../errors.js";
import { comparePair } from "../matrix/pair-comparison.js";
import type { GpuChoice, ScoringOptions } from "../scoring/settings.js";
import { RunFolder } from "../store/run-folder.js";
import { writeRunRecord, type NoiseFloor } from "../store/run-record.js";
import { noiseModel } from "./demo.js";
import type { OnEvent } from "./events.js";
import { score } from "./score.js";
import { readScoredRun, requireRunRecord, type ScoredRun } from "./scored-run.js";

/** Options of `measureNoiseFloor`. */
export interface NoiseFloorOptions {
  /** A GGUF model as for {@link score}; default: a quantized demo model. */
  model?: string | null;
  /** Text set as for {@link score}; default: the built-in one. */
  texts?: string;
  gpu?: GpuChoice;
  /** Run folder: its settings are used, and the result is stored in its run.json, where `compare` finds it. */
  out?: string | null;
  signal?: AbortSignal;
  onEvent?: OnEvent;
}

/** Scores the model twice or three times and compares: the largest KL divergence between two of them, bits per byte. Errors: as {@link score}; ERR_NOT_FOUND where `out` holds no run; ERR_NOTHING_DONE, with the reason, where the model cannot be scored. */
export async function measureNoiseFloor(options: NoiseFloorOptions = {}): Promise<NoiseFloor> {
  const { texts = "builtin", gpu = "auto", out = null } = options;
  const model = options.model ?? noiseModel;
  const folder = out === null ? null : new RunFolder(out);
  const settings = folder === null ? null : (await requireRunRecord(folder)).settings;
  const shared: Partial<ScoringOptions> =
    settings === null ? {} : { bos: settings.bos, flashAttention: settings.flashAttention === "on", kvCacheType: settings.kvCacheType };

  const temporary = await mkdtemp(join(tmpdir(), "llmap-native-noise-"));
  try {
    let number = 0;
    const scoreWith = async (scoring: Partial<ScoringOptions>): Promise<ScoredRun> => {
      const out = join(temporary, String(number++));
      const { signal, onEvent } = options;
      const { failed } = await score({ out, models: [model], texts, scoring: { ...shared, ...scoring }, ...(signal ? { signal } : {}), ...(onEvent ? { onEvent } : {}) });
      const [failure] = failed;
      if (failure !== undefined) throw new LlmapError("ERR_NOTHING_DONE", `${failure.model} could not be scored, so there is no noise to measure: ${failure.reason}`);
      return readScoredRun(new RunFolder(out));
    };
    const usual = await scoreWith({ gpu });
    const { sequences, backend } = settingsOf(usual);
    const otherBatch = await scoreWith({ gpu, sequences: sequences > 1 ? 1 : 2 });
    const comparisons = [compareScorings(usual, otherBatch)];
    if (backend !== "cpu") comparisons.push(compareScorings(usual, await scoreWith({ gpu: "off" })));

    const floor: NoiseFloor = {
      bitsPerByte: Math.max(...comparisons.map(({ bitsPerByte }) => bitsPerByte)),
      model: usual.models[0]?.row.name ?? model,
      texts: usual.used.length,
      comparisons,
      measuredAt: new Date().toISOString(),
    };
    // Read anew: the run may have gone on meanwhile.
    if (folder !== null) await writeRunRecord(folder.runRecord, { ...(await requireRunRecord(folder)), noiseFloor: floor });
    return floor;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function settingsOf({ models }: ScoredRun): { sequences: number; batchTokens: number; backend: string; device: string } {
  const settings = models[0]?.scores.key.settings;
  return settings ?? { sequences: 0, batchTokens: 0, backend: "unknown", device: "unknown" };
}

function conditionsOf(run: ScoredRun): string {
  const { sequences, batchTokens, backend, device } = settingsOf(run);
  return `${backend === "cpu" ? "CPU" : `${backend} (${device})`}, ${sequences} ${sequences === 1 ? "text" : "texts"} and ${batchTokens} tokens a batch`;
}

function compareScorings(one: ScoredRun, other: ScoredRun): NoiseFloor["comparisons"][number] {
  const bytes = Array.from(one.used, (text) => one.texts.texts[text]?.bytes ?? 0);
  const { kl } = comparePair(one.L.values, other.L.values, bytes, []);
  return { conditions: [conditionsOf(one), conditionsOf(other)], bitsPerByte: kl };
}
