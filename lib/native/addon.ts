/**
 * The typed contract of every function of the native addon (native/bindings/). Nothing else in lib/ knows what
 * the binary exports. Matrices are row-major. Every async function runs off the event loop, reads and writes the
 * given arrays in place (do not touch them before the promise settles) and rejects with an Error whose `code` is
 * `ERR_ARGUMENT` (wrong type, shape or range), `ERR_NUMERIC` (values that cannot be used), `ERR_SCORING` (llama.cpp
 * refused a batch) or `ERR_ABORTED`, and whose stack includes the caller.
 */

/** Byte 0 becomes non-zero to ask a running function to stop; see cancellation.ts. */
export type CancelFlag = Uint8Array<ArrayBuffer>;

/**
 * Element 0 becomes the share of the work that is done, from 0 to 1, while a function runs that says it tells its progress; see progress.ts.
 * Others accept it and leave it alone.
 */
export type ProgressShare = Float64Array<ArrayBuffer>;

/** Values of a matrix that may be kept in either precision; all sums over them are in float64. */
export type FloatArray = Float64Array | Float32Array;

/** What every asynchronous function takes. */
export interface RunOptions {
  /** 1..1024 */
  threads: number;
  cancel?: CancelFlag;
  progress?: ProgressShare;
}

/** Which vector kernels this CPU runs. */
export type SimdLevel = "avx512" | "avx2" | "neon" | "scalar";

export interface AddonInfo {
  /** Version of the addon; equal to package.json's, or the loader refuses the binary. */
  version: string;
  simd: SimdLevel;
  /** Levels that this binary contains and this CPU can run, best first. */
  simdAvailable: SimdLevel[];
  /** Levels that this binary contains, best first. */
  simdCompiled: SimdLevel[];
  /** For example "OpenBLAS 0.3.21 ..." or "Accelerate". */
  blas: string;
  /** Cores that this process may use: affinity- and cgroup-aware, physical where the system tells. At least 1. */
  cores: number;
}

/** One column of a table to allocate. `list` and `fixedSizeList` hold their values in one child array. */
export type ColumnSpec =
  | { name: string; type: "int32" | "float64" }
  /** `values`: total number of values over all rows. */
  | { name: string; type: "list"; item: "float32"; values: number }
  /** `size`: values per row. */
  | { name: string; type: "fixedSizeList"; item: "float64"; size: number };

/** An Arrow C Data Interface table in the 32-bit (WebAssembly) layout that arrow-js-ffi reads; offsets into `arena`. */
export interface AllocatedTable {
  arena: ArrayBuffer;
  /** Byte offset of the ArrowSchema and ArrowArray structures. */
  schema: number;
  array: number;
  /** For each column, in order: the byte offset of its values, and for `list` columns of its int32 offsets (else 0). */
  columns: { values: number; offsets: number }[];
}

export interface Addon {
  info(): AddonInfo;

  /**
   * Allocates one arena (under 4 GiB) and lays out the Arrow structures and zeroed column buffers, 64-byte aligned.
   * Synchronous: it computes nothing. Throws ERR_ARGUMENT where the arena would reach 4 GiB.
   */
  allocateTable(columns: ColumnSpec[], rows: number): AllocatedTable;

  /**
   * log p(target) for each row of logits: `logits[r, targets[r]] - logsumexp(logits[r, :])`, in nats.
   * @param logits rows x vocabulary, float32, finite or -inf
   * @param targets rows token ids, each in [0, vocabulary)
   * @param out rows, float64; receives the log-probabilities (-inf where the target's logit is -inf)
   * @param options.simd forces a kernel (tests and benchmarks); default: the best one
   * Errors: ERR_NUMERIC naming the row for a NaN, +inf, or a row that is all -inf.
   */
  logSoftmaxGather(
    logits: Float32Array,
    vocabulary: number,
    targets: Int32Array,
    out: Float64Array,
    options: RunOptions & { simd?: SimdLevel },
  ): Promise<void>;

  /** Quantile q in [0, 1] of all values, linear interpolation as numpy's default; by selection, on a copy of those near it. */
  quantile(values: FloatArray, q: number, options: RunOptions): Promise<number>;

  /** values = max(values, threshold) in place; resolves with how many entries were below the threshold. */
  clip(values: FloatArray, threshold: number, options: RunOptions): Promise<number>;

  /**
   * Double centring: out = matrix minus its row means (over columns, optionally weighted) minus the column means of that.
   * @param matrix rows x columns; may be the same array as `out`
   * @param weights one non-negative weight per column for the row means (normalised inside), or null for plain means
   * @param least entries below it are raised to it first (clip), or null
   * @param out of the same element type as `matrix`
   * Resolves with the row means (rows), the column means of the row-centred matrix (columns) and how many entries were clipped.
   */
  doubleCentre(
    matrix: FloatArray,
    rows: number,
    columns: number,
    weights: Float64Array | null,
    least: number | null,
    out: FloatArray,
    options: RunOptions,
  ): Promise<{ rowMeans: Float64Array; columnMeans: Float64Array; clipped: number }>;

  /**
   * Squared Euclidean distances between the rows, times `scale`, by tiles of syrk/gemm in float64. Symmetric to the bit, zero diagonal,
   * never negative; pairs under 1e-6 of the sum of their squared norms are recomputed by direct difference, so identical rows give 0.
   * Tells its progress.
   * @param scale positive
   * @param out rows x rows
   */
  squaredDistances(
    matrix: FloatArray,
    rows: number,
    columns: number,
    scale: number,
    out: Float64Array,
    options: RunOptions,
  ): Promise<void>;

  /**
   * Compares two blocks of consecutive rows of a larger matrix (or one with itself) and enters each row of one into the lists of nearest rows
   * of the other, by squared Euclidean distance as in squaredDistances, equal distances by row number. Tells its progress.
   * @param aFirst,bFirst row number of the first row of each block; the blocks are the same or have no row in common
   * @param distances all rows x count, ascending in each row; before the first call all Infinity
   * @param rows all rows x count, the row numbers that belong to `distances`; before the first call all -1
   */
  updateNearest(
    a: FloatArray,
    aFirst: number,
    b: FloatArray,
    bFirst: number,
    columns: number,
    distances: Float64Array,
    rows: Int32Array,
    count: number,
    options: RunOptions,
  ): Promise<void>;

  /**
   * Principal components of the column-centred matrix, from the smaller of its two Gram matrices, for the leading components only.
   * Signs fixed: the entry of largest magnitude in each component is positive. Tells the progress of the Gram matrix, which is nearly all.
   * @param components 1..min(rows, columns)
   * Resolves with scores (rows x components), the leading eigenvalues (components, descending: sums of squares of the scores) and the sum of
   * all eigenvalues.
   */
  principalComponents(
    matrix: FloatArray,
    rows: number,
    columns: number,
    components: number,
    options: RunOptions,
  ): Promise<{ scores: Float64Array; eigenvalues: Float64Array; total: number }>;

  /**
   * Classical scaling: leading principal coordinates of points whose squared distances are given (eigenvectors of the double-centred Gram matrix
   * -1/2 J D J). Signs fixed: the entry of largest magnitude in each component is positive.
   * @param squaredDistances rows x rows, symmetric; not changed
   * @param components 1..rows
   * @param euclidean whether they are known to be distances between points: then for large matrices only what is asked for is computed
   * Resolves with coordinates (rows x components, column c scaled by sqrt(eigenvalue c), zero where that is not positive), the leading
   * eigenvalues (components, descending) and the sum of all positive eigenvalues.
   */
  principalCoordinates(
    squaredDistances: Float64Array,
    rows: number,
    components: number,
    euclidean: boolean,
    options: RunOptions,
  ): Promise<{ coordinates: Float64Array; eigenvalues: Float64Array; positiveSum: number }>;

  /**
   * Exact t-SNE (native/core/tsne.h); tells its progress.
   * @param squaredDistances rows x rows, symmetric, any scale; not changed. At most 10,000 rows.
   * @param start rows x 2 or rows x 3, the first axis of a standard deviation of about 1e-4
   * @param options.perplexity at least 1, below rows / 3
   * @param options.metric affinities from the squared distances, or from their squares
   * @param options.iterations 1 or more; the first 250 are exaggerated
   * Resolves with coordinates (as `start`), the KL divergence of the map from the affinities (nats) and the iterations that were run.
   */
  tsne(
    squaredDistances: Float64Array,
    rows: number,
    start: Float64Array,
    options: RunOptions & { perplexity: number; metric: "euclidean" | "squared-euclidean"; iterations: number },
  ): Promise<{ coordinates: Float64Array; kl: number; iterations: number }>;

  /**
   * Hierarchical clustering (native/core/linkage.h). `threads` is of no effect.
   * @param distances rows x rows, symmetric; not changed
   * @param squared whether their square roots are the distances
   * Resolves with rows - 1 merges by increasing height: pairs of clusters (0..rows-1 are the points, rows + i is the i-th merge; the
   * lower one first), heights, and points in the joined cluster.
   */
  linkage(
    distances: Float64Array,
    rows: number,
    method: "average" | "complete" | "ward",
    squared: boolean,
    options: RunOptions,
  ): Promise<{ clusters: Int32Array; heights: Float64Array; sizes: Int32Array }>;

  /**
   * Mean silhouettes of the cuts of a tree into 2, 3, ..., `most` clusters (native/core/cut_silhouettes.h).
   * @param squaredDistances rows x rows, symmetric; not changed
   * @param merges `clusters` of linkage()
   * @param most 2..rows
   * @param cap distances (not squared) count as this beyond it
   */
  cutSilhouettes(
    squaredDistances: Float64Array,
    rows: number,
    merges: Int32Array,
    most: number,
    cap: number,
    options: RunOptions,
  ): Promise<Float64Array>;

  /**
   * The median over the rows of the squared distance within which this share of the other rows lies (native/core/cut_silhouettes.h).
   * @param squaredDistances rows x rows, rows >= 2, symmetric; not changed
   * @param share 0..1
   */
  medianReach(squaredDistances: Float64Array, rows: number, share: number, options: RunOptions): Promise<number>;

  /**
   * Variances (ddof 0) of the differences between pairs of rows, in resamples of the columns with replacement.
   * @param pairs two row numbers for each pair
   * @param counts resamples x columns: how often each column was drawn; every row with a positive sum
   * @param out pairs x resamples; never negative, 0 for identical rows
   * Errors: ERR_NUMERIC naming the row for values that are not finite, or the resample for counts that are all 0.
   */
  bootstrapPairVariances(
    matrix: Float64Array,
    rows: number,
    columns: number,
    pairs: Int32Array,
    counts: Uint8Array,
    resamples: number,
    out: Float64Array,
    options: RunOptions,
  ): Promise<void>;

  /**
   * Ridge regression with an intercept for many divisions into training and test rows (native/core/ridge.h); tells its progress.
   * @param squaredDistances rows x rows, symmetric; not changed
   * @param labels one per row; finite for every training row
   * @param members row numbers: the training rows and then the test rows of each division in turn
   * @param sizes for each division how many training rows (at least one) and how many test rows it has
   * @param alphas positive
   * @param out all test rows in turn x alphas
   */
  ridgePredictions(
    squaredDistances: Float64Array,
    rows: number,
    labels: Float64Array,
    members: Int32Array,
    sizes: Int32Array,
    alphas: Float64Array,
    out: Float64Array,
    options: RunOptions,
  ): Promise<void>;

  /**
   * Checks that `context` is the AddonContext of the node-llama-cpp release this addon was built for, and that the library
   * at `library` exports the llama.cpp functions that scoreSequences needs. Synchronous, once per context.
   * @param context node-llama-cpp's wrapped AddonContext
   * @param library path of the libllama that node-llama-cpp has loaded
   * @param expected what the context was created with; compared with the object's own fields before anything else is read
   * @returns a handle that keeps `context` alive; throws ERR_BACKEND with the reason where a check fails
   */
  borrowContext(
    context: object,
    library: string,
    expected: { contextSize: number; batchSize: number; sequences: number },
  ): BorrowedContext;

  /**
   * Scores one batch of independent token sequences: clears the context's memory, decodes, gathers in place on the logits.
   * @param tokens all sequences, one after the other
   * @param lengths tokens per sequence; at most `sequences` of them, each at most the context size per sequence
   * @param logLikelihoods one per sequence, nats: the sum over its tokens but the first
   * @param logProbs one per scored token (sum of lengths - number of sequences), in order, or null
   * A sequence of one token has no scored token and a log-likelihood of 0. A batch of more tokens than the context's batch size is
   * decoded piece by piece. Errors: ERR_SCORING (decode failed), ERR_NUMERIC (NaN in the logits; names the sequence, which is
   * also the error's property `sequence`, and the token).
   */
  scoreSequences(
    context: BorrowedContext,
    tokens: Int32Array,
    lengths: Int32Array,
    logLikelihoods: Float64Array,
    logProbs: Float32Array | null,
    options: RunOptions,
  ): Promise<void>;

  /**
   * Decodes one batch exactly as scoreSequences does, down to the wait for its logits, and reads none of them: the limit that benchmarks
   * compare scoring with. Arguments and errors as there; `threads` is of no effect, since the context's own threads decode.
   */
  decodeSequences(
    context: BorrowedContext,
    tokens: Int32Array,
    lengths: Int32Array,
    options: RunOptions,
  ): Promise<void>;
}

/** An opaque handle made by {@link Addon.borrowContext}. */
export interface BorrowedContext {
  readonly vocabulary: number;
  /**
   * The bytes that each token stands for, one piece after the other in the order of the ids; `starts` has vocabulary + 1 offsets.
   * Spaces are as the vocabulary has them (llama.cpp's detokenize drops some). Synchronous: some 20 ms for 150,000 tokens.
   */
  tokenPieces(): { bytes: Uint8Array; starts: Int32Array };
  /** Release everything; the handle is of no use afterwards. Call it before the context is disposed of. */
  release(): void;
}
