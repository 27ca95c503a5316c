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

struct CentringMeans {
  std::vector<double> rows;     // means of the rows of the matrix
  std::vector<double> columns;  // means of the columns of the row-centred matrix
};

// matrix, out: rows x columns, row-major; the same memory or disjoint. weights: one non-negative number per column, not
// all zero, or empty for equal weights. Throws RowError for a row that is not finite. The same bits for every number of
// threads.
CentringMeans double_centre(std::span<const double> matrix, size_t rows, size_t columns,
                            std::span<const double> weights, std::span<double> out, int threads,
                            const CancelFlag* cancel);

}  // namespace llmap
