/** Everything that the page and the pictures show, as plain data with typed arrays. `K` is the number of models. */
import type { Ellipse } from "../map/ellipse.js";
import type { MapMethod } from "../map/map-method.js";
import type { BootstrapOptions } from "../matrix/bootstrap-options.js";
import type { RelationRow } from "../matrix/kl-scale.js";
import type { TextTokens } from "./text-pieces.js";

export interface ReportModel {
  name: string;
  /** The path of checkpoints it belongs to, and its place on it. */
  trajectory: { name: string; step: number } | null;
  /** Cluster number from 0, or null where none were computed. */
  cluster: number | null;
  /** Mean log-likelihood per text, nats, after clipping. */
  meanLogLikelihood: number;
  /** Compression on the text set: -sum of raw log-likelihoods / (bytes x ln 2). */
  bitsPerByte: number;
  /** KL divergence to the reference, bits/byte, and whether no smaller model is nearer to it; null without a reference. */
  klToReference: number | null;
  pareto: boolean | null;
  prediction: ReportPrediction | null;
  /** It joined the map after it was drawn; its divergences are estimates from resampled texts. */
  added: boolean;
  estimated: boolean;
  labels: Record<string, string>;
  architecture: string;
  title: string | null;
  parameters: number;
  quantization: string | null;
  /** File size in bytes. */
  bytes: number;
  contextLength: number | null;
  vocabularySize: number | null;
  /** For example "BOS" or "no BOS". */
  bosPolicy: string;
  /** For example "CPU" or "CUDA (NVIDIA H100)". */
  backend: string;
  /** What it was scored with after it had failed as asked, for example "smaller batch"; null: as asked. */
  fallback: string | null;
  /** Texts cut at the trained context. */
  truncatedTexts: number;
  warnings: string[];
}

/** A score of a model that was predicted from its coordinates (`predict`), in the unit of the label; null where there is none. */
export interface ReportPrediction {
  /** As the list of models says. */
  actual: number | null;
  /** By fits without the model, and the standard deviation between their repetitions. */
  predicted: number;
  predictedSd: number | null;
  /** The same by fits without the model's whole family. */
  grouped: number | null;
  groupedSd: number | null;
  /** How far the log-likelihood is above what the predicted score lets expect, robust standard deviations. */
  leakage: number | null;
  suspect: boolean | null;
}

/** The models in the plane, or in space, by one method. */
export interface ReportMap {
  method: MapMethod;
  /** What a distance on the map means, in words and unit, e.g. "sqrt(bits/byte)". */
  unit: string;
  /** Share of the squared distances that each axis shows, 0 to 1; null for t-SNE and UMAP, and where models joined later. */
  explained: number[] | null;
  /** Settings of t-SNE and UMAP as shown, for example "perplexity 30"; empty for the others. */
  settings: string[];
  /** K values each, in the unit of the map; z is null in two dimensions. */
  x: Float32Array;
  y: Float32Array;
  z: Float32Array | null;
  /** Where each model may lie, in the map's unit; null for a model without, or for all. */
  ellipses: (Ellipse | null)[] | null;
}

/** The nearest models of each, nearest first. */
export interface ReportNeighbours {
  /** Per model. */
  count: number;
  /** K x count: position of the neighbour, -1 where there is none. */
  models: Int32Array;
  /** K x count, bits/byte: the divergence and its bootstrap interval, NaN where there is none. */
  kl: Float32Array;
  low: Float32Array;
  high: Float32Array;
}

/** How the models do on the texts of each source. */
export interface ReportSources {
  names: string[];
  /** Of all used texts, per source. */
  texts: Int32Array;
  bytes: Float64Array;
  /** K x sources, from raw log-likelihoods; NaN where a model was not scored on all texts. */
  bitsPerByte: Float32Array;
  /** Smaller sources that are left out here. */
  leftOut: number;
}

export interface ReportTree {
  /** For example "average". */
  linkage: string;
  /** Two for each of the K - 1 merges: 0 to K - 1 are models, K + i is the i-th merge. */
  children: Int32Array;
  /** In sqrt(bits/byte), increasing. */
  heights: Float32Array;
}

/** The texts that the page holds. */
export interface ReportTexts {
  /** Positions in the text set, increasing. */
  positions: Int32Array;
  /** What the page shows of each; `cut` where that is its beginning only. */
  contents: string[];
  cut: boolean[];
  sources: string[];
  /** UTF-8 bytes of the whole text. */
  bytes: Int32Array;
  /** Log-likelihood of a text under a model, nats, not clipped; NaN where it was not scored. `text` is an index of `positions`. */
  logLikelihood: (model: number, text: number) => number;
}

/** Log-probabilities of tokens, read when they are wanted. A text is an index of the page's. */
export interface ReportTokens {
  /** 1 for each model whose tokens were recorded. */
  models: Uint8Array;
  /** Number of scored tokens of a text. */
  count: (model: number, text: number) => number;
  /** Null where there are none, or it is not known which bytes of the text they stand for. */
  read: (model: number, texts: readonly number[]) => Promise<(TextTokens | null)[]>;
}

export interface ReportData {
  title: string;
  /** ISO 8601. */
  createdAt: string;
  /** llmap-native, node-llama-cpp, llama.cpp, node. */
  versions: Record<string, string>;
  /** Settings of the run as shown: name to value. */
  settings: Record<string, string>;
  texts: {
    name: string;
    count: number;
    /** Texts left out for all models because one of them had no scored token there. */
    leftOut: number;
    meanBytes: number;
    hash: string;
    sources: { source: string; count: number }[];
  };
  /** The clip of the log-likelihoods: quantile, threshold (nats), share of entries below it. Null for K = 1. */
  clip: { quantile: number; threshold: number; share: number } | null;
  /** The first is the one of map.arrow and map.svg; none for K = 1. */
  maps: ReportMap[];
  models: ReportModel[];
  /** K x K row-major, bits/byte, models in the order of `models`; null where there is no such matrix, and for K = 1. */
  kl: Float64Array | null;
  neighbours: ReportNeighbours;
  /** How the intervals of neighbours and the ellipses were made; null without. */
  bootstrap: BootstrapOptions | null;
  /** KL divergence of a model from itself, computed in another way, bits/byte; whether it was measured for this run. */
  noiseFloor: { bitsPerByte: number; from: "run" | "default" };
  /** Divergences by what the models are to each other; null where there are too many pairs for the page. */
  relations: RelationRow[] | null;
  sources: ReportSources;
  /** Null for K = 1, and where no tree was made. */
  tree: ReportTree | null;
  /** The model that klToReference is measured from; null without one. */
  reference: string | null;
  /** What was predicted; null: nothing. */
  predictions: {
    label: string;
    /** The label of the families; null where they are not known. */
    family: string | null;
    /** Robust standard deviations above which a model is suspect. */
    leakageLimit: number;
    /** Mean log-likelihood (nats) that a prediction lets expect: intercept + slope x prediction; null without a leakage screen. */
    screen: { intercept: number; slope: number } | null;
  } | null;
  sample: ReportTexts;
  /** Null where no model's were recorded. */
  tokens: ReportTokens | null;
  failed: { name: string; path: string; reason: string }[];
  skipped: { path: string; reason: string }[];
}
