// Leading eigenvectors of a large positive semidefinite operator, by thick-restart block Lanczos.
//
// The basis grows by the residuals of the leading Ritz vectors and is restarted from the best Ritz vectors when it is
// full (Wu and Simon 2000, "Thick-restart Lanczos method for large symmetric eigenvalue problems"), with full
// orthogonalisation and an explicit Rayleigh-Ritz step, so residuals are computed and not estimated.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>

#include "cancellation.h"
#include "symmetric_eigen.h"

namespace llmap {

// Applies the operator B to `count` vectors, one row of `size` numbers each: out[v] = B in[v].
using SymmetricOperator = std::function<void(std::span<const double> in, size_t count, std::span<double> out)>;

// The `components` largest eigenvalues and their vectors with |B x - lambda x| <= 1e-10 max(lambda, lambda_1 / 1000),
// or nothing where that takes more than `most_steps` applications of the operator, or where `size` is so small that
// LAPACK is as fast. The start is fixed. Call it within a BlasSession.
std::optional<SymmetricEigen> leading_eigen(const SymmetricOperator& apply, size_t size, size_t components,
                                            size_t most_steps, const CancelFlag* cancel);

// For a matrix that is in memory: more steps cost more than LAPACK.
constexpr size_t kMostMatrixSteps = 400;

// out[v] = in[v] B for a symmetric matrix B, size x size, whatever lies above or below its diagonal being equal.
void apply_symmetric(std::span<const double> matrix, size_t size, std::span<const double> in, size_t count,
                     std::span<double> out, int threads, const CancelFlag* cancel);

}  // namespace llmap
