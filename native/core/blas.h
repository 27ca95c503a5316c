// BLAS: which library, and the products that the matrix functions call.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>

namespace llmap {

// For example "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Zen MAX_THREADS=64" or "Accelerate".
std::string blas_description();

// Holds BLAS for one computation, whose own threads call it with one thread each: so its results depend on the shapes
// of the calls only. OpenBLAS's thread count belongs to the process, so computations take turns; all of them use every
// thread they are given, and would only slow each other down. Accelerate chooses its threads itself.
class BlasSession {
 public:
  BlasSession();

 private:
  std::unique_lock<std::mutex> lock_;
};

// A row-major matrix whose rows begin `stride` values after each other.
struct MatrixView {
  const double* values;
  size_t rows;
  size_t columns;
  size_t stride;
};

// out = A A^T + beta out, A.rows x A.rows; only the lower triangle is written (dsyrk).
void gram_of_rows(MatrixView a, double beta, double* out, size_t stride);
// The three products of dgemm that are needed: out = A B^T + beta out, A^T B + beta out, A B + beta out.
void multiply_by_transposed(MatrixView a, MatrixView b, double beta, double* out, size_t stride);
void multiply_transposed(MatrixView a, MatrixView b, double beta, double* out, size_t stride);
void multiply(MatrixView a, MatrixView b, double beta, double* out, size_t stride);

}  // namespace llmap
