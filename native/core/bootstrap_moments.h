// Variances of the differences between pairs of rows, in resamples of the columns (texts) with replacement.
//
//   m1 = sum over s of c_s d_s / n,   m2 = sum over s of c_s d_s^2 / n,   variance = m2 - m1^2     with n = sum of c_s
//
// for every pair's differences d and every resample's counts c: two matrix products, counts times differences and
// counts times their squares, tile by tile. Each d is centred by its plain mean first, so that the subtraction loses no
// digits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cancellation.h"

namespace llmap {

// matrix: rows x columns. pairs: two row numbers each, checked by the caller. counts: resamples x columns, every row
// with a positive sum. out: pairs x resamples, disjoint from all of them: variances with ddof 0, never negative;
// exactly 0 for identical rows. Memory beside the arguments: under 2 MiB a thread, for up to 256 resamples; it grows
// with those only. Throws RowError for a row with values that are not finite, ERR_NUMERIC for a resample without a
// text. The same bits for every number of threads where BLAS is OpenBLAS: each tile is one single-threaded call.
void bootstrap_pair_variances(std::span<const double> matrix, size_t columns, std::span<const int32_t> pairs,
                              std::span<const uint8_t> counts, size_t resamples, std::span<double> out, int threads,
                              const CancelFlag* cancel);

}  // namespace llmap
