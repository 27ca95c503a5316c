// The tridiagonal form of a symmetric matrix, by LAPACK.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace llmap {

// A = P T P^T with P orthogonal and T tridiagonal: two thirds of n^3 multiplications, a small part of what all
// eigenvectors cost, and enough to solve (A + s I) x = b for any number of shifts s in time n each. Use it within a
// BlasSession.
class TridiagonalForm {
 public:
  // matrix: size x size, symmetric, at least 1 x 1. It is overwritten with what P is made of, so it must outlive this
  // object.
  TridiagonalForm(std::span<double> matrix, size_t size);

  const std::vector<double>& diagonal() const { return diagonal_; }
  // One longer than the off-diagonal: LAPACK's dstemr wants the room.
  const std::vector<double>& off_diagonal() const { return off_diagonal_; }

  // vectors = P vectors, or P^T vectors: `count` of them, one after the other.
  void multiply(std::span<double> vectors, size_t count) const { apply("N", vectors, count); }
  void multiply_transposed(std::span<double> vectors, size_t count) const { apply("T", vectors, count); }

  // x of (T + shift I) x = b, in place of b. T + shift I must be positive definite; throws ERR_NUMERIC otherwise.
  void solve(double shift, std::span<double> b) const;

 private:
  void apply(const char* transpose, std::span<double> vectors, size_t count) const;

  std::span<const double> reflectors_;
  size_t size_;
  std::vector<double> diagonal_;
  std::vector<double> off_diagonal_;
  std::vector<double> scales_;
};

}  // namespace llmap
