/** Everything that the page and the pictures show, as plain data. The page holds exactly this, as JSON. */

import type { MapMethod } from "../map/map-method.js";

export interface ReportModel {
  name: string;
  /** Position on the map in the unit of the map, or null where there is no map (K = 1). */
  x: number | null;
  y: number | null;
  /** Where it may lie on the map: semi-axes in the map's unit, angle of the longer one in radians; null where none was computed. */
  ellipse: { major: number; minor: number; angle: number } | null;
  /** The path of checkpoints it belongs to, and its place on it. */
  trajectory: { name: string; step: number } | null;
  /** Cluster number from 0, or null where none were computed. */
  cluster: number | null;
  /** Mean log-likelihood per text, nats, after clipping. */
  meanLogLikelihood: number;
  /** Compression on the text set: -sum of raw log-likelihoods / (bytes x ln 2). */
  bitsPerByte: number;
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
  /** Texts cut at the trained context. */
  truncatedTexts: number;
  warnings: string[];
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
  map: {
    method: MapMethod;
    /** What a distance on the map means, in words and unit, e.g. "sqrt(bits/byte)". */
    unit: string;
    /** 2 or 3; the page shows the first two. */
    dimensions: number;
    /** Share of the squared distances that each axis shows, 0 to 1; null for t-SNE and UMAP. */
    explained: number[] | null;
    /** Settings of t-SNE and UMAP as shown, for example "perplexity 30"; empty for the others. */
    settings: string[];
  } | null;
  models: ReportModel[];
  /** K x K row-major, bits/byte, models in the order of `models`. Empty for K = 1. */
  kl: number[];
  failed: { name: string; path: string; reason: string }[];
  skipped: { path: string; reason: string }[];
}
