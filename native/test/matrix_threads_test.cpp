// The matrix functions give the same bits for every number of threads, from float and from double.
#include <algorithm>
#include <cstdint>

#include "check.h"
#include "clip.h"
#include "double_centring.h"
#include "nearest_neighbours.h"
#include "principal_components.h"
#include "principal_coordinates.h"
#include "quantile.h"
#include "squared_distances.h"

namespace {

using namespace llmap;
using test::Random;
using Values = std::vector<double>;
constexpr double kNoClip = -std::numeric_limits<double>::infinity();

// Models with a few traits, so that leading components stand out.
template <typename T>
std::vector<T> models(size_t rows, size_t columns, uint64_t seed) {
  Random random(seed);
  const Values traits = random.uniforms(rows * 3, -1, 1);
  const Values loads = random.uniforms(columns * 3, -1, 1);
  std::vector<T> matrix(rows * columns);
  for (size_t i = 0; i < rows; ++i) {
    for (size_t s = 0; s < columns; ++s) {
      double value = -1000 + random.uniform(-1, 1);
      for (size_t t = 0; t < 3; ++t) value += 30.0 / static_cast<double>(t + 1) * traits[i * 3 + t] * loads[s * 3 + t];
      matrix[i * columns + s] = static_cast<T>(value);
    }
  }
  return matrix;
}

struct Results {
  double quantile;
  Values row_means;
  Values distances;
  Values nearest;
  std::vector<int32_t> nearest_rows;
  Values scores;
  Values coordinates;
  bool operator==(const Results&) const = default;
};

template <typename T>
Results all_results(std::vector<T> matrix, size_t rows, size_t columns, int threads) {
  Results r;
  const std::span<const T> view(matrix);
  r.quantile = quantile(view, 0.02, threads, nullptr);
  r.row_means = double_centre(view, rows, columns, {}, r.quantile, std::span<T>(matrix), threads, nullptr).row_means;
  r.distances.resize(rows * rows);
  squared_distances(view, rows, columns, 0.25, std::span<double>(r.distances), threads, nullptr);
  constexpr size_t kCount = 5;
  r.nearest.assign(rows * kCount, std::numeric_limits<double>::infinity());
  r.nearest_rows.assign(rows * kCount, -1);
  const RowBlock<T> block{view, rows, 0};
  update_nearest(block, block, columns, {r.nearest, r.nearest_rows, kCount}, threads, nullptr);
  r.scores = principal_components(view, rows, columns, 2, threads, nullptr).scores;
  r.coordinates = principal_coordinates(r.distances, rows, 2, true, threads, nullptr).coordinates;
  return r;
}

template <typename T>
void check_threads() {
  const size_t rows = 530;  // three tiles, the last one ragged
  const size_t columns = 611;
  const std::vector<T> matrix = models<T>(rows, columns, 11);
  const Results one = all_results(matrix, rows, columns, 1);
  for (const int threads : {2, 3, 5}) CHECK(all_results(matrix, rows, columns, threads) == one);
}

// The same matrix as float and as double (of the floats) gives distances and scores that agree to rounding in double.
void check_float_against_double() {
  const size_t rows = 290;
  const size_t columns = 1100;
  const std::vector<float> narrow = models<float>(rows, columns, 12);
  const Values wide(narrow.begin(), narrow.end());
  Values a(rows * rows);
  Values b(rows * rows);
  squared_distances(std::span<const float>(narrow), rows, columns, 1, std::span<double>(a), 2, nullptr);
  squared_distances(std::span<const double>(wide), rows, columns, 1, std::span<double>(b), 2, nullptr);
  // The norms are 1e6 times the distances here, so products leave 1e-16 * 1e6.
  for (size_t i = 0; i < a.size(); ++i) CHECK_NEAR(a[i], b[i], 1e-8 * b[i]);
  CHECK(quantile(std::span<const float>(narrow), 0.3, 2, nullptr) ==
        quantile(std::span<const double>(wide), 0.3, 2, nullptr));
}

}  // namespace

TEST(matrix_functions_do_not_depend_on_threads) {
  check_threads<double>();
  check_threads<float>();
}

TEST(matrix_functions_of_floats_sum_in_double) {
  check_float_against_double();
}

TEST(quantile_of_many_ties_and_few_values) {
  // Beyond the size from which a sample is drawn: constant, two values, and a spike inside a wide spread.
  const size_t size = 700'001;
  CHECK(quantile<double>(Values(size, -3.5), 0.02, 2, nullptr) == -3.5);
  Values two(size, 1.0);
  for (size_t i = 0; i < size; i += 3) two[i] = -1;
  CHECK(quantile<double>(two, 0.3, 2, nullptr) == -1);
  CHECK(quantile<double>(two, 0.4, 2, nullptr) == 1);
  Random random(13);
  Values spike = random.uniforms(size, 0, 1);
  for (size_t i = 0; i < size; i += 2) spike[i] = 0.5;
  Values sorted = spike;
  std::sort(sorted.begin(), sorted.end());
  for (const size_t rank : {size_t{0}, size_t{5}, size / 4, size / 2, size - 2, size - 1}) {
    const double q = static_cast<double>(rank) / static_cast<double>(size - 1);
    CHECK_NEAR(quantile<double>(spike, q, 3, nullptr), sorted[rank], 1e-9);
  }
  spike[600'000] = std::nan("");
  CHECK_THROWS(ErrorCode::numeric, "NaN at position 600000", quantile<double>(spike, 0.5, 3, nullptr));
}

TEST(double_centring_clips_first) {
  const std::vector<double> matrix = models<double>(80, 90, 14);
  Values clipped = matrix;
  const size_t below = clip<double>(clipped, -1005, 2, nullptr);
  double_centre<double>(clipped, 80, 90, {}, kNoClip, clipped, 2, nullptr);
  Values fused = matrix;
  CHECK(below > 0);
  CHECK(double_centre<double>(fused, 80, 90, {}, -1005, fused, 2, nullptr).clipped == below);
  CHECK(fused == clipped);
}

TEST(squared_distances_scale) {
  const std::vector<double> matrix = models<double>(270, 40, 15);
  Values plain(270 * 270);
  Values scaled(270 * 270);
  squared_distances<double>(matrix, 270, 40, 1, plain, 2, nullptr);
  squared_distances<double>(matrix, 270, 40, 0.3, scaled, 2, nullptr);
  for (double& value : plain) value *= 0.3;
  CHECK(scaled == plain);
}
