#include "symmetric_eigen.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "error.h"

// LAPACK's Fortran routines, declared here so that no LAPACKE is needed. Fortran compilers pass the length of each
// character argument behind the other arguments; Accelerate's C interface does not.
#if defined(LLMAP_BLAS_ACCELERATE)
#include <Accelerate/Accelerate.h>
#define LLMAP_LETTERS(...)
#else
#define LLMAP_LETTERS(...) , __VA_ARGS__
extern "C" {
void dsytrd_(const char* uplo, const int32_t* n, double* a, const int32_t* lda, double* d, double* e, double* tau,
             double* work, const int32_t* lwork, int32_t* info, size_t);
void dsterf_(const int32_t* n, double* d, double* e, int32_t* info);
void dstemr_(const char* jobz, const char* range, const int32_t* n, double* d, double* e, const double* vl,
             const double* vu, const int32_t* il, const int32_t* iu, int32_t* m, double* w, double* z,
             const int32_t* ldz, const int32_t* nzc, int32_t* isuppz, int32_t* tryrac, double* work,
             const int32_t* lwork, int32_t* iwork, const int32_t* liwork, int32_t* info, size_t, size_t);
void dormtr_(const char* side, const char* uplo, const char* trans, const int32_t* m, const int32_t* n, const double* a,
             const int32_t* lda, const double* tau, double* c, const int32_t* ldc, double* work, const int32_t* lwork,
             int32_t* info, size_t, size_t, size_t);
}
#endif

namespace llmap {

namespace {

void check(int32_t info, const char* routine) {
  if (info == 0) return;
  throw Error(ErrorCode::numeric, std::string("LAPACK's ") + routine + " failed (info " + std::to_string(info) + ")");
}

// A = Q T Q^T with T tridiagonal. The reflectors of Q stay in the matrix and in `scales`.
struct Tridiagonal {
  std::vector<double> diagonal;
  std::vector<double> off_diagonal;  // one longer than needed: dstemr wants the room
  std::vector<double> scales;
};

Tridiagonal reduce(double* matrix, int32_t n) {
  const auto size = static_cast<size_t>(n);
  Tridiagonal t{std::vector<double>(size), std::vector<double>(size), std::vector<double>(size)};
  int32_t info = 0;
  double wanted = 0;
  const int32_t query = -1;
  dsytrd_("L", &n, matrix, &n, t.diagonal.data(), t.off_diagonal.data(), t.scales.data(), &wanted, &query,
          &info LLMAP_LETTERS(1));
  check(info, "dsytrd");
  const auto room = static_cast<int32_t>(wanted);
  std::vector<double> work(static_cast<size_t>(room));
  dsytrd_("L", &n, matrix, &n, t.diagonal.data(), t.off_diagonal.data(), t.scales.data(), work.data(), &room,
          &info LLMAP_LETTERS(1));
  check(info, "dsytrd");
  return t;
}

// All eigenvalues, descending.
std::vector<double> eigenvalues(Tridiagonal t, int32_t n) {
  int32_t info = 0;
  dsterf_(&n, t.diagonal.data(), t.off_diagonal.data(), &info);
  check(info, "dsterf");
  std::reverse(t.diagonal.begin(), t.diagonal.end());
  return std::move(t.diagonal);
}

// Eigenvectors of the `m` largest eigenvalues of the tridiagonal matrix, in ascending order of the eigenvalues.
std::vector<double> leading_vectors(Tridiagonal t, int32_t n, int32_t m) {
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
  dstemr_("V", "I", &n, t.diagonal.data(), t.off_diagonal.data(), &unused, &unused, &first, &n, &found, values.data(),
          vectors.data(), &n, &m, support.data(), &try_high_accuracy, work.data(), &work_size, integer_work.data(),
          &integer_work_size, &info LLMAP_LETTERS(1, 1));
  check(info, "dstemr");
  if (found != m) throw Error(ErrorCode::numeric, "LAPACK's dstemr found fewer eigenvectors than were asked for");
  return vectors;
}

// vectors = Q vectors
void transform_back(const double* matrix, const Tridiagonal& t, int32_t n, int32_t m, std::vector<double>& vectors) {
  int32_t info = 0;
  double wanted = 0;
  const int32_t query = -1;
  dormtr_("L", "L", "N", &n, &m, matrix, &n, t.scales.data(), vectors.data(), &n, &wanted, &query,
          &info LLMAP_LETTERS(1, 1, 1));
  check(info, "dormtr");
  const auto room = static_cast<int32_t>(wanted);
  std::vector<double> work(static_cast<size_t>(room));
  dormtr_("L", "L", "N", &n, &m, matrix, &n, t.scales.data(), vectors.data(), &n, work.data(), &room,
          &info LLMAP_LETTERS(1, 1, 1));
  check(info, "dormtr");
}

}  // namespace

SymmetricEigen symmetric_eigen(std::span<double> matrix, size_t size, size_t components) {
  if (size == 1) return {{matrix[0]}, {1.0}};
  const auto n = static_cast<int32_t>(size);
  const auto m = static_cast<int32_t>(components);
  const Tridiagonal tridiagonal = reduce(matrix.data(), n);
  SymmetricEigen eigen{eigenvalues(tridiagonal, n), leading_vectors(tridiagonal, n, m)};
  transform_back(matrix.data(), tridiagonal, n, m, eigen.vectors);

  // Columns of LAPACK's ascending order become rows in descending order.
  for (size_t low = 0, high = components - 1; low < high; ++low, --high) {
    std::swap_ranges(eigen.vectors.begin() + static_cast<std::ptrdiff_t>(low * size),
                     eigen.vectors.begin() + static_cast<std::ptrdiff_t>((low + 1) * size),
                     eigen.vectors.begin() + static_cast<std::ptrdiff_t>(high * size));
  }
  return eigen;
}

}  // namespace llmap
