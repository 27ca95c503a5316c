// Nearest neighbours against sorting all distances, whole and in blocks.
#include "nearest_neighbours.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "check.h"
#include "squared_distances.h"

namespace {

using namespace llmap;
using test::Random;
using Values = std::vector<double>;

struct Lists {
  Lists(size_t rows, size_t count)
      : distances(rows * count, std::numeric_limits<double>::infinity()), rows(rows * count, -1), count(count) {}
  NearestLists view() { return {distances, rows, count}; }
  bool operator==(const Lists&) const = default;
  Values distances;
  std::vector<int32_t> rows;
  size_t count;
};

RowBlock<double> block(const Values& matrix, size_t columns, size_t first, size_t rows) {
  return {std::span<const double>(matrix).subspan(first * columns, rows * columns), rows, first};
}

Lists whole(const Values& matrix, size_t rows, size_t columns, size_t count, int threads) {
  Lists lists(rows, count);
  const auto all = block(matrix, columns, 0, rows);
  update_nearest(all, all, columns, lists.view(), threads, nullptr);
  return lists;
}

Lists by_sorting(const Values& matrix, size_t rows, size_t columns, size_t count) {
  Values distances(rows * rows);
  squared_distances<double>(matrix, rows, columns, 1, distances, 2, nullptr);
  Lists lists(rows, count);
  for (size_t i = 0; i < rows; ++i) {
    std::vector<int32_t> order(rows);
    std::iota(order.begin(), order.end(), 0);
    order.erase(order.begin() + static_cast<std::ptrdiff_t>(i));
    const double* row = distances.data() + i * rows;
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return row[a] < row[b]; });
    for (size_t n = 0; n < std::min(count, order.size()); ++n) {
      lists.rows[i * count + n] = order[n];
      lists.distances[i * count + n] = row[order[n]];
    }
  }
  return lists;
}

}  // namespace

TEST(nearest_neighbours_equal_sorting) {
  Random random(21);
  for (const size_t rows : {size_t{2}, size_t{7}, size_t{256}, size_t{600}}) {
    const size_t columns = 19;
    Values matrix = random.uniforms(rows * columns, -1, 1);
    // Many equal rows, so that ties decide.
    for (size_t i = 3; i < rows; i += 3)
      std::copy_n(matrix.begin(), columns, matrix.begin() + static_cast<std::ptrdiff_t>(i * columns));
    for (const size_t count : {size_t{1}, size_t{4}, rows - 1}) {
      const Lists expected = by_sorting(matrix, rows, columns, count);
      for (const int threads : {1, 2, 3, 5}) CHECK(whole(matrix, rows, columns, count, threads) == expected);
    }
  }
}

TEST(nearest_neighbours_in_blocks) {
  Random random(22);
  const size_t rows = 1100;
  const size_t columns = 33;
  const Values matrix = random.uniforms(rows * columns, -1, 1);
  const Lists expected = whole(matrix, rows, columns, 6, 2);
  for (const size_t size : {size_t{256}, size_t{512}}) {
    Lists lists(rows, 6);
    for (size_t i = 0; i < rows; i += size) {
      const auto a = block(matrix, columns, i, std::min(size, rows - i));
      for (size_t j = 0; j <= i; j += size) {
        update_nearest(a, block(matrix, columns, j, std::min(size, rows - j)), columns, lists.view(), 2, nullptr);
      }
    }
    CHECK(lists == expected);
  }
}

TEST(nearest_neighbours_of_near_duplicates) {
  Random random(23);
  const size_t columns = 500;
  const Values row = random.uniforms(columns, -50, 50);
  const double norm = std::inner_product(row.begin(), row.end(), row.begin(), 0.0);
  Values matrix;
  const size_t rows = 300;
  for (size_t i = 0; i < rows; ++i) {
    matrix.insert(matrix.end(), row.begin(), row.end());
    // Row i lies at distance i * step from row 0; neighbours in order are 1e-12 of the norms apart.
    matrix[i * columns + 3] += static_cast<double>(i) * std::sqrt(1e-12 * norm);
  }
  const Lists lists = whole(matrix, rows, columns, 2, 2);
  for (size_t i = 1; i + 1 < rows; ++i) {
    CHECK(std::min(lists.rows[2 * i], lists.rows[2 * i + 1]) == static_cast<int32_t>(i - 1));
    CHECK(std::max(lists.rows[2 * i], lists.rows[2 * i + 1]) == static_cast<int32_t>(i + 1));
    CHECK_NEAR(lists.distances[2 * i], 1e-12 * norm, 1e-8 * 1e-12 * norm);
  }
}

TEST(nearest_neighbours_errors) {
  Values matrix(12, 1.0);
  matrix[9] = std::nan("");
  Lists lists(8, 1);
  const RowBlock<double> later{matrix, 3, 5};
  CHECK_THROWS(ErrorCode::numeric, "row 7 of the matrix but found NaN",
               update_nearest(later, later, 4, lists.view(), 1, nullptr));
  matrix[9] = 1;
  uint8_t byte = 1;
  const CancelFlag flag(byte);
  CHECK_THROWS(ErrorCode::aborted, "", update_nearest(later, later, 4, lists.view(), 1, &flag));
}
