#include "blas.h"

#if defined(LLMAP_BLAS_ACCELERATE)
#include <Accelerate/Accelerate.h>
#else
#include <cblas.h>
#endif

namespace llmap {

std::string blas_description() {
#if defined(LLMAP_BLAS_ACCELERATE)
  return "Accelerate";
#else
  return openblas_get_config();
#endif
}

namespace {

std::mutex& blas_mutex() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

BlasSession::BlasSession([[maybe_unused]] int threads) : lock_(blas_mutex()) {
#if !defined(LLMAP_BLAS_ACCELERATE)
  openblas_set_num_threads(threads);
#endif
}

void gram_of_rows(RowBlock a, size_t columns, double* gram) {
  const int n = static_cast<int>(a.rows);
  const int k = static_cast<int>(columns);
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, n, k, 1.0, a.values, k, 0.0, gram, n);
}

namespace {

// out = A B^T + keep * out.
void products_of_rows(RowBlock a, RowBlock b, size_t columns, double keep, double* out) {
  const int m = static_cast<int>(a.rows);
  const int n = static_cast<int>(b.rows);
  const int k = static_cast<int>(columns);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, 1.0, a.values, k, b.values, k, keep, out, n);
}

}  // namespace

void gram_of_rows(RowBlock a, RowBlock b, size_t columns, double* gram) {
  products_of_rows(a, b, columns, 0.0, gram);
}

void add_products_of_rows(RowBlock a, RowBlock b, size_t columns, double* sums) {
  products_of_rows(a, b, columns, 1.0, sums);
}

}  // namespace llmap
