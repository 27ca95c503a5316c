#include "bootstrap_moments.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "blas.h"
#include "error.h"
#include "parallel.h"

namespace llmap {

namespace {

constexpr size_t kPairs = 64;
constexpr size_t kColumns = 512;

std::vector<double> totals(std::span<const uint8_t> counts, size_t resamples, size_t columns) {
  std::vector<double> sums(resamples);
  for (size_t b = 0; b < resamples; ++b) {
    size_t sum = 0;
    for (size_t s = 0; s < columns; ++s) sum += counts[b * columns + s];
    if (sum == 0) throw Error(ErrorCode::numeric, "Resample " + std::to_string(b) + " of counts holds no text");
    sums[b] = static_cast<double>(sum);
  }
  return sums;
}

// Mean of a - b; throws where it is not finite, naming the row that is to blame.
double mean_difference(const double* matrix, size_t columns, size_t i, size_t j) {
  const double* a = matrix + i * columns;
  const double* b = matrix + j * columns;
  double sum = 0;
  for (size_t s = 0; s < columns; ++s) sum += a[s] - b[s];
  if (std::isfinite(sum)) return sum / static_cast<double>(columns);
  const bool first = std::any_of(a, a + columns, [](double value) { return !std::isfinite(value); });
  throw RowError("the matrix", first ? i : j, "a value that is not finite");
}

// What one thread works with.
struct Tile {
  explicit Tile(size_t resamples)
      : differences(2 * kPairs * kColumns), weights(resamples * kColumns), moments(2 * kPairs * resamples) {}
  std::vector<double> differences;  // d of each pair, then d^2 of each pair; a column tile wide
  std::vector<double> weights;      // the counts of a column tile
  std::vector<double> moments;      // sums of c d, then of c d^2: 2 pairs x resamples
};

}  // namespace

void bootstrap_pair_variances(std::span<const double> matrix, size_t columns, std::span<const int32_t> pairs,
                              std::span<const uint8_t> counts, size_t resamples, std::span<double> out, int threads,
                              const CancelFlag* cancel) {
  const std::vector<double> sums = totals(counts, resamples, columns);
  const size_t pair_count = pairs.size() / 2;
  const BlasSession session;

  parallel_for(pair_count, kPairs, threads, cancel, [&](size_t first, size_t last) {
    const size_t here = last - first;
    Tile tile(resamples);
    std::vector<double> means(here);
    for (size_t p = 0; p < here; ++p) {
      means[p] = mean_difference(matrix.data(), columns, static_cast<size_t>(pairs[2 * (first + p)]),
                                 static_cast<size_t>(pairs[2 * (first + p) + 1]));
    }
    for (size_t s0 = 0; s0 < columns; s0 += kColumns) {
      throw_if_cancelled(cancel);
      const size_t width = std::min(kColumns, columns - s0);
      for (size_t p = 0; p < here; ++p) {
        const double* a = matrix.data() + static_cast<size_t>(pairs[2 * (first + p)]) * columns + s0;
        const double* b = matrix.data() + static_cast<size_t>(pairs[2 * (first + p) + 1]) * columns + s0;
        double* d = tile.differences.data() + p * width;
        double* squares = tile.differences.data() + (here + p) * width;
        for (size_t s = 0; s < width; ++s) {
          d[s] = a[s] - b[s] - means[p];
          squares[s] = d[s] * d[s];
        }
      }
      for (size_t b = 0; b < resamples; ++b) {
        const uint8_t* from = counts.data() + b * columns + s0;
        std::copy(from, from + width, tile.weights.data() + b * width);
      }
      multiply_by_transposed({tile.differences.data(), 2 * here, width, width},
                             {tile.weights.data(), resamples, width, width}, 1.0, tile.moments.data(), resamples);
    }
    for (size_t p = 0; p < here; ++p) {
      for (size_t b = 0; b < resamples; ++b) {
        const double mean = tile.moments[p * resamples + b] / sums[b];
        const double mean_square = tile.moments[(here + p) * resamples + b] / sums[b];
        out[(first + p) * resamples + b] = std::max(0.0, mean_square - mean * mean);
      }
    }
  });
}

}  // namespace llmap
