/** The public API of llmap-native. */

// A run: score, map, or both.
export { run, type RunResult } from "./run/run.js";
export { score, type FailedModel, type ScoreResult } from "./run/score.js";
export { map, type MapResult } from "./run/map.js";
export { add, type AddOptions, type AddResult } from "./run/add.js";
export { extendMap, type ExtendedMap, type ExtendMapOptions } from "./run/extend-map.js";
export { importScores, type ImportedModel } from "./run/import-scores.js";
export { importScoreFiles, type ImportOptions, type ImportSummary } from "./run/import.js";
export type { ScoreFileFormat } from "./run/read-score-files.js";
export { exportRun, type ExportedFile, type ExportOptions } from "./run/export.js";
export type { Exportable, ExportFormat } from "./run/export-choices.js";
export { readScoredRun, type ScoredModel, type ScoredRun } from "./run/scored-run.js";
export { resample, type ResampleErrors, type ResampleOptions, type ResampleResult } from "./run/resample.js";
export { predict, type PredictOptions, type PredictResult, type ScorePrediction } from "./run/predict.js";
export { compare, type Comparison, type DistinguishingText } from "./run/compare.js";
export { relatives, type MergeVerdict, type NearestRelative, type ParentGuess, type ParentVerdict, type Relative, type Relatives } from "./run/relatives.js";
export { scale, type Scale, type ScaleOptions } from "./run/scale.js";
export { measureNoiseFloor, type NoiseFloorOptions } from "./run/noise-floor.js";
export type { CompareOptions, MapOptions, RelativesOptions, RunFolderOptions, ScoreOptions } from "./run/options.js";
export type { RunEvent, OnEvent } from "./run/events.js";
export { scoreOnQueue, type QueueScoreOptions } from "./queue/score-on-queue.js";
export { runWorker, type WorkerOptions } from "./queue/worker.js";
export { cancelQueuedRun } from "./queue/cancel-queue.js";
export type { QueueOptions } from "./queue/queue-options.js";
export type { OnWorkerEvent, WorkerEvent } from "./queue/worker-events.js";
export { slurm, type SlurmArray, type SlurmJobOptions, type SlurmJobs } from "./cluster/slurm.js";
export { kubernetes, type KubernetesJobOptions, type KubernetesJobs } from "./cluster/kubernetes.js";
export { scoreTask, type ScoreTaskOptions } from "./cluster/score-task.js";
export { openRun, type OpenRunOptions } from "./serve/open-run.js";
export { watchRun, type WatchedRun, type WatchOptions } from "./serve/watch-run.js";
export type { LocalServer, ServeOptions } from "./serve/local-server.js";
export { inspectMachine, type MachineReport } from "./run/machine.js";

// Inputs.
export { readTextSet } from "./texts/read-text-set.js";
export { texts, type TextsOptions } from "./run/texts.js";
export { buildTextSet, textSetFacts, type BuildTextSetOptions, type TextSetFacts } from "./texts/build-text-set.js";
export { chunksOf, type Chunk, type ChunkLimits } from "./texts/chunks.js";
export { writeTextSet } from "./store/text-set-file.js";
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
export { readResample, type ResampleMetadata, type StoredResample } from "./store/resample-table.js";
export { readPredictions, type PredictionRow, type PredictionsMetadata, type StoredPredictions } from "./store/predictions-table.js";
export { readRunRecord, type NoiseFloor, type RunRecord } from "./store/run-record.js";
export { readKl, readMap, type MapRow, type NeighbourRow, type SourceRow } from "./store/map-tables.js";

// The mathematics.
export {
  allocateMatrix,
  bootstrapPairVariances,
  clip,
  doubleCentre,
  principalComponents,
  principalCoordinates,
  quantile,
  squaredDistances,
  type Centring,
  type FloatMatrix,
  type Matrix,
  type NativeOptions,
  type PrincipalComponents,
  type PrincipalCoordinates,
} from "./native/matrix.js";
export { logSoftmaxGather } from "./native/log-softmax-gather.js";
export { logLikelihoodMatrix, type LogLikelihoodMatrix, type ModelScores } from "./matrix/log-likelihood-matrix.js";
export { modelCoordinates, type ClipAt, type ModelCoordinates } from "./matrix/model-coordinates.js";
export { klDivergences, type KlDivergences } from "./matrix/kl-divergence.js";
export { textProbabilities } from "./matrix/text-probabilities.js";
export type { ResamplingMethod, RowMeans } from "./matrix/resampling-method.js";
export {
  distanceErrors,
  resampledDistances,
  resampleTexts,
  uniformSubset,
  type DistanceErrors,
  type ResampledTexts,
} from "./matrix/resampled-texts.js";
export { meanAndSd, type MeanAndSd } from "./matrix/mean-and-sd.js";
export { pearson, spearman } from "./matrix/correlation.js";
export { consecutiveFolds, groupedFolds, shuffledFolds } from "./matrix/folds.js";
export { ridgePredictions, type RidgeDivision } from "./native/ridge-predictions.js";
export { crossValidateRidge, type LabelledModel, type RidgeCrossValidation, type RidgeOptions } from "./matrix/ridge-cross-validation.js";
export { fitRidge, type FittedRidge, type PenaltyChoice, type RidgeFit } from "./matrix/ridge-fit.js";
export type { InnerFolds } from "./matrix/ridge-options.js";
export { leakageScreen, type LeakageScreen } from "./matrix/leakage-screen.js";
export { squaredDistance } from "./matrix/squared-distance.js";
export {
  nearestModels,
  nearestNeighbours,
  type NearestNeighbours,
  type Neighbour,
  type RowSource,
} from "./matrix/neighbours.js";
export { openRowFile, type RowFile } from "./matrix/row-file.js";
export type { BootstrapOptions } from "./matrix/bootstrap-options.js";
export { drawResamples, type Interval, type Resamples } from "./matrix/bootstrap.js";
export { klIntervals } from "./matrix/kl-intervals.js";
export { comparePair, winsorisedVariance, type PairComparison, type SourceShare, type TextContribution } from "./matrix/pair-comparison.js";
export { klScale, placeAmongBands, publishedBands, relationOf, type KlBand, type RelatedModel, type Relation, type RelationRow } from "./matrix/kl-scale.js";
export { verdictOf, type Verdict } from "./matrix/verdict.js";
export { nonNegativeLeastSquares } from "./matrix/nnls.js";
export { convexWeights, gramFrom, nearestCombination, type Combination } from "./matrix/convex-combination.js";
export { dividedDistances, mergeEvidence, type DividedDistances, type MergeEvidence } from "./matrix/merge-evidence.js";
export { branchPoint } from "./matrix/branch-point.js";
export { judgeRelatives, type LikelyParent, type RelativeLimits, type RelativesInput, type RelativeVerdicts } from "./matrix/relatives.js";
export type { ParentCandidate } from "./matrix/parent-guess.js";
export type { ModelHistory } from "./matrix/model-history.js";
export type { ErrorRate, GuessRates, RightRate, VerdictErrorRates } from "./matrix/relatives-errors.js";
export { wilsonInterval } from "./matrix/wilson-interval.js";
export { mapCoordinates, type CoordinateOptions, type MapCoordinates, type TsneRecord, type UmapRecord } from "./map/coordinates.js";
export type { MapMethod, TsneMetric } from "./map/map-method.js";
export { tsne, type TsneMap, type TsneOptions } from "./map/tsne.js";
export { umap, type UmapMap, type UmapOptions } from "./map/umap.js";
export { cutTree, linkage, type LinkageMethod, type Merge } from "./map/linkage.js";
export { newick } from "./map/newick.js";
export { amongNeighbours, PrincipalAxes, type Point } from "./map/added-point.js";
export { bootstrapEllipses } from "./map/bootstrap-ellipses.js";
export type { Ellipse } from "./map/ellipse.js";
export { alignedTo } from "./map/procrustes.js";
export { findClusters } from "./map/clusters.js";

export { LlmapError, type ErrorCode } from "./errors.js";
