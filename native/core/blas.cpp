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

BlasSession::BlasSession() : lock_(blas_mutex()) {
#if !defined(LLMAP_BLAS_ACCELERATE)
  openblas_set_num_threads(1);
#endif
}

namespace {

void product(CBLAS_TRANSPOSE transpose_a, CBLAS_TRANSPOSE transpose_b, MatrixView a, MatrixView b, double beta,
             double* out, size_t stride) {
  const bool a_is_transposed = transpose_a == CblasTrans;
  const auto m = static_cast<int>(a_is_transposed ? a.columns : a.rows);
  const auto k = static_cast<int>(a_is_transposed ? a.rows : a.columns);
  const auto n = static_cast<int>(transpose_b == CblasTrans ? b.rows : b.columns);
  cblas_dgemm(CblasRowMajor, transpose_a, transpose_b, m, n, k, 1.0, a.values, static_cast<int>(a.stride), b.values,
              static_cast<int>(b.stride), beta, out, static_cast<int>(stride));
}

}  // namespace

void gram_of_rows(MatrixView a, double beta, double* out, size_t stride) {
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, static_cast<int>(a.rows), static_cast<int>(a.columns), 1.0,
              a.values, static_cast<int>(a.stride), beta, out, static_cast<int>(stride));
}

void multiply_by_transposed(MatrixView a, MatrixView b, double beta, double* out, size_t stride) {
  product(CblasNoTrans, CblasTrans, a, b, beta, out, stride);
}

void multiply_transposed(MatrixView a, MatrixView b, double beta, double* out, size_t stride) {
  product(CblasTrans, CblasNoTrans, a, b, beta, out, stride);
}

void multiply(MatrixView a, MatrixView b, double beta, double* out, size_t stride) {
  product(CblasNoTrans, CblasNoTrans, a, b, beta, out, stride);
}

}  // namespace llmap
