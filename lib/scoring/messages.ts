/** What the supervisor and the scorer process say to each other, in this order: prepare, prepared, score, batch..., scored. */
import type { ErrorCode } from "../errors.js";
import type { ScoreRows } from "./score-rows.js";
import type { PlanParameters, ScoringOptions, ScoringSettings } from "./settings.js";
import type { FirstToken } from "./tokenise.js";

/** One model on one text set. */
export interface ScoringJob {
  /** Path of the model file. */
  modelPath: string;
  /** The texts, in the order of the text set. */
  contents: string[];
  options: ScoringOptions;
  /** Parameters stored with rows that are already there; null: choose them. */
  plan: PlanParameters | null;
}

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
  /** Sentences for the user. */
  warnings: string[];
  /** Seconds from the request until now. */
  seconds: number;
}

export type ToScorer =
  | { type: "prepare"; job: ScoringJob }
  /** `done[text]` is 1 where the row is already stored. */
  | { type: "score"; done: Uint8Array }
  /** Finish the batch in hand, then answer `scored`. */
  | { type: "stop" };

export type FromScorer =
  | { type: "prepared"; prepared: PreparedModel }
  /** The rows of one whole batch of the plan. */
  | { type: "batch"; rows: ScoreRows }
  | { type: "scored"; stopped: boolean }
  | { type: "failed"; code: ErrorCode; message: string };
