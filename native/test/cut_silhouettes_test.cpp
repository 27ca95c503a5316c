// Silhouettes of all cuts of a tree against their definition.
#include "cut_silhouettes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "check.h"
#include "linkage.h"

namespace {

using namespace llmap;
using test::Random;
using Values = std::vector<double>;

Values random_squared_distances(size_t rows, uint64_t seed) {
  const Values points = Random(seed).uniforms(rows * 3, 0, 1);
  Values squares(rows * rows);
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < rows; ++j) {
      for (size_t d = 0; d < 3; ++d) squares[i * rows + j] += std::pow(points[3 * i + d] - points[3 * j + d], 2);
    }
  }
  return squares;
}

std::vector<int32_t> pairs_of(const std::vector<Merge>& merges) {
  std::vector<int32_t> pairs;
  for (const Merge& merge : merges) pairs.insert(pairs.end(), {merge.a, merge.b});
  return pairs;
}

// One number for each point; which ones does not matter.
std::vector<size_t> cut(const std::vector<int32_t>& pairs, size_t rows, size_t clusters) {
  std::vector<size_t> cluster(rows);
  std::iota(cluster.begin(), cluster.end(), size_t{0});
  for (size_t i = 0; i < rows - clusters; ++i) {
    std::replace(cluster.begin(), cluster.end(), static_cast<size_t>(pairs[2 * i]), rows + i);
    std::replace(cluster.begin(), cluster.end(), static_cast<size_t>(pairs[2 * i + 1]), rows + i);
  }
  return cluster;
}

double by_definition(const Values& squares, const std::vector<size_t>& cluster, double cap) {
  const size_t rows = cluster.size();
  double total = 0;
  for (size_t i = 0; i < rows; ++i) {
    const auto mean_distance = [&](size_t to) {
      double sum = 0;
      double count = 0;
      for (size_t j = 0; j < rows; ++j) {
        if (j == i || cluster[j] != to) continue;
        sum += std::min(cap, std::sqrt(squares[i * rows + j]));
        ++count;
      }
      return count == 0 ? -1 : sum / count;
    };
    const double a = mean_distance(cluster[i]);
    if (a < 0) continue;
    double b = std::numeric_limits<double>::infinity();
    for (const size_t other : cluster) {
      if (other != cluster[i]) b = std::min(b, mean_distance(other));
    }
    total += (b - a) / std::max(a, b);
  }
  return total / static_cast<double>(rows);
}

}  // namespace

TEST(cut_silhouettes_equal_their_definition) {
  for (const size_t rows : {size_t{2}, size_t{5}, size_t{90}}) {
    const Values squares = random_squared_distances(rows, rows);
    const auto pairs = pairs_of(linkage(squares, rows, LinkageMethod::average, true, nullptr));
    for (const double cap : {0.5, 10.0}) {
      for (const size_t most : {size_t{2}, rows}) {
        const Values means = cut_silhouettes(squares, rows, pairs, most, cap, 2, nullptr);
        CHECK(means.size() == most - 1);
        for (size_t clusters = 2; clusters <= most; ++clusters) {
          CHECK_NEAR(means[clusters - 2], by_definition(squares, cut(pairs, rows, clusters), cap), 1e-12);
        }
      }
    }
  }
}

TEST(cut_silhouettes_do_not_depend_on_the_threads) {
  constexpr size_t kRows = 300;
  const Values squares = random_squared_distances(kRows, 1);
  const auto pairs = pairs_of(linkage(squares, kRows, LinkageMethod::ward, true, nullptr));
  CHECK(cut_silhouettes(squares, kRows, pairs, 40, 0.8, 1, nullptr) ==
        cut_silhouettes(squares, kRows, pairs, 40, 0.8, 3, nullptr));
}

TEST(median_reach_is_not_moved_by_a_point_far_off) {
  // Squared distances of 0, 1, 2, 3, 4 and 100 on a line: ranks 3 of 0 to 4.
  const Values at = {0, 1, 2, 3, 4, 100};
  Values squares;
  for (const double x : at) {
    for (const double y : at) squares.push_back((x - y) * (x - y));
  }
  CHECK_NEAR(median_reach(squares, 6, 0.9, 2, nullptr), 9, 0);  // the reaches are 4, 3, 2, 3, 4 and 99
  CHECK_NEAR(median_reach(squares, 6, 0, 1, nullptr), 1, 0);
  CHECK_NEAR(median_reach(Values{0, 4, 4, 0}, 2, 1, 1, nullptr), 4, 0);
}

TEST(cut_silhouettes_refuse_what_they_cannot_use) {
  const std::vector<int32_t> pairs = {0, 1, 2, 3};
  for (const double bad : {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS(ErrorCode::numeric, "in row 1 of the squared distances",
                 cut_silhouettes(Values{0, 1, 1, 1, 0, bad, 1, 1, 0}, 3, pairs, 2, 1, 1, nullptr));
  }
  uint8_t flag = 1;
  const CancelFlag cancel(flag);
  CHECK_THROWS(ErrorCode::aborted, "Aborted", cut_silhouettes(Values(9), 3, pairs, 2, 1, 1, &cancel));
}
