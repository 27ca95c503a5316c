// Squared Euclidean distances between the rows of a matrix, tile by tile (distance_tile.h).
#pragma once

#include <cstddef>
#include <span>

#include "cancellation.h"
#include "progress.h"

namespace llmap {

// matrix: rows x columns, float or double. out: rows x rows, disjoint from it, receives scale times the distances:
// symmetric to the bit, zero diagonal, never negative. scale: positive.
// Throws RowError for a row whose squared norm is not finite. The same bits for every number of threads where BLAS is
// OpenBLAS: each tile is one single-threaded call. Memory: nothing but the output for double; for float two panels of a
// tile's rows per thread.
template <typename T>
void squared_distances(std::span<const T> matrix, size_t rows, size_t columns, double scale, std::span<double> out,
                       int threads, const CancelFlag* cancel, Progress* progress = nullptr);

}  // namespace llmap
