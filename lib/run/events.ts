/** What a run tells while it goes: the CLI's progress, `--json` lines, and the API's `onEvent`. */
import type { SkippedModel } from "../models/model.js";
import type { Fallback } from "../scoring/settings.js";

/** What a run tells while it works; `--json` prints these. */
export type RunEvent =
  | { event: "texts"; name: string; count: number; meanBytes: number; hash: string }
  /** Bytes read or fetched while models are looked up and hashed, or files are imported. */
  | { event: "resolving"; model: string; step: "download" | "hash" | "read"; bytes: number; ofBytes: number }
  | { event: "models"; models: string[]; skipped: SkippedModel[] }
  | { event: "model-start"; model: string; number: number; of: number }
  /** The model is loaded and its texts are tokenised; `resumedTexts` rows of an earlier process are kept. */
  | { event: "model-ready"; model: string; scorer: string; backend: string; device: string; seconds: number; resumedTexts: number }
  | {
      event: "progress";
      model: string;
      texts: number;
      ofTexts: number;
      tokensPerSecond: number;
      /** Of all models' work, 0 to 1, by parameters x texts. */
      share: number;
      /** Seconds until all models are done, or null while it is too early to say. */
      eta: number | null;
    }
  /** It failed; it is scored anew as a whole, with smaller batches or on the CPU. */
  | { event: "model-retry"; model: string; fallback: Fallback; reason: string }
  /** `peakMemory`: bytes that were resident in its scorer process at most, earlier models included; null where it was reused. */
  | { event: "model-done"; model: string; seconds: number; meanLogLikelihood: number; reused: boolean; peakMemory: number | null }
  | { event: "model-failed"; model: string; path: string; code: string; reason: string }
  | { event: "warning"; model: string | null; message: string }
  | { event: "mapping"; models: number; texts: number; leftOutTexts: number }
  /** Of t-SNE and UMAP, 0 to 1. */
  | { event: "map-progress"; method: string; share: number }
  /** Of the regressions behind predicted scores, 0 to 1. */
  | { event: "predict-progress"; share: number }
  /** Nats: the clip threshold of the map that was there, and of the one that replaces it. */
  | { event: "clip-threshold"; before: number; now: number }
  | { event: "map-done"; report: string; seconds: number };

/** Takes what a run tells while it works. */
export type OnEvent = (event: RunEvent) => void;
