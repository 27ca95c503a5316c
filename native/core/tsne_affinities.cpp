#include "tsne_affinities.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "error.h"
#include "parallel.h"
#include "tsne_forces.h"

namespace llmap {

namespace {

constexpr double kEntropyTolerance = 1e-9;  // nats
constexpr int kMostSteps = 100;
constexpr size_t kTile = 64;

// Entropy in nats of the probabilities proportional to exp(-beta a_j), j != point, and its slope by log beta, which is
// -(beta^2 times the variance of a). `out` receives the probabilities.
struct Entropy {
  double value;
  double slope;
};
Entropy entropy_at(double beta, std::span<const double> a, size_t point, std::span<double> out) {
  double sum = 0;
  double first = 0;
  double second = 0;
  const auto add = [&](size_t j) {
    const double exponent = beta * a[j];
    const double weight = std::exp(-exponent);
    out[j] = weight;
    sum += weight;
    first += weight * exponent;
    second += weight * exponent * exponent;
  };
  for (size_t j = 0; j < point; ++j) add(j);
  for (size_t j = point + 1; j < a.size(); ++j) add(j);
  out[point] = 0;
  for (double& weight : out) weight /= sum;
  const double mean = first / sum;
  return {std::log(sum) + mean, -std::max(0.0, second / sum - mean * mean)};
}

// Affinities a_ij over their mean, with the least of them (but that of the point itself) taken off, which changes no
// probability and keeps the sum of weights at 1 or above.
std::vector<double> scaled_row(std::span<const double> squared_distances, size_t rows, size_t point,
                               TsneMetric metric) {
  const std::span<const double> row = squared_distances.subspan(point * rows, rows);
  std::vector<double> a(row.begin(), row.end());
  a[point] = 0;
  double mean = 0;
  for (const double value : a) mean += value / static_cast<double>(rows - 1);
  if (std::isnan(mean)) throw RowError("the distances", point, "NaN");
  if (std::isinf(mean)) throw RowError("the distances", point, "an infinity");
  if (!(mean > 0)) return a;
  for (double& value : a) {
    value /= mean;
    if (metric == TsneMetric::squared_euclidean) value *= value;
  }
  double least = std::numeric_limits<double>::infinity();
  for (size_t j = 0; j < rows; ++j) {
    if (j != point) least = std::min(least, a[j]);
  }
  for (double& value : a) value -= least;
  return a;
}

}  // namespace

void conditional_affinities(std::span<const double> squared_distances, size_t rows, size_t point, double perplexity,
                            TsneMetric metric, std::span<double> out) {
  const std::vector<double> a = scaled_row(squared_distances, rows, point, metric);
  const double target = std::log(perplexity);
  double low = -std::numeric_limits<double>::infinity();  // of log beta: the entropy falls as it grows
  double high = std::numeric_limits<double>::infinity();
  double log_beta = 0;
  for (int step = 0; step < kMostSteps; ++step) {
    const Entropy entropy = entropy_at(std::exp(log_beta), a, point, out);
    const double excess = entropy.value - target;
    if (std::abs(excess) <= kEntropyTolerance) return;
    (excess > 0 ? low : high) = log_beta;
    // Beyond, the row has settled on its coincident points.
    if (low > 100 || high < -100) return;
    const double newton = log_beta - excess / entropy.slope;
    if (newton > low && newton < high && std::abs(newton - log_beta) < 2) {
      log_beta = newton;
    } else if (std::isinf(low) || std::isinf(high)) {
      log_beta += excess > 0 ? 2 : -2;
    } else {
      log_beta = (low + high) / 2;
    }
  }
}

TsneAffinities tsne_affinities(std::span<const double> squared_distances, size_t rows, double perplexity,
                               TsneMetric metric, int threads, const CancelFlag* cancel) {
  const size_t padded = (rows + kTsnePadding - 1) / kTsnePadding * kTsnePadding;
  TsneAffinities result{rows, padded, std::vector<float>(rows * padded, 0.0f)};
  float* const values = result.values.data();
  parallel_for(rows, 8, threads, cancel, [&](size_t first, size_t last) {
    std::vector<double> row(rows);
    for (size_t i = first; i < last; ++i) {
      conditional_affinities(squared_distances, rows, i, perplexity, metric, row);
      for (size_t j = 0; j < rows; ++j) values[i * padded + j] = static_cast<float>(row[j]);
    }
  });
  // Symmetric in place, tile by tile; each pair belongs to one chunk.
  const float half = static_cast<float>(0.5 / static_cast<double>(rows));
  parallel_for(rows, kTile, threads, cancel, [&](size_t first, size_t last) {
    for (size_t tile = 0; tile < last; tile += kTile) {
      for (size_t i = first; i < last; ++i) {
        for (size_t j = tile; j < std::min(tile + kTile, i); ++j) {
          float& below = values[i * padded + j];
          float& above = values[j * padded + i];
          below = above = (below + above) * half;
        }
      }
    }
  });
  return result;
}

}  // namespace llmap
