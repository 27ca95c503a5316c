// BLAS: which library, its threads, and the products that the matrix functions call.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>

namespace llmap {

// For example "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Zen MAX_THREADS=64" or "Accelerate".
std::string blas_description();

// Holds BLAS for one computation with a number of threads of its own. OpenBLAS's thread count belongs to the process,
// so computations take turns; all of them use every thread they are given, and would only slow each other down.
// Accelerate chooses its threads itself.
class BlasSession {
 public:
  explicit BlasSession(int threads);

 private:
  std::unique_lock<std::mutex> lock_;
};

// Rows of a row-major matrix, one after the other.
struct RowBlock {
  const double* values;
  size_t rows;
};

// gram = A A^T, a.rows x a.rows, row-major; only the lower triangle is written (dsyrk).
void gram_of_rows(RowBlock a, size_t columns, double* gram);
// gram = A B^T, a.rows x b.rows, row-major (dgemm).
void gram_of_rows(RowBlock a, RowBlock b, size_t columns, double* gram);
// sums += A B^T, a.rows x b.rows, row-major (dgemm).
void add_products_of_rows(RowBlock a, RowBlock b, size_t columns, double* sums);

}  // namespace llmap
