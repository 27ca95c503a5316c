// Principal components: the scores of the rows of a matrix on the leading axes of its column-centred form A.
//
//   rows <= columns:  A A^T = U diag(lambda) U^T,  scores = U sqrt(lambda)
//   otherwise:        A^T A = V diag(lambda) V^T,  scores = A V
//
// Jolliffe 2002, "Principal Component Analysis", section 3.5. Where the leading components stand out, as those of
// models do, the Gram matrix is only applied to vectors (A (A^T x)) and never formed.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cancellation.h"
#include "progress.h"

namespace llmap {

struct PrincipalComponents {
  std::vector<double> scores;       // rows x components, row-major
  std::vector<double> eigenvalues;  // components, descending: the sum of squares of each column of scores
  double total;                     // sum of squares of A: of all eigenvalues
};

// matrix: rows x columns, float or double, not changed and not copied; columns need not be centred. components:
// 1..min(rows, columns). Products are in double from centred values. Signs as in principal_coordinates. The same bits
// for every number of threads. Memory: a hundred vectors, and where that does not converge the smaller Gram matrix.
// Throws RowError for a row that is not finite.
template <typename T>
PrincipalComponents principal_components(std::span<const T> matrix, size_t rows, size_t columns, size_t components,
                                         int threads, const CancelFlag* cancel, Progress* progress = nullptr);

}  // namespace llmap
