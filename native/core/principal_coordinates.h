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

namespace llmap {

struct PrincipalCoordinates {
  std::vector<double> coordinates;  // rows x components, row-major
  std::vector<double> eigenvalues;  // components, descending
  double positive_sum;              // of all positive eigenvalues
};

// squared_distances: rows x rows, symmetric, not changed. components: 1..rows.
// Eigenvalues up to rows * epsilon * largest are rounding noise: their coordinates are 0 and they do not count in the
// sum. Signs: in each component the entry of largest magnitude (the first of those within 1e-9 of it) is positive.
// Throws RowError where the distances are not finite.
PrincipalCoordinates principal_coordinates(std::span<const double> squared_distances, size_t rows, size_t components,
                                           int threads, const CancelFlag* cancel);

}  // namespace llmap
