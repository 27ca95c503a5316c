#include "principal_components.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "blas.h"
#include "distance_tile.h"
#include "error.h"
#include "leading_eigen.h"
#include "parallel.h"
#include "principal_coordinates.h"

namespace llmap {

namespace {

constexpr size_t kPanel = 512;
// One application of A (A^T x) is allowed for so many rows of the Gram matrix: then they take about as long as that
// one.
constexpr size_t kRowsPerStep = 64;

// A matrix seen through its column means.
template <typename T>
class CentredMatrix {
 public:
  CentredMatrix(std::span<const T> matrix, size_t rows, size_t columns, int threads, const CancelFlag* cancel)
      : matrix_(matrix), rows_(rows), columns_(columns), means_(columns) {
    parallel_for(columns, 2048, threads, cancel, [&](size_t first, size_t last) {
      for (size_t i = 0; i < rows; ++i) {
        for (size_t s = first; s < last; ++s) means_[s] += static_cast<double>(matrix[i * columns + s]);
      }
      for (size_t s = first; s < last; ++s) {
        if (!std::isfinite(means_[s])) reject(s);
        means_[s] /= static_cast<double>(rows);
      }
    });
    std::vector<double> squares(rows);
    parallel_for(rows, 64, threads, cancel, [&](size_t first, size_t last) {
      for (size_t i = first; i < last; ++i) {
        for (size_t s = 0; s < columns; ++s) {
          const double difference = static_cast<double>(matrix[i * columns + s]) - means_[s];
          squares[i] += difference * difference;
        }
      }
    });
    sum_of_squares_ = std::accumulate(squares.begin(), squares.end(), 0.0);
  }

  size_t rows() const { return rows_; }
  size_t columns() const { return columns_; }
  double sum_of_squares() const { return sum_of_squares_; }

  // A copy of some of its rows and columns.
  MatrixView panel(size_t row, size_t rows, size_t column, size_t columns, std::vector<double>& memory) const {
    memory.resize(rows * columns);
    for (size_t i = 0; i < rows; ++i) {
      const T* from = matrix_.data() + (row + i) * columns_ + column;
      double* to = memory.data() + i * columns;
      for (size_t s = 0; s < columns; ++s) to[s] = static_cast<double>(from[s]) - means_[column + s];
    }
    return {memory.data(), rows, columns, columns};
  }

 private:
  [[noreturn]] void reject(size_t column) const {
    size_t row = 0;
    while (row + 1 < rows_ && std::isfinite(matrix_[row * columns_ + column])) ++row;
    const double value = static_cast<double>(matrix_[row * columns_ + column]);
    throw RowError("the matrix", row, std::isnan(value) ? "NaN" : "an infinity, or values whose sum overflows");
  }

  std::span<const T> matrix_;
  size_t rows_;
  size_t columns_;
  std::vector<double> means_;
  double sum_of_squares_ = 0;
};

// out = in A for `count` vectors of one number per row, one vector per row of `in`.
template <typename T>
void times(const CentredMatrix<T>& a, std::span<const double> in, size_t count, std::span<double> out, int threads,
           const CancelFlag* cancel) {
  parallel_for(a.columns(), kPanel, threads, cancel, [&](size_t first, size_t last) {
    std::vector<double> memory;
    for (size_t i = 0; i < a.rows(); i += kTileRows) {
      const size_t rows = std::min(kTileRows, a.rows() - i);
      const MatrixView panel = a.panel(i, rows, first, last - first, memory);
      multiply({in.data() + i, count, rows, a.rows()}, panel, i == 0 ? 0 : 1, out.data() + first, a.columns());
    }
  });
}

// out = in A^T for `count` vectors of one number per column.
template <typename T>
void times_transposed(const CentredMatrix<T>& a, std::span<const double> in, size_t count, std::span<double> out,
                      int threads, const CancelFlag* cancel) {
  parallel_for(a.rows(), 64, threads, cancel, [&](size_t first, size_t last) {
    std::vector<double> memory;
    for (size_t s = 0; s < a.columns(); s += kPanel) {
      const size_t columns = std::min(kPanel, a.columns() - s);
      const MatrixView panel = a.panel(first, last - first, s, columns, memory);
      multiply_by_transposed({in.data() + s, count, columns, a.columns()}, panel, s == 0 ? 0 : 1, out.data() + first,
                             a.rows());
    }
  });
}

// Leading eigenvectors of the smaller Gram matrix without forming it.
template <typename T>
std::optional<SymmetricEigen> leading(const CentredMatrix<T>& a, size_t components, int threads,
                                      const CancelFlag* cancel) {
  const bool of_rows = a.rows() <= a.columns();
  const auto apply = [&](std::span<const double> in, size_t count, std::span<double> out) {
    std::vector<double> between(count * std::max(a.rows(), a.columns()));
    if (of_rows) {
      times(a, in, count, between, threads, cancel);
      times_transposed(a, between, count, out, threads, cancel);
    } else {
      times_transposed(a, in, count, between, threads, cancel);
      times(a, between, count, out, threads, cancel);
    }
  };
  const size_t size = std::min(a.rows(), a.columns());
  return leading_eigen(apply, size, components, size / kRowsPerStep, cancel);
}

// A A^T or A^T A, whichever is smaller, both triangles.
template <typename T>
std::vector<double> smaller_gram(const CentredMatrix<T>& a, int threads, const CancelFlag* cancel, Progress* progress) {
  const bool of_rows = a.rows() <= a.columns();
  const size_t size = std::min(a.rows(), a.columns());
  const size_t length = std::max(a.rows(), a.columns());
  std::vector<double> gram(size * size);
  const auto tiles = lower_tiles(size);
  begin(progress, static_cast<double>(tiles.size()));
  parallel_for(tiles.size(), 1, threads, cancel, [&](size_t first, size_t) {
    const auto [i0, j0] = tiles[first];
    const size_t i_count = std::min(kTileRows, size - i0);
    const size_t j_count = std::min(kTileRows, size - j0);
    double* out = gram.data() + i0 * size + j0;
    std::vector<double> left;
    std::vector<double> right;
    for (size_t k = 0; k < length; k += kPanel) {
      const size_t count = std::min(kPanel, length - k);
      const double beta = k == 0 ? 0 : 1;
      if (of_rows) {
        const MatrixView view = a.panel(i0, i_count, k, count, left);
        if (i0 == j0) {
          gram_of_rows(view, beta, out, size);
        } else {
          multiply_by_transposed(view, a.panel(j0, j_count, k, count, right), beta, out, size);
        }
      } else {
        const MatrixView view = a.panel(k, count, i0, i_count, left);
        multiply_transposed(view, i0 == j0 ? view : a.panel(k, count, j0, j_count, right), beta, out, size);
      }
    }
    for (size_t i = i0; i < i0 + i_count; ++i) {
      for (size_t j = j0; j < std::min(i, j0 + j_count); ++j) gram[j * size + i] = gram[i * size + j];
    }
    advance(progress, 1);
  });
  return gram;
}

// +1 or -1 for each component, by the entry of largest magnitude in its column of scores, as scaled_coordinates has it.
void fix_signs(std::vector<double>& scores, size_t rows, size_t components) {
  for (size_t c = 0; c < components; ++c) {
    double largest = 0;
    for (size_t i = 0; i < rows; ++i) largest = std::max(largest, std::abs(scores[i * components + c]));
    size_t first = 0;
    while (std::abs(scores[first * components + c]) < (1 - 1e-9) * largest) ++first;
    if (scores[first * components + c] >= 0) continue;
    for (size_t i = 0; i < rows; ++i) scores[i * components + c] = -scores[i * components + c];
  }
}

}  // namespace

template <typename T>
PrincipalComponents principal_components(std::span<const T> matrix, size_t rows, size_t columns, size_t components,
                                         int threads, const CancelFlag* cancel, Progress* progress) {
  const CentredMatrix<T> a(matrix, rows, columns, threads, cancel);
  const BlasSession session;
  const size_t size = std::min(rows, columns);
  auto eigen = leading(a, components, threads, cancel);
  if (!eigen) {
    std::vector<double> gram = smaller_gram(a, threads, cancel, progress);
    const auto apply = [&](std::span<const double> in, size_t count, std::span<double> out) {
      apply_symmetric(gram, size, in, count, out, threads, cancel);
    };
    eigen = leading_eigen(apply, size, components, kMostMatrixSteps, cancel);
    if (!eigen) eigen = symmetric_eigen(gram, size, components);
  }
  PrincipalComponents result{{}, std::move(eigen->values), a.sum_of_squares()};
  result.eigenvalues.resize(components);
  if (rows <= columns) {
    result.scores = scaled_coordinates({result.eigenvalues, std::move(eigen->vectors)}, size, components);
    return result;
  }
  std::vector<double> projected(components * rows);
  times_transposed(a, eigen->vectors, components, projected, threads, cancel);
  result.scores.resize(rows * components);
  for (size_t i = 0; i < rows; ++i) {
    for (size_t c = 0; c < components; ++c) result.scores[i * components + c] = projected[c * rows + i];
  }
  fix_signs(result.scores, rows, components);
  return result;
}

template PrincipalComponents principal_components(std::span<const float>, size_t, size_t, size_t, int,
                                                  const CancelFlag*, Progress*);
template PrincipalComponents principal_components(std::span<const double>, size_t, size_t, size_t, int,
                                                  const CancelFlag*, Progress*);

}  // namespace llmap
