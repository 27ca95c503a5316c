// One tile of squared Euclidean distances between rows of float32 or float64.
//
//   D[i,j] = |a_i|^2 + |b_j|^2 - 2 a_i . b_j      with the products from BLAS, in float64
//
// The difference loses digits where rows are close (identical rows gave 1e-7 instead of 0), so pairs with
// D < 1e-6 (|a_i|^2 + |b_j|^2) are computed anew as the sum of (a_i - b_j)^2.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "cancellation.h"

namespace llmap {

// Rows per tile. One tile is a fraction of a second of one core at 10,000 columns, and cancellation waits for it.
constexpr size_t kTileRows = 256;

// Some rows of a row-major matrix, with their squared norms.
template <typename T>
struct RowTile {
  const T* values;
  const double* norms;
  size_t rows;
};

// The squared norms of all rows. `first_row` is the number of the first one, for errors.
// Throws RowError for a row whose squared norm is not finite.
template <typename T>
std::vector<double> squared_norms(std::span<const T> matrix, size_t rows, size_t columns, size_t first_row, int threads,
                                  const CancelFlag* cancel);

// out[i * stride + j] = D[i,j] for i < a.rows and j < b.rows; for a tile with itself (the same values) only j < i.
template <typename T>
void distance_tile(RowTile<T> a, RowTile<T> b, size_t columns, double* out, size_t stride);

// The tiles of the lower triangle as pairs of their first rows; those on the diagonal, which cost half, come last, so
// that threads end together.
std::vector<std::pair<size_t, size_t>> lower_tiles(size_t rows);

}  // namespace llmap
