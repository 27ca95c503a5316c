// Squared Euclidean distances between the rows of a matrix.
//
//   D[i,j] = |q_i|^2 + |q_j|^2 - 2 q_i . q_j      with the products from BLAS, tile by tile
//
// The difference loses digits where rows are close (identical rows gave 1e-7 instead of 0), so pairs with
// D < 1e-6 (|q_i|^2 + |q_j|^2) are computed anew as the sum of (q_i - q_j)^2.
#pragma once

#include <cstddef>
#include <span>

#include "cancellation.h"

namespace llmap {

// matrix: rows x columns. out: rows x rows, disjoint from it: symmetric to the bit, zero diagonal, never negative.
// Throws RowError for a row whose squared norm is not finite. The same bits for every number of threads where BLAS is
// OpenBLAS: each tile is one single-threaded call.
void squared_distances(std::span<const double> matrix, size_t rows, size_t columns, std::span<double> out, int threads,
                       const CancelFlag* cancel);

}  // namespace llmap
