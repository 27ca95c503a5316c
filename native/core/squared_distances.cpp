#include "squared_distances.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "blas.h"
#include "error.h"
#include "parallel.h"

namespace llmap {

namespace {

constexpr size_t kTile = 128;
constexpr double kCloseness = 1e-6;

// Sum of (a - b)^2 in a fixed order, symmetric in a and b to the bit.
double direct_squared_distance(const double* a, const double* b, size_t columns) {
  constexpr size_t kSums = 8;
  std::array<double, kSums> sums{};
  size_t s = 0;
  const auto add = [&](size_t k, size_t column) {
    const double difference = a[column] - b[column];
    sums[k] += difference * difference;
  };
  for (; s + kSums <= columns; s += kSums) {
    for (size_t k = 0; k < kSums; ++k) add(k, s + k);
  }
  for (size_t k = 0; s < columns; ++s, ++k) add(k, s);
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

std::vector<double> squared_norms(std::span<const double> matrix, size_t rows, size_t columns, int threads,
                                  const CancelFlag* cancel) {
  const std::vector<double> zero(columns, 0.0);
  std::vector<double> norms(rows);
  parallel_for(rows, 64, threads, cancel, [&](size_t first, size_t last) {
    for (size_t i = first; i < last; ++i) {
      norms[i] = direct_squared_distance(matrix.data() + i * columns, zero.data(), columns);
      if (std::isnan(norms[i])) throw RowError("the matrix", i, "NaN");
      if (std::isinf(norms[i])) throw RowError("the matrix", i, "an infinity, or values whose squares overflow");
    }
  });
  return norms;
}

// The tiles of the lower triangle, as pairs of the first rows.
std::vector<std::pair<size_t, size_t>> lower_tiles(size_t rows) {
  std::vector<std::pair<size_t, size_t>> tiles;
  for (size_t i = 0; i < rows; i += kTile) {
    for (size_t j = 0; j <= i; j += kTile) tiles.emplace_back(i, j);
  }
  return tiles;
}

}  // namespace

void squared_distances(std::span<const double> matrix, size_t rows, size_t columns, std::span<double> out, int threads,
                       const CancelFlag* cancel) {
  const std::vector<double> norms = squared_norms(matrix, rows, columns, threads, cancel);
  const auto tiles = lower_tiles(rows);
  const BlasSession session(1);

  parallel_for(tiles.size(), 1, threads, cancel, [&](size_t first, size_t last) {
    std::vector<double> gram(kTile * kTile);
    for (size_t t = first; t < last; ++t) {
      const auto [i0, j0] = tiles[t];
      const RowBlock a{matrix.data() + i0 * columns, std::min(kTile, rows - i0)};
      const RowBlock b{matrix.data() + j0 * columns, std::min(kTile, rows - j0)};
      if (i0 == j0) {
        gram_of_rows(a, columns, gram.data());
      } else {
        gram_of_rows(a, b, columns, gram.data());
      }
      for (size_t i = 0; i < a.rows; ++i) {
        const size_t last_j = i0 == j0 ? i : b.rows;
        for (size_t j = 0; j < last_j; ++j) {
          const double scale = norms[i0 + i] + norms[j0 + j];
          double distance = scale - 2 * gram[i * b.rows + j];
          if (distance < kCloseness * scale) {
            distance = direct_squared_distance(a.values + i * columns, b.values + j * columns, columns);
          }
          out[(i0 + i) * rows + j0 + j] = distance;
          out[(j0 + j) * rows + i0 + i] = distance;
        }
        if (i0 == j0) out[(i0 + i) * rows + i0 + i] = 0;
      }
    }
  });
}

}  // namespace llmap
