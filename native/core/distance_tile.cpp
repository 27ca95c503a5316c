#include "distance_tile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

#include "blas.h"
#include "error.h"
#include "parallel.h"

namespace llmap {

namespace {

constexpr double kCloseness = 1e-6;
// float32 rows are widened by so many columns at a time.
constexpr size_t kPanelColumns = 512;

// Sum of difference(column)^2 in a fixed order.
template <typename Difference>
double sum_of_squares(size_t columns, Difference difference) {
  constexpr size_t kSums = 8;
  std::array<double, kSums> sums{};
  size_t s = 0;
  const auto add = [&](size_t k, size_t column) {
    const double value = difference(column);
    sums[k] += value * value;
  };
  for (; s + kSums <= columns; s += kSums) {
    for (size_t k = 0; k < kSums; ++k) add(k, s + k);
  }
  for (size_t k = 0; s < columns; ++s, ++k) add(k, s);
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

void gram_tile(RowTile<double> a, RowTile<double> b, size_t columns, double* out, size_t stride) {
  const MatrixView left{a.values, a.rows, columns, columns};
  if (a.values == b.values) {
    gram_of_rows(left, 0, out, stride);
  } else {
    multiply_by_transposed(left, {b.values, b.rows, columns, columns}, 0, out, stride);
  }
}

MatrixView widen(RowTile<float> tile, size_t columns, size_t first, size_t count, std::vector<double>& panel) {
  for (size_t i = 0; i < tile.rows; ++i)
    std::copy_n(tile.values + i * columns + first, count, panel.data() + i * count);
  return {panel.data(), tile.rows, count, count};
}

void gram_tile(RowTile<float> a, RowTile<float> b, size_t columns, double* out, size_t stride) {
  std::vector<double> panel_a(a.rows * kPanelColumns);
  std::vector<double> panel_b(a.values == b.values ? 0 : b.rows * kPanelColumns);
  for (size_t first = 0; first < columns; first += kPanelColumns) {
    const size_t count = std::min(kPanelColumns, columns - first);
    const double beta = first == 0 ? 0 : 1;
    const MatrixView left = widen(a, columns, first, count, panel_a);
    if (a.values == b.values) {
      gram_of_rows(left, beta, out, stride);
    } else {
      multiply_by_transposed(left, widen(b, columns, first, count, panel_b), beta, out, stride);
    }
  }
}

}  // namespace

template <typename T>
std::vector<double> squared_norms(std::span<const T> matrix, size_t rows, size_t columns, size_t first_row, int threads,
                                  const CancelFlag* cancel) {
  std::vector<double> norms(rows);
  parallel_for(rows, 64, threads, cancel, [&](size_t first, size_t last) {
    for (size_t i = first; i < last; ++i) {
      const T* row = matrix.data() + i * columns;
      norms[i] = sum_of_squares(columns, [&](size_t s) { return static_cast<double>(row[s]); });
      if (std::isnan(norms[i])) throw RowError("the matrix", first_row + i, "NaN");
      if (std::isinf(norms[i])) {
        throw RowError("the matrix", first_row + i, "an infinity, or values whose squares overflow");
      }
    }
  });
  return norms;
}

template <typename T>
void distance_tile(RowTile<T> a, RowTile<T> b, size_t columns, double* out, size_t stride) {
  gram_tile(a, b, columns, out, stride);
  for (size_t i = 0; i < a.rows; ++i) {
    const size_t count = a.values == b.values ? i : b.rows;
    double* row = out + i * stride;
    bool any_close = false;
    for (size_t j = 0; j < count; ++j) {
      const double scale = a.norms[i] + b.norms[j];
      row[j] = scale - 2 * row[j];
      any_close |= row[j] < kCloseness * scale;
    }
    if (!any_close) continue;
    const T* left = a.values + i * columns;
    for (size_t j = 0; j < count; ++j) {
      if (!(row[j] < kCloseness * (a.norms[i] + b.norms[j]))) continue;
      const T* right = b.values + j * columns;
      row[j] = sum_of_squares(columns,
                              [&](size_t s) { return static_cast<double>(left[s]) - static_cast<double>(right[s]); });
    }
  }
}

std::vector<std::pair<size_t, size_t>> lower_tiles(size_t rows) {
  std::vector<std::pair<size_t, size_t>> tiles;
  for (size_t i = 0; i < rows; i += kTileRows) {
    for (size_t j = 0; j < i; j += kTileRows) tiles.emplace_back(i, j);
  }
  for (size_t i = 0; i < rows; i += kTileRows) tiles.emplace_back(i, i);
  return tiles;
}

template std::vector<double> squared_norms(std::span<const float>, size_t, size_t, size_t, int, const CancelFlag*);
template std::vector<double> squared_norms(std::span<const double>, size_t, size_t, size_t, int, const CancelFlag*);
template void distance_tile(RowTile<float>, RowTile<float>, size_t, double*, size_t);
template void distance_tile(RowTile<double>, RowTile<double>, size_t, double*, size_t);

}  // namespace llmap
