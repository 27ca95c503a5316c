/** The public API of llmap-native. */

// A run: score, map, or both.
export { run, type RunResult } from "./run/run.js";
export { score, type FailedModel, type ScoreResult } from "./run/score.js";
export { map, type MapResult } from "./run/map.js";
export { compare, type Comparison, type DistinguishingText } from "./run/compare.js";
export { scale, type Scale, type ScaleOptions } from "./run/scale.js";
export { measureNoiseFloor, type NoiseFloorOptions } from "./run/noise-floor.js";
export { importScores, type ImportedModel } from "./run/import-scores.js";
export { readScoredRun, type ScoredModel, type ScoredRun } from "./run/scored-run.js";
export type { CompareOptions, MapOptions, RunFolderOptions, ScoreOptions } from "./run/options.js";
export type { RunEvent, OnEvent } from "./run/events.js";
export { inspectMachine, type MachineReport } from "./run/machine.js";

// Inputs.
export { readTextSet } from "./texts/read-text-set.js";
export type { Text, TextSet } from "./texts/text-set.js";
export { resolveModels } from "./models/resolve-models.js";
export type { Model, ModelFacts, ResolvedModels, SkippedModel, UnreadableModel } from "./models/model.js";
export type { BosPolicy, Fallback, GpuChoice, KvCacheType, ScorerChoice, ScoringOptions, ScoringSettings } from "./scoring/settings.js";
export type { ScoredTokens, ScoreRows } from "./scoring/score-rows.js";

// The run folder.
export { RunFolder } from "./store/run-folder.js";
export { readModels, type ModelRow } from "./store/models-table.js";
export { readScoreFile, type StoredScores } from "./store/score-file.js";
export type { ScoreKey } from "./store/score-key.js";
export { readTokenFile, type TokenScores } from "./store/token-file.js";
export { readRunRecord, type NoiseFloor, type RunRecord } from "./store/run-record.js";
export type { MapRow, NeighbourRow, SourceRow } from "./store/map-tables.js";

// The mathematics.
export {
  allocateMatrix,
  bootstrapPairVariances,
  clip,
  doubleCentre,
  principalCoordinates,
  quantile,
  squaredDistances,
  type CentringMeans,
  type Matrix,
  type NativeOptions,
  type PrincipalCoordinates,
} from "./native/matrix.js";
export { logSoftmaxGather } from "./native/log-softmax-gather.js";
export { logLikelihoodMatrix, type LogLikelihoodMatrix, type ModelScores } from "./matrix/log-likelihood-matrix.js";
export { modelCoordinates, type ClipAt, type ModelCoordinates } from "./matrix/model-coordinates.js";
export { klDivergences, type KlDivergences } from "./matrix/kl-divergence.js";
export { nearestModels, type Neighbour } from "./matrix/neighbours.js";
export type { BootstrapOptions } from "./matrix/bootstrap-options.js";
export { drawResamples, klIntervals, type Interval, type Resamples } from "./matrix/bootstrap.js";
export { comparePair, winsorisedVariance, type PairComparison, type SourceShare, type TextContribution } from "./matrix/pair-comparison.js";
export { klScale, placeAmongBands, publishedBands, relationOf, type KlBand, type RelatedModel, type Relation, type RelationRow } from "./matrix/kl-scale.js";
export { verdictOf, type Verdict } from "./matrix/verdict.js";
export { mapCoordinates, type MapCoordinates } from "./map/coordinates.js";
export { bootstrapEllipses } from "./map/bootstrap-ellipses.js";
export type { Ellipse } from "./map/ellipse.js";
export { alignedTo } from "./map/procrustes.js";
export type { MapMethod } from "./map/map-method.js";
export { averageLinkage, cutTree, type Merge } from "./map/linkage.js";
export { findClusters } from "./map/clusters.js";

export { LlmapError, type ErrorCode } from "./errors.js";
