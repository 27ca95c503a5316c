#include "principal_coordinates.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "blas.h"
#include "double_centring.h"
#include "error.h"
#include "leading_eigen.h"
#include "parallel.h"

namespace llmap {

namespace {

// -1/2 J D J, made symmetric to the bit.
std::vector<double> gram_matrix(std::span<const double> squared_distances, size_t rows, int threads,
                                const CancelFlag* cancel) {
  std::vector<double> gram(squared_distances.size());
  constexpr double kNoClip = -std::numeric_limits<double>::infinity();
  double_centre<double>(squared_distances, rows, rows, {}, kNoClip, gram, threads, cancel);
  for (size_t i = 0; i < rows; ++i) {
    gram[i * rows + i] *= -0.5;
    for (size_t j = 0; j < i; ++j) {
      const double value = -0.25 * (gram[i * rows + j] + gram[j * rows + i]);
      gram[i * rows + j] = value;
      gram[j * rows + i] = value;
    }
  }
  return gram;
}

// Takes its mean off each of `count` vectors, and multiplies them.
void centre(double* vectors, size_t size, size_t count, double factor) {
  for (size_t v = 0; v < count; ++v) {
    double* vector = vectors + v * size;
    const double mean = std::accumulate(vector, vector + size, 0.0) / static_cast<double>(size);
    for (size_t i = 0; i < size; ++i) vector[i] = factor * (vector[i] - mean);
  }
}

// The sum of all distances, row by row. Throws RowError for what is not finite.
double sum_of_rows(std::span<const double> distances, size_t rows, int threads, const CancelFlag* cancel) {
  std::vector<double> sums(rows);
  parallel_for(rows, 64, threads, cancel, [&](size_t first, size_t last) {
    for (size_t i = first; i < last; ++i) {
      const double* row = distances.data() + i * rows;
      sums[i] = std::accumulate(row, row + rows, 0.0);
      if (std::isfinite(sums[i])) continue;
      throw RowError("the matrix", i, std::isnan(sums[i]) ? "NaN" : "an infinity, or values whose sum overflows");
    }
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

std::optional<SymmetricEigen> leading(std::span<const double> distances, size_t rows, size_t components, int threads,
                                      const CancelFlag* cancel) {
  // B x = -1/2 J D (J x), so that B needs no memory.
  const auto apply = [&](std::span<const double> in, size_t count, std::span<double> out) {
    std::vector<double> centred(in.begin(), in.end());
    centre(centred.data(), rows, count, 1);
    apply_symmetric(distances, rows, centred, count, out, threads, cancel);
    centre(out.data(), rows, count, -0.5);
  };
  return leading_eigen(apply, rows, components, kMostMatrixSteps, cancel);
}

// +1 or -1, so that the first entry of (nearly) largest magnitude becomes positive.
double sign_of(std::span<const double> vector) {
  double largest = 0;
  for (const double value : vector) largest = std::max(largest, std::abs(value));
  const auto first =
      std::find_if(vector.begin(), vector.end(), [&](double value) { return std::abs(value) >= (1 - 1e-9) * largest; });
  return *first < 0 ? -1 : 1;
}

double noise_of(double largest, size_t size) {
  return static_cast<double>(size) * std::numeric_limits<double>::epsilon() * largest;
}

}  // namespace

std::vector<double> scaled_coordinates(const SymmetricEigen& eigen, size_t size, size_t components) {
  std::vector<double> coordinates(size * components, 0.0);
  const double noise = noise_of(eigen.values.front(), size);
  for (size_t c = 0; c < components; ++c) {
    if (!(eigen.values[c] > noise)) continue;
    const std::span<const double> vector(eigen.vectors.data() + c * size, size);
    const double scale = sign_of(vector) * std::sqrt(eigen.values[c]);
    for (size_t i = 0; i < size; ++i) coordinates[i * components + c] = scale * vector[i];
  }
  return coordinates;
}

PrincipalCoordinates principal_coordinates(std::span<const double> squared_distances, size_t rows, size_t components,
                                           bool euclidean, int threads, const CancelFlag* cancel) {
  const auto first_of = [&](const std::vector<double>& values) {
    return std::vector<double>(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(components));
  };
  if (euclidean) {
    const double sum = sum_of_rows(squared_distances, rows, threads, cancel);
    const BlasSession session;
    if (const auto eigen = leading(squared_distances, rows, components, threads, cancel)) {
      return {scaled_coordinates(*eigen, rows, components), first_of(eigen->values),
              sum / (2.0 * static_cast<double>(rows))};
    }
  }
  std::vector<double> gram = gram_matrix(squared_distances, rows, threads, cancel);
  const BlasSession session;
  throw_if_cancelled(cancel);
  const SymmetricEigen eigen = symmetric_eigen(gram, rows, components);
  PrincipalCoordinates result{scaled_coordinates(eigen, rows, components), first_of(eigen.values), 0.0};
  const double noise = noise_of(eigen.values.front(), rows);
  for (const double value : eigen.values) {
    if (value > noise) result.positive_sum += value;
  }
  return result;
}

}  // namespace llmap
