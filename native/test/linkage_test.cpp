// Linkage against its definition, and properties of the tree.
#include "linkage.h"

#include <algorithm>
#include <numeric>

#include "check.h"

namespace {

using namespace llmap;
using test::Random;
using Values = std::vector<double>;

constexpr LinkageMethod kMethods[] = {LinkageMethod::average, LinkageMethod::complete, LinkageMethod::ward};

// Euclidean distances of random points in three dimensions.
Values random_distances(size_t rows, uint64_t seed, Values* points_out = nullptr) {
  const Values points = Random(seed).uniforms(rows * 3, 0, 1);
  Values distances(rows * rows);
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < rows; ++j) {
      distances[i * rows + j] = std::hypot(points[3 * i] - points[3 * j], points[3 * i + 1] - points[3 * j + 1],
                                           points[3 * i + 2] - points[3 * j + 2]);
    }
  }
  if (points_out != nullptr) *points_out = points;
  return distances;
}

// The height at which two clusters join, from their points alone. Ward's is sqrt(2 n m / (n + m)) times the distance of
// the centroids.
double height_by_definition(const std::vector<size_t>& a, const std::vector<size_t>& b, const Values& distances,
                            const Values& points, LinkageMethod method) {
  const size_t rows = points.size() / 3;
  const auto n = static_cast<double>(a.size());
  const auto m = static_cast<double>(b.size());
  if (method == LinkageMethod::ward) {
    double square = 0;
    for (size_t d = 0; d < 3; ++d) {
      double difference = 0;
      for (const size_t p : a) difference += points[3 * p + d] / n;
      for (const size_t p : b) difference -= points[3 * p + d] / m;
      square += difference * difference;
    }
    return std::sqrt(2 * n * m / (n + m) * square);
  }
  double sum = 0;
  double largest = 0;
  for (const size_t p : a) {
    for (const size_t q : b) {
      sum += distances[p * rows + q];
      largest = std::max(largest, distances[p * rows + q]);
    }
  }
  return method == LinkageMethod::complete ? largest : sum / (n * m);
}

std::vector<std::vector<size_t>> members_of(const std::vector<Merge>& merges, size_t rows) {
  std::vector<std::vector<size_t>> members(rows);
  for (size_t i = 0; i < rows; ++i) members[i] = {i};
  for (const Merge& merge : merges) {
    std::vector<size_t> joined = members[static_cast<size_t>(merge.a)];
    const auto& other = members[static_cast<size_t>(merge.b)];
    joined.insert(joined.end(), other.begin(), other.end());
    std::sort(joined.begin(), joined.end());
    members.push_back(joined);
  }
  return members;
}

}  // namespace

TEST(linkage_equals_its_definition) {
  for (const LinkageMethod method : kMethods) {
    for (const size_t rows : {size_t{2}, size_t{3}, size_t{7}, size_t{40}}) {
      Values points;
      const Values distances = random_distances(rows, rows, &points);
      std::vector<std::vector<size_t>> clusters(rows);
      for (size_t i = 0; i < rows; ++i) clusters[i] = {i};
      const std::vector<Merge> merges = linkage(distances, rows, method, false, nullptr);
      const auto members = members_of(merges, rows);
      CHECK(merges.size() == rows - 1);
      for (size_t step = 0; step < merges.size(); ++step) {
        double least = std::numeric_limits<double>::infinity();
        size_t x = 0;
        size_t y = 1;
        for (size_t i = 0; i < clusters.size(); ++i) {
          for (size_t j = i + 1; j < clusters.size(); ++j) {
            const double height = height_by_definition(clusters[i], clusters[j], distances, points, method);
            if (height < least) {
              least = height;
              x = i;
              y = j;
            }
          }
        }
        clusters[x].insert(clusters[x].end(), clusters[y].begin(), clusters[y].end());
        std::sort(clusters[x].begin(), clusters[x].end());
        CHECK(members[rows + step] == clusters[x]);
        CHECK(static_cast<size_t>(merges[step].size) == clusters[x].size());
        CHECK(merges[step].a < merges[step].b);
        CHECK_NEAR(merges[step].height, least, 1e-12);
        clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(y));
      }
    }
  }
}

TEST(linkage_heights_are_ultrametric) {
  const size_t rows = 200;
  const Values distances = random_distances(rows, 5);
  for (const LinkageMethod method : kMethods) {
    const std::vector<Merge> merges = linkage(distances, rows, method, false, nullptr);
    const auto height = [&](int32_t cluster) {
      return cluster < static_cast<int32_t>(rows) ? 0.0 : merges[static_cast<size_t>(cluster) - rows].height;
    };
    for (size_t i = 0; i < merges.size(); ++i) {
      CHECK(merges[i].height >= height(merges[i].a) && merges[i].height >= height(merges[i].b));
      if (i > 0) CHECK(merges[i].height >= merges[i - 1].height);
    }
    CHECK(merges.back().size == static_cast<int32_t>(rows));
  }
}

TEST(linkage_follows_a_permutation_of_the_points) {
  const size_t rows = 150;
  const Values distances = random_distances(rows, 6);
  const auto target = [&](size_t i) { return i * 77 % rows; };
  Values permuted(rows * rows);
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < rows; ++j) permuted[target(i) * rows + target(j)] = distances[i * rows + j];
  }
  for (const LinkageMethod method : kMethods) {
    const auto a = linkage(distances, rows, method, false, nullptr);
    const auto b = linkage(permuted, rows, method, false, nullptr);
    const auto members_a = members_of(a, rows);
    const auto members_b = members_of(b, rows);
    for (size_t i = 0; i < a.size(); ++i) {
      CHECK_NEAR(a[i].height, b[i].height, 1e-12);
      std::vector<size_t> moved;
      for (const size_t point : members_a[rows + i]) moved.push_back(target(point));
      std::sort(moved.begin(), moved.end());
      CHECK(moved == members_b[rows + i]);
    }
  }
}

TEST(linkage_of_ties_and_of_coincident_points) {
  for (const LinkageMethod method : kMethods) {
    CHECK(linkage(Values{0}, 1, method, false, nullptr).empty());
    const auto merges = linkage(Values{0, 2, 0, 2, 0, 2, 0, 2, 0}, 3, method, false, nullptr);
    CHECK(merges[0].a == 0 && merges[0].b == 2 && merges[0].height == 0 && merges[0].size == 2);
  }
  const size_t rows = 19;
  Values equal(rows * rows, 1.0);
  for (size_t i = 0; i < rows; ++i) equal[i * rows + i] = 0;
  for (const Merge& merge : linkage(equal, rows, LinkageMethod::average, false, nullptr))
    CHECK_NEAR(merge.height, 1, 1e-15);
}

TEST(linkage_refuses_what_it_cannot_use) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {std::nan(""), infinity, -1.0}) {
    CHECK_THROWS(ErrorCode::numeric, "row 1 of the distances",
                 linkage(Values{0, 1, 1, 1, 0, bad, 1, bad, 0}, 3, LinkageMethod::average, false, nullptr));
  }
  uint8_t byte = 1;
  const CancelFlag cancel(byte);
  CHECK_THROWS(ErrorCode::aborted, "Aborted", linkage(random_distances(5, 1), 5, LinkageMethod::ward, false, &cancel));
}
