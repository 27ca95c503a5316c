/**
 * What the supervisor and the scorer process say to each other about a model, in this order: prepare, progress..., prepared, score, batch..., scored.
 * A model that is scored part by part stays loaded in between: score, batch..., part-scored, score, ..., part-scored, release, scored.
 */
import type { ErrorCode } from "../errors.js";
import type { ScoreRows } from "./score-rows.js";
import type { FirstToken, GpuChoice, PlanParameters, ScoringOptions, ScoringSettings } from "./settings.js";

/** One model on one text set. */
export interface ScoringJob {
  /** Path of the model file. */
  modelPath: string;
  /** Paths of LoRA adapters that are applied to it. */
  adapterPaths?: string[];
  /** The texts, in the order of the text set. */
  contents: string[];
  options: ScoringOptions;
  /** Settings of rows that are stored already, whose plan is repeated; null: choose. */
  stored: ScoringSettings | null;
  /** A plan is chosen also where there are stored rows: of their settings only the layers on the GPU are repeated. */
  choosesPlan?: boolean;
}

/** What a scorer process is doing; also the words of an error: "while it was ...". */
export type ScoringStep =
  | "starting"
  | "loading the model"
  | "tokenising the texts"
  | "making the context"
  | "waiting for the run folder"
  | "scoring";

/** What is fixed once a model is loaded and its texts are tokenised. */
export interface PreparedModel {
  settings: ScoringSettings;
  firstToken: FirstToken;
  /** Most tokens of a sequence: the trained context. */
  trainedContext: number;
  vocabulary: number;
  /** Tokens of all sequences, the ones with nothing to score included. */
  tokens: number;
  truncatedTexts: number;
  /** The batch of the plan that each text is in; -1 for a text without a scored token. */
  batchOfText: Int32Array;
  /** SHA-256 (hex) of the lengths of all sequences: with equal settings, equal hashes mean equal batches. */
  tokenCountsHash: string;
  /** Sentences for the user. */
  warnings: string[];
  /** Seconds that each step took; `process` is the start of the scorer process where it was started for this model, else 0. */
  seconds: { process: number; backend: number; load: number; tokenise: number; context: number };
}

/** Memory of a scorer process, bytes. */
export interface ScorerMemory {
  /** Most that was resident since the process began; mapped pages of model files are part of it. */
  peakResident: number;
  /** Resident once the model is disposed of. */
  resident: number;
}

/** The GPUs that a backend sees. */
export interface GpuDevices {
  /** "cpu", "cuda", "metal" or "vulkan". */
  backend: string;
  /** Names, none on a CPU. */
  names: string[];
  /** Bytes of all GPUs together. */
  memory: number;
}

export type ToScorer =
  | { type: "prepare"; job: ScoringJob }
  /** `done[text]` is 1 where no row is wanted: it is stored already, or in another part. `keep`: stay loaded, answer `part-scored`, await more. */
  | { type: "score"; done: Uint8Array; keep: boolean }
  /** No further part is wanted: dispose of the model, then answer `scored`. */
  | { type: "release" }
  /** Finish the batch in hand, then answer `scored`. */
  | { type: "stop" }
  /** Answer `devices`. */
  | { type: "devices"; gpu: GpuChoice };

export type FromScorer =
  /** A sign of life, and what to name should it be the last one. */
  | { type: "progress"; step: ScoringStep; backend: string | null; plan: PlanParameters | null }
  | { type: "prepared"; prepared: PreparedModel }
  /** The rows of one whole batch of the plan. */
  | { type: "batch"; rows: ScoreRows }
  | { type: "part-scored"; stopped: boolean }
  | { type: "scored"; stopped: boolean; memory: ScorerMemory }
  | { type: "devices"; devices: GpuDevices }
  | { type: "failed"; code: ErrorCode; message: string };
