// Principal coordinates (classical multidimensional scaling): points whose distances are given.
//
//   B = -1/2 J D J with J = I - 1/K 11^T;   B = V diag(lambda) V^T;   coordinate c of point i = V[i,c] sqrt(lambda_c)
//
// Torgerson 1952; Gower 1966, "Some distance properties of latent root and vector methods used in multivariate
// analysis". For squared Euclidean distances these are the principal components (PCA scores) of the points.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cancellation.h"
#include "symmetric_eigen.h"

namespace llmap {

struct PrincipalCoordinates {
  std::vector<double> coordinates;  // rows x components, row-major
  std::vector<double> eigenvalues;  // components, descending
  double positive_sum;              // of all positive eigenvalues
};

// squared_distances: rows x rows, symmetric, not changed. components: 1..rows. euclidean: whether they are known to be
// distances between points, so that no eigenvalue is negative: then their sum is the trace, and for large K only the
// leading eigenvectors are computed (leading_eigen.h), without another K x K matrix. Otherwise, and where that does not
// converge, LAPACK computes all eigenvalues.
// Eigenvalues up to rows * epsilon * largest are rounding noise: their coordinates are 0 and they do not count in the
// sum. Signs: in each component the entry of largest magnitude (the first of those within 1e-9 of it) is positive.
// Throws RowError where the distances are not finite. The same bits for every number of threads.
PrincipalCoordinates principal_coordinates(std::span<const double> squared_distances, size_t rows, size_t components,
                                           bool euclidean, int threads, const CancelFlag* cancel);

// Coordinates by the convention above: size x components, vectors times the roots of their eigenvalues, signs fixed, 0
// where an eigenvalue is not above size * epsilon * largest.
std::vector<double> scaled_coordinates(const SymmetricEigen& eigen, size_t size, size_t components);

}  // namespace llmap
