// Quantile, clip, double centring, squared distances and principal coordinates against plain formulas and their
// properties.
#include <algorithm>
#include <numeric>

#include "check.h"
#include "clip.h"
#include "double_centring.h"
#include "principal_coordinates.h"
#include "quantile.h"
#include "squared_distances.h"

namespace {

using namespace llmap;
using test::Random;
using Values = std::vector<double>;
constexpr double kNoClip = -std::numeric_limits<double>::infinity();

double sorted_quantile(Values values, double q) {
  std::sort(values.begin(), values.end());
  const double rank = q * static_cast<double>(values.size() - 1);
  const auto low = static_cast<size_t>(std::floor(rank));
  const size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (rank - std::floor(rank)) * (values[high] - values[low]);
}

Values distances_of(const Values& matrix, size_t rows, size_t columns, int threads = 2) {
  Values out(rows * rows, -1.0);
  squared_distances<double>(matrix, rows, columns, 1, out, threads, nullptr);
  return out;
}

double plain_distance(const Values& matrix, size_t columns, size_t i, size_t j) {
  long double sum = 0;
  for (size_t s = 0; s < columns; ++s) {
    const long double difference = static_cast<long double>(matrix[i * columns + s]) - matrix[j * columns + s];
    sum += difference * difference;
  }
  return static_cast<double>(sum);
}

}  // namespace

TEST(quantile_equals_sorting) {
  Random random(1);
  for (const size_t size : {size_t{1}, size_t{2}, size_t{3}, size_t{10}, size_t{101}, size_t{5000}, size_t{600'000}}) {
    Values values = random.uniforms(size, -2000, 5);
    for (size_t i = 0; i < size; i += 7) values[i] = -100;  // ties
    for (const double q : {0.0, 0.02, 0.25, 0.5, 0.77, 0.999, 1.0}) {
      const double expected = sorted_quantile(values, q);
      CHECK_NEAR(quantile<double>(values, q, 2, nullptr), expected, 1e-12 * (1 + std::abs(expected)));
    }
  }
}

TEST(quantile_special_values) {
  CHECK(quantile<double>(Values{-0.0, 0.0, 0.0, -0.0}, 0.5, 1, nullptr) == 0);
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(quantile<double>(Values{-infinity, -infinity, 1, 2, 3}, 0.1, 1, nullptr) == -infinity);
  CHECK(quantile<double>(Values{1, 2, 3, infinity}, 1, 1, nullptr) == infinity);
  CHECK_THROWS(ErrorCode::numeric, "NaN at position 2",
               quantile<double>(Values{1, 2, std::nan(""), 3}, 0.5, 1, nullptr));
  CHECK_THROWS(ErrorCode::argument, "at least one", quantile<double>(Values{}, 0.5, 1, nullptr));
}

TEST(clip_raises_and_counts) {
  Values values = {-5, -3, -4, 0, -3.0000001};
  CHECK(clip<double>(values, -3, 2, nullptr) == 3);
  CHECK((values == Values{-3, -3, -3, 0, -3}));
  Random random(2);
  Values many = random.uniforms(700'000, 0, 1);
  const auto expected = static_cast<size_t>(std::count_if(many.begin(), many.end(), [](double x) { return x < 0.25; }));
  CHECK(clip<double>(many, 0.25, 3, nullptr) == expected);
  CHECK(*std::min_element(many.begin(), many.end()) == 0.25);
}

TEST(double_centring_formula) {
  Random random(3);
  const size_t rows = 131;  // more than two blocks
  const size_t columns = 77;
  const Values matrix = random.uniforms(rows * columns, -900, -100);
  const Values weights = random.uniforms(columns, 0, 3);
  for (const bool weighted : {false, true}) {
    Values out(matrix.size());
    const std::span<const double> given = weighted ? std::span<const double>(weights) : std::span<const double>();
    const Centring means = double_centre<double>(matrix, rows, columns, given, kNoClip, out, 2, nullptr);
    for (size_t s = 0; s < columns; ++s) {
      long double column_mean = 0;
      for (size_t i = 0; i < rows; ++i) {
        long double sum = 0;
        long double total = 0;
        for (size_t k = 0; k < columns; ++k) {
          sum += (weighted ? weights[k] : 1.0) * static_cast<long double>(matrix[i * columns + k]);
          total += weighted ? weights[k] : 1.0;
        }
        CHECK_NEAR(means.row_means[i], static_cast<double>(sum / total), 1e-10);
        column_mean += matrix[i * columns + s] - sum / total;
        if (i + 1 == rows) column_mean /= rows;
      }
      CHECK_NEAR(means.column_means[s], static_cast<double>(column_mean), 1e-10);
      const double q = matrix[5 * columns + s] - means.row_means[5] - means.column_means[s];
      CHECK_NEAR(out[5 * columns + s], q, 1e-10);
    }
  }
}

TEST(double_centring_in_place_and_threads) {
  Random random(4);
  const size_t rows = 200;
  const size_t columns = 5001;
  const Values matrix = random.uniforms(rows * columns, -900, -100);
  Values one(matrix.size());
  double_centre<double>(matrix, rows, columns, {}, kNoClip, one, 1, nullptr);
  Values in_place = matrix;
  double_centre<double>(in_place, rows, columns, {}, kNoClip, in_place, 4, nullptr);
  CHECK(one == in_place);
}

TEST(double_centring_errors) {
  Values matrix(12, 1.0);
  const auto centre = [&](const Values& weights) {
    double_centre<double>(matrix, 3, 4, weights, kNoClip, matrix, 1, nullptr);
  };
  CHECK_THROWS(ErrorCode::argument, "non-negative weights but received -1", centre({1, -1, 1, 1}));
  CHECK_THROWS(ErrorCode::argument, "at least one positive weight", centre({0, 0, 0, 0}));
  matrix[6] = std::nan("");
  CHECK_THROWS(ErrorCode::numeric, "row 1 of the matrix but found NaN in column 2", centre({}));
  matrix[6] = -std::numeric_limits<double>::infinity();
  CHECK_THROWS(ErrorCode::numeric, "row 1 of the matrix but found an infinity in column 2", centre({}));
}

TEST(squared_distances_formula) {
  Random random(5);
  for (const size_t rows : {size_t{1}, size_t{2}, size_t{3}, size_t{127}, size_t{129}, size_t{300}}) {
    const size_t columns = 97;
    const Values matrix = random.uniforms(rows * columns, -50, 50);
    const Values distances = distances_of(matrix, rows, columns);
    for (size_t i = 0; i < rows; ++i) {
      CHECK(distances[i * rows + i] == 0);
      for (size_t j = 0; j < i; ++j) {
        const double expected = plain_distance(matrix, columns, i, j);
        CHECK(distances[i * rows + j] == distances[j * rows + i]);
        CHECK_NEAR(distances[i * rows + j], expected, 1e-12 * expected);
      }
    }
    CHECK(distances == distances_of(matrix, rows, columns, 1));
  }
}

TEST(squared_distances_of_close_rows) {
  Random random(6);
  const size_t columns = 1000;
  const Values row = random.uniforms(columns, -50, 50);
  // Identical rows in one tile and in different ones, and rows that differ by 1e-9 of their length.
  const size_t rows = 260;
  Values matrix;
  for (size_t i = 0; i < rows; ++i) {
    matrix.insert(matrix.end(), row.begin(), row.end());
    if (i % 2 == 1) matrix[i * columns + i] += 1e-6;
  }
  const Values distances = distances_of(matrix, rows, columns);
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < rows; ++j) {
      const double expected = plain_distance(matrix, columns, i, j);
      CHECK_NEAR(distances[i * rows + j], expected, 1e-14 * expected);
      if (i % 2 == 0 && j % 2 == 0) CHECK(distances[i * rows + j] == 0);
    }
  }
}

TEST(squared_distances_errors) {
  Values matrix(12, 1.0);
  matrix[9] = std::nan("");
  CHECK_THROWS(ErrorCode::numeric, "row 2 of the matrix but found NaN", distances_of(matrix, 3, 4));
  matrix[9] = 1e200;
  CHECK_THROWS(ErrorCode::numeric, "row 2", distances_of(matrix, 3, 4));
}

TEST(principal_coordinates_rebuild_the_distances) {
  Random random(7);
  for (const size_t rows : {size_t{1}, size_t{2}, size_t{3}, size_t{10}, size_t{60}}) {
    const size_t columns = 8;
    const Values distances = distances_of(random.uniforms(rows * columns, -1, 1), rows, columns);
    const PrincipalCoordinates all = principal_coordinates(distances, rows, rows, false, 2, nullptr);
    for (size_t i = 0; i < rows; ++i) {
      for (size_t j = 0; j < rows; ++j) {
        CHECK_NEAR(plain_distance(all.coordinates, rows, i, j), distances[i * rows + j], 1e-12);
      }
    }
    CHECK(std::is_sorted(all.eigenvalues.rbegin(), all.eigenvalues.rend()));
    // Torgerson: the trace of the Gram matrix is the mean squared distance times K/2.
    const double trace = std::accumulate(distances.begin(), distances.end(), 0.0) / (2.0 * static_cast<double>(rows));
    CHECK_NEAR(all.positive_sum, trace, 1e-12 * (1 + trace));
    // Fewer components are the first of all of them.
    const size_t components = std::min<size_t>(2, rows);
    const PrincipalCoordinates few = principal_coordinates(distances, rows, components, false, 1, nullptr);
    for (size_t i = 0; i < rows; ++i) {
      for (size_t c = 0; c < components; ++c) {
        CHECK_NEAR(few.coordinates[i * components + c], all.coordinates[i * rows + c], 1e-10);
      }
    }
  }
}

TEST(principal_coordinates_known_answers) {
  // Three points on a line at 0, 1 and 4 (centre 5/3): the axis, and nothing in the second component.
  const Values line = {0, 1, 16, 1, 0, 9, 16, 9, 0};
  const PrincipalCoordinates axis = principal_coordinates(line, 3, 3, false, 1, nullptr);
  CHECK_NEAR(axis.coordinates[0], -5.0 / 3, 1e-14);
  CHECK_NEAR(axis.coordinates[3], -2.0 / 3, 1e-14);
  CHECK_NEAR(axis.coordinates[6], 7.0 / 3, 1e-14);
  for (size_t i = 0; i < 3; ++i) CHECK(axis.coordinates[i * 3 + 1] == 0 && axis.coordinates[i * 3 + 2] == 0);
  // Two points: the first of the equal magnitudes is positive.
  const PrincipalCoordinates pair = principal_coordinates(Values{0, 4, 4, 0}, 2, 1, false, 1, nullptr);
  CHECK_NEAR(pair.coordinates[0], 1, 1e-15);
  CHECK_NEAR(pair.coordinates[1], -1, 1e-15);
  // All points equal.
  const PrincipalCoordinates nothing = principal_coordinates(Values(25, 0.0), 5, 5, false, 1, nullptr);
  CHECK(nothing.coordinates == Values(25, 0.0));
  CHECK(nothing.positive_sum == 0);
  // Distances that no points have (triangle inequality broken): the negative eigenvalue is reported, its axis is zero.
  const PrincipalCoordinates broken =
      principal_coordinates(Values{0, 1, 1, 1, 0, 100, 1, 100, 0}, 3, 3, false, 1, nullptr);
  CHECK(broken.eigenvalues[2] < -1);
  for (size_t i = 0; i < 3; ++i) CHECK(broken.coordinates[i * 3 + 2] == 0);
}

TEST(principal_coordinates_errors) {
  CHECK_THROWS(ErrorCode::numeric, "row 0",
               principal_coordinates(Values{0, std::nan(""), 1, 0}, 2, 1, false, 1, nullptr));
}

TEST(matrix_functions_can_be_cancelled) {
  uint8_t byte = 1;
  const CancelFlag flag(byte);
  Values matrix(100, 1.0);
  Values out(100);
  CHECK_THROWS(ErrorCode::aborted, "", quantile<double>(matrix, 0.5, 1, &flag));
  CHECK_THROWS(ErrorCode::aborted, "", clip<double>(matrix, 0.5, 1, &flag));
  CHECK_THROWS(ErrorCode::aborted, "", double_centre<double>(matrix, 10, 10, {}, kNoClip, out, 1, &flag));
  CHECK_THROWS(ErrorCode::aborted, "", squared_distances<double>(matrix, 10, 10, 1, out, 1, &flag));
  CHECK_THROWS(ErrorCode::aborted, "", principal_coordinates(matrix, 10, 2, false, 1, &flag));
}
