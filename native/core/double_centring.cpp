#include "double_centring.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <numeric>
#include <string>

#include "error.h"
#include "parallel.h"

namespace llmap {

namespace {

// Rows are centred in blocks, each with its own column sums that are added up in order afterwards: one pass over the
// matrix, and sums that do not depend on threads. Sums of blocks cost 1/kBlockRows of the matrix.
constexpr size_t kBlockRows = 64;
constexpr size_t kColumnGrain = 2048;

// Weighted sum in a fixed order: eight running sums, so that the compiler can keep them in vector registers.
template <typename T, typename Weight>
double weighted_sum(const T* row, size_t columns, Weight weight) {
  constexpr size_t kSums = 8;
  std::array<double, kSums> sums{};
  size_t s = 0;
  for (; s + kSums <= columns; s += kSums) {
    for (size_t k = 0; k < kSums; ++k) sums[k] += row[s + k] * weight(s + k);
  }
  for (size_t k = 0; s < columns; ++s, ++k) sums[k] += row[s] * weight(s);
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

double total_weight(std::span<const double> weights) {
  for (size_t s = 0; s < weights.size(); ++s) {
    if (!(std::isfinite(weights[s]) && weights[s] >= 0)) {
      throw Error(ErrorCode::argument, "Expected finite non-negative weights but received " +
                                           std::to_string(weights[s]) + " for column " + std::to_string(s));
    }
  }
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!(total > 0)) throw Error(ErrorCode::argument, "Expected at least one positive weight but received none");
  return total;
}

// Names what is wrong with a row whose mean is not finite.
template <typename T>
std::string reason_against(const T* row, size_t columns) {
  const T* bad = std::find_if(row, row + columns, [](T x) { return !std::isfinite(x); });
  if (bad == row + columns) return "values whose sum overflows";
  return (std::isnan(*bad) ? "NaN in column " : "an infinity in column ") + std::to_string(bad - row);
}

}  // namespace

template <typename T>
Centring double_centre(std::span<const T> matrix, size_t rows, size_t columns, std::span<const double> weights,
                       double least, std::span<T> out, int threads, const CancelFlag* cancel) {
  const double total = weights.empty() ? static_cast<double>(columns) : total_weight(weights);
  const auto threshold = static_cast<T>(least);
  const size_t blocks = (rows + kBlockRows - 1) / kBlockRows;
  Centring result{std::vector<double>(rows), std::vector<double>(columns)};
  std::vector<double> block_sums(blocks * columns, 0.0);
  std::atomic<size_t> clipped{0};

  parallel_for(rows, kBlockRows, threads, cancel, [&](size_t first, size_t last) {
    double* sums = block_sums.data() + first / kBlockRows * columns;
    size_t below = 0;
    for (size_t i = first; i < last; ++i) {
      const T* row = matrix.data() + i * columns;
      T* centred = out.data() + i * columns;
      for (size_t s = 0; s < columns; ++s) {
        below += row[s] < threshold ? 1 : 0;
        centred[s] = row[s] < threshold ? threshold : row[s];
      }
      const double sum = weights.empty() ? weighted_sum(centred, columns, [](size_t) { return 1.0; })
                                         : weighted_sum(centred, columns, [&](size_t s) { return weights[s]; });
      const double mean = sum / total;
      if (!std::isfinite(mean)) throw RowError("the matrix", i, reason_against(centred, columns));
      result.row_means[i] = mean;
      for (size_t s = 0; s < columns; ++s) {
        const double difference = static_cast<double>(centred[s]) - mean;
        centred[s] = static_cast<T>(difference);
        sums[s] += difference;
      }
    }
    clipped += below;
  });
  result.clipped = clipped;

  parallel_for(columns, kColumnGrain, threads, cancel, [&](size_t first, size_t last) {
    for (size_t b = 0; b < blocks; ++b) {
      for (size_t s = first; s < last; ++s) result.column_means[s] += block_sums[b * columns + s];
    }
    for (size_t s = first; s < last; ++s) result.column_means[s] /= static_cast<double>(rows);
  });

  parallel_for(rows, kBlockRows, threads, cancel, [&](size_t first, size_t last) {
    for (size_t i = first; i < last; ++i) {
      T* row = out.data() + i * columns;
      for (size_t s = 0; s < columns; ++s) row[s] = static_cast<T>(row[s] - result.column_means[s]);
    }
  });
  return result;
}

template Centring double_centre(std::span<const float>, size_t, size_t, std::span<const double>, double,
                                std::span<float>, int, const CancelFlag*);
template Centring double_centre(std::span<const double>, size_t, size_t, std::span<const double>, double,
                                std::span<double>, int, const CancelFlag*);

}  // namespace llmap
