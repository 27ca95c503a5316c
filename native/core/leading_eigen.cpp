#include "leading_eigen.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "blas.h"
#include "parallel.h"

namespace llmap {

namespace {

constexpr double kTolerance = 1e-10;

double dot(const double* a, const double* b, size_t size) {
  double sum = 0;
  for (size_t i = 0; i < size; ++i) sum += a[i] * b[i];
  return sum;
}

// Orthonormal vectors V, one per row, with their images W = B V and the projection V W^T of the operator.
class RitzBasis {
 public:
  RitzBasis(size_t size, size_t capacity)
      : size_(size),
        capacity_(capacity),
        vectors_(capacity * size),
        images_(capacity * size),
        projection_(capacity * capacity) {}

  size_t count() const { return count_; }

  // Adds what the rows of `block` have outside the span of the basis; returns how many vectors that are.
  size_t extend(std::span<double> block, const SymmetricOperator& apply) {
    const size_t before = count_;
    for (size_t first = 0; first < block.size() && count_ < capacity_; first += size_) {
      double* vector = block.data() + first;
      const double length = std::sqrt(dot(vector, vector, size_));
      if (!(length > 0)) continue;
      for (size_t i = 0; i < size_; ++i) vector[i] /= length;
      // Twice is enough (Parlett 1998, section 6.9).
      remove_projection(vector);
      remove_projection(vector);
      const double rest = std::sqrt(dot(vector, vector, size_));
      if (!(rest > 1e-8)) continue;
      for (size_t i = 0; i < size_; ++i) vector[i] /= rest;
      remove_projection(vector);
      std::copy_n(vector, size_, vectors_.data() + count_ * size_);
      ++count_;
    }
    const size_t added = count_ - before;
    if (added == 0) return 0;
    const std::span<double> images(images_.data() + before * size_, added * size_);
    apply({vectors_.data() + before * size_, added * size_}, added, images);
    std::vector<double> products(count_ * added);
    multiply_by_transposed({vectors_.data(), count_, size_, size_}, {images.data(), added, size_, size_}, 0,
                           products.data(), added);
    for (size_t i = 0; i < count_; ++i) {
      for (size_t j = 0; j < added; ++j) {
        projection_[i * capacity_ + before + j] = products[i * added + j];
        projection_[(before + j) * capacity_ + i] = products[i * added + j];
      }
    }
    return added;
  }

  // Eigenvalues of the projection, all of them, and its `wanted` leading eigenvectors.
  SymmetricEigen ritz(size_t wanted) const {
    std::vector<double> projection(count_ * count_);
    for (size_t i = 0; i < count_; ++i) {
      for (size_t j = 0; j < count_; ++j) {
        projection[i * count_ + j] = 0.5 * (projection_[i * capacity_ + j] + projection_[j * capacity_ + i]);
      }
    }
    return symmetric_eigen(projection, count_, wanted);
  }

  std::vector<double> combine(std::span<const double> weights, size_t rows) const {
    return combination(vectors_, weights, rows);
  }
  std::vector<double> combine_images(std::span<const double> weights, size_t rows) const {
    return combination(images_, weights, rows);
  }

  // Keeps only the given Ritz vectors.
  void restart(const SymmetricEigen& ritz, size_t kept) {
    const std::vector<double> vectors = combine(ritz.vectors, kept);
    const std::vector<double> images = combine_images(ritz.vectors, kept);
    std::copy(vectors.begin(), vectors.end(), vectors_.begin());
    std::copy(images.begin(), images.end(), images_.begin());
    std::fill(projection_.begin(), projection_.end(), 0.0);
    for (size_t i = 0; i < kept; ++i) projection_[i * capacity_ + i] = ritz.values[i];
    count_ = kept;
  }

 private:
  void remove_projection(double* vector) const {
    if (count_ == 0) return;
    std::vector<double> products(count_);
    const MatrixView basis{vectors_.data(), count_, size_, size_};
    multiply_by_transposed({vector, 1, size_, size_}, basis, 0, products.data(), count_);
    for (double& product : products) product = -product;
    multiply({products.data(), 1, count_, count_}, basis, 1, vector, size_);
  }

  std::vector<double> combination(const std::vector<double>& of, std::span<const double> weights, size_t rows) const {
    std::vector<double> result(rows * size_);
    multiply({weights.data(), rows, count_, count_}, {of.data(), count_, size_, size_}, 0, result.data(), size_);
    return result;
  }

  const size_t size_;
  const size_t capacity_;
  size_t count_ = 0;
  std::vector<double> vectors_;
  std::vector<double> images_;
  std::vector<double> projection_;
};

// Fixed numbers in [-1, 1): a linear congruential generator (Knuth's MMIX constants).
std::vector<double> start_block(size_t count) {
  std::vector<double> block(count);
  uint64_t state = 1;
  for (double& value : block) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    value = static_cast<double>(state >> 11) * 0x1p-52 - 1;
  }
  return block;
}

}  // namespace

std::optional<SymmetricEigen> leading_eigen(const SymmetricOperator& apply, size_t size, size_t components,
                                            size_t most_steps, const CancelFlag* cancel) {
  const size_t block = std::max<size_t>(components + 2, 8);
  const size_t capacity = 16 * block;
  if (capacity > size / 2) return std::nullopt;
  RitzBasis basis(size, capacity);
  std::vector<double> directions = start_block(block * size);

  for (size_t step = 0; step < most_steps; ++step) {
    throw_if_cancelled(cancel);
    const size_t added = basis.extend(directions, apply);
    if (basis.count() < components) return std::nullopt;
    const size_t wanted = std::min(block, basis.count());
    const size_t kept = std::min(6 * block, basis.count());
    SymmetricEigen ritz = basis.ritz(kept);

    // Residuals of the leading Ritz vectors: the next directions.
    std::vector<double> vectors = basis.combine(ritz.vectors, wanted);
    directions = basis.combine_images(ritz.vectors, wanted);
    bool converged = true;
    for (size_t c = 0; c < wanted; ++c) {
      double* residual = directions.data() + c * size;
      for (size_t i = 0; i < size; ++i) residual[i] -= ritz.values[c] * vectors[c * size + i];
      const double bound = kTolerance * std::max(ritz.values[c], 1e-3 * ritz.values[0]);
      if (c < components && !(std::sqrt(dot(residual, residual, size)) <= bound)) converged = false;
    }
    if (converged) {
      vectors.resize(components * size);
      ritz.values.resize(components);
      return SymmetricEigen{std::move(ritz.values), std::move(vectors)};
    }
    if (added == 0) return std::nullopt;
    if (basis.count() + block > capacity) basis.restart(ritz, kept);
  }
  return std::nullopt;
}

void apply_symmetric(std::span<const double> matrix, size_t size, std::span<const double> in, size_t count,
                     std::span<double> out, int threads, const CancelFlag* cancel) {
  constexpr size_t kRows = 256;
  parallel_for(size, kRows, threads, cancel, [&](size_t first, size_t last) {
    multiply_by_transposed({in.data(), count, size, size}, {matrix.data() + first * size, last - first, size, size}, 0,
                           out.data() + first, size);
  });
}

}  // namespace llmap
