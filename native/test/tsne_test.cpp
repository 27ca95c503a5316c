// t-SNE: affinities, gradient and KL against plain formulas in float64, and properties of the map.
#include "tsne.h"

#include <algorithm>

#include "check.h"
#include "squared_distances.h"
#include "tsne_forces.h"

namespace {

using namespace llmap;
using test::Random;
using Values = std::vector<double>;

// Points of `groups` groups in five dimensions, their centres `apart` from each other, as squared distances.
Values grouped_distances(size_t rows, size_t groups, double apart, uint64_t seed) {
  Random random(seed);
  Values points = random.uniforms(rows * 5, -1, 1);
  for (size_t i = 0; i < rows; ++i)
    points[i * 5 + (i % groups) % 5] += apart * static_cast<double>(1 + (i % groups) / 5);
  Values out(rows * rows);
  squared_distances<double>(points, rows, 5, 1, out, 2, nullptr);
  return out;
}

Values random_start(size_t rows, size_t dimensions, double scale, uint64_t seed) {
  return Random(seed).uniforms(rows * dimensions, -scale, scale);
}

double entropy_of(const Values& probabilities) {
  double entropy = 0;
  for (const double p : probabilities) {
    if (p > 0) entropy -= p * std::log(p);
  }
  return entropy;
}

}  // namespace

TEST(tsne_affinities_have_the_perplexity_and_add_up_to_one) {
  const size_t rows = 101;
  const Values distances = grouped_distances(rows, 3, 4, 1);
  for (const TsneMetric metric : {TsneMetric::euclidean, TsneMetric::squared_euclidean}) {
    for (const double perplexity : {1.5, 5.0, 30.0}) {
      Values row(rows);
      for (size_t i = 0; i < rows; ++i) {
        conditional_affinities(distances, rows, i, perplexity, metric, row);
        CHECK_NEAR(std::exp(entropy_of(row)), perplexity, 1e-5 * perplexity);
        double sum = 0;
        for (const double p : row) sum += p;
        CHECK_NEAR(sum, 1, 1e-12);
        CHECK(row[i] == 0);
      }
      const TsneAffinities affinities = tsne_affinities(distances, rows, perplexity, metric, 2, nullptr);
      double sum = 0;
      bool symmetric = true;
      for (size_t i = 0; i < rows; ++i) {
        for (size_t j = 0; j < rows; ++j) {
          const float p = affinities.values[i * affinities.padded + j];
          symmetric = symmetric && p == affinities.values[j * affinities.padded + i] && (i != j || p == 0);
          sum += p;
        }
      }
      CHECK(symmetric);
      CHECK_NEAR(sum, 1, 1e-6);
    }
  }
}

TEST(tsne_affinities_do_not_depend_on_the_scale) {
  const size_t rows = 40;
  const Values distances = grouped_distances(rows, 2, 3, 2);
  Values scaled = distances;
  for (double& value : scaled) value *= 1e-7;
  Values a(rows);
  Values b(rows);
  for (size_t i = 0; i < rows; ++i) {
    conditional_affinities(distances, rows, i, 10, TsneMetric::squared_euclidean, a);
    conditional_affinities(scaled, rows, i, 10, TsneMetric::squared_euclidean, b);
    for (size_t j = 0; j < rows; ++j) CHECK_NEAR(a[j], b[j], 1e-8);
  }
}

TEST(tsne_affinities_of_coincident_points) {
  const size_t rows = 30;
  Values distances(rows * rows, 0.0);  // all in one place
  Values row(rows);
  conditional_affinities(distances, rows, 3, 5, TsneMetric::euclidean, row);
  CHECK_NEAR(row[0], 1.0 / 29, 1e-12);
  // Twenty in one place and ten far away: the twenty share the affinities of one of them.
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < rows; ++j) distances[i * rows + j] = (i < 20 && j < 20) || i == j ? 0 : 9;
  }
  conditional_affinities(distances, rows, 3, 5, TsneMetric::euclidean, row);
  CHECK_NEAR(row[0], 1.0 / 19, 1e-12);
  CHECK(row[25] == 0);
}

TEST(tsne_gradient_is_the_slope_of_the_kl) {
  const size_t rows = 37;
  const TsneAffinities affinities =
      tsne_affinities(grouped_distances(rows, 3, 2, 3), rows, 8, TsneMetric::euclidean, 1, nullptr);
  for (const size_t dimensions : {size_t{2}, size_t{3}}) {
    const Values at = random_start(rows, dimensions, 2, 4);
    Values slope(at.size());
    double largest = 0;
    for (size_t k = 0; k < at.size(); ++k) {
      const double h = 1e-5;
      Values moved = at;
      moved[k] = at[k] + h;
      const double above = tsne_kl(affinities, moved, 1, nullptr);
      moved[k] = at[k] - h;
      slope[k] = (above - tsne_kl(affinities, moved, 1, nullptr)) / (2 * h);
      largest = std::max(largest, std::abs(slope[k]));
    }
    for (const SimdLevel simd : available_simd_levels()) {
      const Values gradient = tsne_gradient(affinities, at, 1, 2, simd);
      for (size_t k = 0; k < at.size(); ++k) CHECK_NEAR(gradient[k], slope[k], 1e-5 * largest);
    }
  }
}

TEST(tsne_forces_agree_at_every_level) {
  Random random(5);
  for (const size_t padded : {size_t{16}, size_t{112}, size_t{1600}}) {
    std::vector<float> values(4 * padded);
    for (float& value : values) value = static_cast<float>(random.uniform(-20, 20));
    for (size_t k = 0; k < padded; ++k) values[3 * padded + k] = static_cast<float>(random.uniform(0, 1e-3));
    for (size_t d = 0; d < 3; ++d) values[d * padded + padded - 1] = kTsneFarAway;
    values[4 * padded - 1] = 0;
    const float* const axes[3] = {values.data(), values.data() + padded, values.data() + 2 * padded};
    for (const size_t dimensions : {size_t{2}, size_t{3}}) {
      const TsneForces expected = tsne_forces_scalar(axes, dimensions, padded, values.data() + 3 * padded, 7);
      for (const SimdLevel simd : available_simd_levels()) {
        const TsneForces found = tsne_forces_for(simd)(axes, dimensions, padded, values.data() + 3 * padded, 7);
        CHECK_NEAR(found.z, expected.z, 1e-6 * expected.z);
        for (size_t d = 0; d < dimensions; ++d) {
          CHECK_NEAR(found.attraction[d], expected.attraction[d], 1e-4 * 1e-3 * static_cast<double>(padded));
          CHECK_NEAR(found.repulsion[d], expected.repulsion[d], 1e-6 * expected.z);
        }
      }
    }
  }
}

TEST(tsne_gives_the_same_bits_with_any_number_of_threads) {
  const size_t rows = 83;
  const Values distances = grouped_distances(rows, 4, 3, 6);
  for (const size_t dimensions : {size_t{2}, size_t{3}}) {
    const Values start = random_start(rows, dimensions, 1e-4, 7);
    for (const SimdLevel simd : available_simd_levels()) {
      TsneOptions options{.perplexity = 12, .iterations = 60, .simd = simd};
      const TsneResult expected = tsne(distances, rows, start, options);
      for (const int threads : {2, 3, 5}) {
        options.threads = threads;
        const TsneResult found = tsne(distances, rows, start, options);
        CHECK(found.coordinates == expected.coordinates);
        CHECK(found.kl == expected.kl);
      }
    }
  }
}

TEST(tsne_parts_groups_that_lie_apart) {
  const size_t rows = 90;
  const size_t groups = 3;
  const Values distances = grouped_distances(rows, groups, 12, 8);
  const TsneResult map = tsne(distances, rows, random_start(rows, 2, 1e-4, 9), {.perplexity = 10, .threads = 2});
  const auto distance = [&](size_t i, size_t j) {
    return std::hypot(map.coordinates[2 * i] - map.coordinates[2 * j],
                      map.coordinates[2 * i + 1] - map.coordinates[2 * j + 1]);
  };
  size_t mistaken = 0;
  for (size_t i = 0; i < rows; ++i) {
    size_t nearest = i == 0 ? 1 : 0;
    for (size_t j = 0; j < rows; ++j) {
      if (j != i && distance(i, j) < distance(i, nearest)) nearest = j;
    }
    mistaken += nearest % groups != i % groups;
  }
  CHECK(mistaken == 0);
  CHECK(map.kl > 0 && map.kl < 1);
  CHECK(map.iterations == 1000);
}

TEST(tsne_can_be_cancelled_and_refuses_what_it_cannot_use) {
  const size_t rows = 40;
  Values distances = grouped_distances(rows, 2, 3, 10);
  const Values start = random_start(rows, 2, 1e-4, 11);
  CHECK_THROWS(ErrorCode::argument, "below a third of the 40 rows", tsne(distances, rows, start, {.perplexity = 13.5}));
  CHECK_THROWS(ErrorCode::argument, "at least 1", tsne(distances, rows, start, {.perplexity = 0.5}));
  CHECK_THROWS(ErrorCode::argument, "two or three", tsne(distances, rows, Values(rows), {.perplexity = 5}));
  uint8_t byte = 1;
  const CancelFlag cancel(byte);
  CHECK_THROWS(ErrorCode::aborted, "Aborted",
               tsne(distances, rows, start, {.perplexity = 5, .threads = 2, .cancel = &cancel}));
  distances[3 * rows + 2] = std::nan("");
  CHECK_THROWS(ErrorCode::numeric, "row 3", tsne(distances, rows, start, {.perplexity = 5}));
}

TEST(tsne_tells_its_progress) {
  const size_t rows = 40;
  double share = -1;
  Progress progress(share);
  tsne(grouped_distances(rows, 2, 3, 12), rows, random_start(rows, 3, 1e-4, 13),
       {.perplexity = 5, .iterations = 20, .threads = 2, .progress = &progress});
  CHECK(share == 1);
}
