// Principal components, and leading eigenvectors by Lanczos against LAPACK's.
#include "principal_components.h"

#include <algorithm>

#include "blas.h"
#include "check.h"
#include "leading_eigen.h"
#include "principal_coordinates.h"
#include "squared_distances.h"
#include "symmetric_eigen.h"

namespace {

using namespace llmap;
using test::Random;
using Values = std::vector<double>;

// A A^T for a random A: size x rank plus noise.
Values positive_matrix(size_t size, size_t rank, double noise, uint64_t seed) {
  Random random(seed);
  Values factor = random.uniforms(size * (rank + size), -noise, noise);
  for (size_t i = 0; i < size; ++i) {
    for (size_t r = 0; r < rank; ++r)
      factor[i * (rank + size) + r] = random.uniform(-1, 1) / static_cast<double>(r + 1);
  }
  Values gram(size * size);
  const MatrixView view{factor.data(), size, rank + size, rank + size};
  multiply_by_transposed(view, view, 0, gram.data(), size);
  return gram;
}

double largest_difference(const Values& a, const Values& b) {
  CHECK(a.size() == b.size());
  double worst = 0;
  for (size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

SymmetricOperator operator_of(const Values& matrix, size_t size) {
  return [&matrix, size](std::span<const double> in, size_t count, std::span<double> out) {
    apply_symmetric(matrix, size, in, count, out, 2, nullptr);
  };
}

}  // namespace

TEST(leading_eigen_equals_lapack) {
  const BlasSession session;
  const size_t size = 300;
  for (const double noise : {0.0, 0.02, 0.5}) {
    Values matrix = positive_matrix(size, 6, noise, 31);
    const auto found = leading_eigen(operator_of(matrix, size), size, 3, kMostMatrixSteps, nullptr);
    CHECK(found.has_value());
    if (!found) continue;
    const Values kept = matrix;
    const SymmetricEigen expected = symmetric_eigen(matrix, size, 3);
    for (size_t c = 0; c < 3; ++c) CHECK_NEAR(found->values[c], expected.values[c], 1e-12 * expected.values[0]);
    const Values a = scaled_coordinates(*found, size, 3);
    const Values b = scaled_coordinates(expected, size, 3);
    CHECK(largest_difference(a, b) < 1e-7 * std::sqrt(expected.values[0]));
    // Residuals as promised.
    Values image(3 * size);
    apply_symmetric(kept, size, found->vectors, 3, image, 1, nullptr);
    for (size_t c = 0; c < 3; ++c) {
      double residual = 0;
      for (size_t i = 0; i < size; ++i) {
        const double r = image[c * size + i] - found->values[c] * found->vectors[c * size + i];
        residual += r * r;
      }
      CHECK(std::sqrt(residual) <= 1.01e-10 * std::max(found->values[c], 1e-3 * found->values[0]));
    }
  }
}

TEST(leading_eigen_gives_up) {
  const BlasSession session;
  const Values matrix = positive_matrix(300, 0, 1, 32);
  CHECK(!leading_eigen(operator_of(matrix, 300), 300, 2, 3, nullptr).has_value());
  CHECK(!leading_eigen(operator_of(matrix, 20), 20, 2, 100, nullptr).has_value());
  const Values zero(300 * 300, 0.0);
  const auto nothing = leading_eigen(operator_of(zero, 300), 300, 2, 10, nullptr);
  CHECK(nothing && nothing->values == Values(2, 0.0));
  uint8_t byte = 1;
  const CancelFlag flag(byte);
  CHECK_THROWS(ErrorCode::aborted, "", leading_eigen(operator_of(matrix, 300), 300, 2, 10, &flag));
}

TEST(principal_components_equal_principal_coordinates_of_distances) {
  Random random(33);
  // Small (LAPACK), wide and tall with leading traits (Lanczos without the Gram matrix), and without any (Gram matrix).
  struct Case {
    size_t rows;
    size_t columns;
    double noise;
  };
  for (const auto& [rows, columns, noise] :
       {Case{40, 90, 1}, Case{90, 40, 1}, Case{300, 700, 0.1}, Case{700, 300, 0.1}, Case{260, 300, 100}}) {
    Values matrix = random.uniforms(rows * columns, -noise, noise);
    const Values traits = random.uniforms(rows * 2, -3, 3);
    const Values loads = random.uniforms(columns * 2, -1, 1);
    for (size_t i = 0; i < rows; ++i) {
      for (size_t s = 0; s < columns; ++s) {
        matrix[i * columns + s] += -500 + traits[2 * i] * loads[2 * s] + 0.5 * traits[2 * i + 1] * loads[2 * s + 1];
      }
    }
    Values distances(rows * rows);
    squared_distances<double>(matrix, rows, columns, 1, distances, 2, nullptr);
    const PrincipalCoordinates expected = principal_coordinates(distances, rows, 2, false, 2, nullptr);
    const PrincipalCoordinates declared = principal_coordinates(distances, rows, 2, true, 2, nullptr);
    const PrincipalComponents found = principal_components<double>(matrix, rows, columns, 2, 2, nullptr);
    const double scale = std::sqrt(expected.eigenvalues[0]);
    // Distances are exact to about 1e-16 of the squared norms, which are large against them here.
    CHECK(largest_difference(found.scores, expected.coordinates) < 1e-6 * scale);
    CHECK(largest_difference(declared.coordinates, expected.coordinates) < 1e-6 * scale);
    for (size_t c = 0; c < 2; ++c) {
      CHECK_NEAR(found.eigenvalues[c], expected.eigenvalues[c], 1e-9 * expected.eigenvalues[0]);
      CHECK_NEAR(declared.eigenvalues[c], expected.eigenvalues[c], 1e-11 * expected.eigenvalues[0]);
    }
    CHECK_NEAR(found.total, expected.positive_sum, 1e-8 * expected.positive_sum);
    CHECK_NEAR(declared.positive_sum, expected.positive_sum, 1e-8 * expected.positive_sum);
  }
}

TEST(principal_components_errors) {
  Values matrix(12, 1.0);
  matrix[9] = std::nan("");
  CHECK_THROWS(ErrorCode::numeric, "row 2 of the matrix but found NaN",
               principal_components<double>(matrix, 3, 4, 1, 1, nullptr));
  matrix[9] = 1;
  const PrincipalComponents nothing = principal_components<double>(matrix, 3, 4, 2, 1, nullptr);
  CHECK(nothing.scores == Values(6, 0.0) && nothing.total == 0);
  uint8_t byte = 1;
  const CancelFlag flag(byte);
  CHECK_THROWS(ErrorCode::aborted, "", principal_components<double>(matrix, 3, 4, 1, 1, &flag));
}
