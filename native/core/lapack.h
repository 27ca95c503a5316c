// LAPACK's Fortran routines, declared here so that no LAPACKE is needed. Fortran compilers pass the length of each
// character argument behind the other arguments; Accelerate's C interface does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "error.h"

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
void dptsv_(const int32_t* n, const int32_t* nrhs, double* d, double* e, double* b, const int32_t* ldb, int32_t* info);
}
#endif

namespace llmap {

inline void check_lapack(int32_t info, const char* routine) {
  if (info == 0) return;
  throw Error(ErrorCode::numeric, std::string("LAPACK's ") + routine + " failed (info " + std::to_string(info) + ")");
}

}  // namespace llmap
