// Eigenvalues and leading eigenvectors of a symmetric matrix, by LAPACK.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace llmap {

struct SymmetricEigen {
  std::vector<double> values;   // all of them, descending
  std::vector<double> vectors;  // components x size: row c is the unit eigenvector of values[c], of either sign
};

// matrix: size x size, symmetric, overwritten. components: 1..size.
// One reduction to tridiagonal form serves both the whole spectrum (without vectors) and the leading eigenvectors
// (MRRR), so that K x components and not K x K vectors are computed. Call it within a BlasSession. Throws ERR_NUMERIC
// where LAPACK does not converge.
SymmetricEigen symmetric_eigen(std::span<double> matrix, size_t size, size_t components);

}  // namespace llmap
