// Double centring: the model coordinates Q from the log-likelihood matrix L.
//
//   xi[i,s] = L[i,s] - sum over s of w_s L[i,s]          (w: normalised text weights, 1/N each by default)
//   Q[i,s]  = xi[i,s] - 1/K sum over i of xi[i,s]
//
// Oyama et al. 2025, arXiv 2502.16173, section 3; weights as in arXiv 2505.15428.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cancellation.h"

namespace llmap {

struct Centring {
  std::vector<double> row_means;     // of the matrix, clipped
  std::vector<double> column_means;  // of the row-centred matrix
  size_t clipped = 0;                // entries below the threshold
};

// matrix, out: rows x columns, row-major, float or double; the same memory or disjoint. weights: one non-negative
// number per column, not all zero, or empty for equal weights. least: entries below it are raised to it first (rounded
// to T); -infinity clips nothing. Sums and means are in double. Two passes over the matrix. Throws RowError for a row
// that is not finite after clipping. The same bits for every number of threads. Memory: a 64th of the matrix for column
// sums.
template <typename T>
Centring double_centre(std::span<const T> matrix, size_t rows, size_t columns, std::span<const double> weights,
                       double least, std::span<T> out, int threads, const CancelFlag* cancel);

}  // namespace llmap
