#include "symmetric_eigen.h"

#include <algorithm>
#include <cstdint>

#include "error.h"
#include "lapack.h"
#include "tridiagonal.h"

namespace llmap {

namespace {

// All eigenvalues, descending.
std::vector<double> eigenvalues(std::vector<double> diagonal, std::vector<double> off_diagonal, int32_t n) {
  int32_t info = 0;
  dsterf_(&n, diagonal.data(), off_diagonal.data(), &info);
  check_lapack(info, "dsterf");
  std::reverse(diagonal.begin(), diagonal.end());
  return diagonal;
}

// Eigenvectors of the `m` largest eigenvalues of the tridiagonal matrix, in ascending order of the eigenvalues.
std::vector<double> leading_vectors(std::vector<double> diagonal, std::vector<double> off_diagonal, int32_t n,
                                    int32_t m) {
  const auto size = static_cast<size_t>(n);
  std::vector<double> vectors(size * static_cast<size_t>(m));
  std::vector<double> values(size);
  std::vector<int32_t> support(2 * static_cast<size_t>(m));
  std::vector<double> work(18 * size);
  std::vector<int32_t> integer_work(10 * size);
  const auto work_size = static_cast<int32_t>(work.size());
  const auto integer_work_size = static_cast<int32_t>(integer_work.size());
  const int32_t first = n - m + 1;
  const double unused = 0;
  int32_t found = 0;
  int32_t try_high_accuracy = 1;
  int32_t info = 0;
  dstemr_("V", "I", &n, diagonal.data(), off_diagonal.data(), &unused, &unused, &first, &n, &found, values.data(),
          vectors.data(), &n, &m, support.data(), &try_high_accuracy, work.data(), &work_size, integer_work.data(),
          &integer_work_size, &info LLMAP_LETTERS(1, 1));
  check_lapack(info, "dstemr");
  if (found != m) throw Error(ErrorCode::numeric, "LAPACK's dstemr found fewer eigenvectors than were asked for");
  return vectors;
}

}  // namespace

SymmetricEigen symmetric_eigen(std::span<double> matrix, size_t size, size_t components) {
  if (size == 1) return {{matrix[0]}, {1.0}};
  const auto n = static_cast<int32_t>(size);
  const auto m = static_cast<int32_t>(components);
  const TridiagonalForm form(matrix, size);
  SymmetricEigen eigen{eigenvalues(form.diagonal(), form.off_diagonal(), n),
                       leading_vectors(form.diagonal(), form.off_diagonal(), n, m)};
  form.multiply(eigen.vectors, components);

  // Columns of LAPACK's ascending order become rows in descending order.
  for (size_t low = 0, high = components - 1; low < high; ++low, --high) {
    std::swap_ranges(eigen.vectors.begin() + static_cast<std::ptrdiff_t>(low * size),
                     eigen.vectors.begin() + static_cast<std::ptrdiff_t>((low + 1) * size),
                     eigen.vectors.begin() + static_cast<std::ptrdiff_t>(high * size));
  }
  return eigen;
}

}  // namespace llmap
