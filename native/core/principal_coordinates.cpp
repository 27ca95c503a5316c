#include "principal_coordinates.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "blas.h"
#include "double_centring.h"
#include "symmetric_eigen.h"

namespace llmap {

namespace {

// -1/2 J D J, made symmetric to the bit.
std::vector<double> gram_matrix(std::span<const double> squared_distances, size_t rows, int threads,
                                const CancelFlag* cancel) {
  std::vector<double> gram(squared_distances.size());
  double_centre(squared_distances, rows, rows, {}, gram, threads, cancel);
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

// +1 or -1, so that the first entry of (nearly) largest magnitude becomes positive.
double sign_of(std::span<const double> vector) {
  double largest = 0;
  for (const double value : vector) largest = std::max(largest, std::abs(value));
  const auto first =
      std::find_if(vector.begin(), vector.end(), [&](double value) { return std::abs(value) >= (1 - 1e-9) * largest; });
  return *first < 0 ? -1 : 1;
}

}  // namespace

PrincipalCoordinates principal_coordinates(std::span<const double> squared_distances, size_t rows, size_t components,
                                           int threads, const CancelFlag* cancel) {
  std::vector<double> gram = gram_matrix(squared_distances, rows, threads, cancel);
  const BlasSession session(threads);
  throw_if_cancelled(cancel);
  const SymmetricEigen eigen = symmetric_eigen(gram, rows, components);

  const double largest = eigen.values.front();
  const double noise = static_cast<double>(rows) * std::numeric_limits<double>::epsilon() * largest;
  PrincipalCoordinates result{std::vector<double>(rows * components, 0.0),
                              {eigen.values.begin(), eigen.values.begin() + static_cast<std::ptrdiff_t>(components)},
                              0.0};
  for (const double value : eigen.values) {
    if (value > noise) result.positive_sum += value;
  }
  for (size_t c = 0; c < components; ++c) {
    if (!(eigen.values[c] > noise)) continue;
    const std::span<const double> vector(eigen.vectors.data() + c * rows, rows);
    const double scale = sign_of(vector) * std::sqrt(eigen.values[c]);
    for (size_t i = 0; i < rows; ++i) result.coordinates[i * components + c] = scale * vector[i];
  }
  return result;
}

}  // namespace llmap
