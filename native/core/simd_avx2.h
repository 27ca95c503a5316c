// AVX2 registers of float32 and what every kernel does with them.
//
// Included by the translation units of AVX2 and nowhere else, and in the unnamed namespace of each: see
// log_sum_exp_kernel.h.
#pragma once

#include <immintrin.h>

#include <cstddef>

namespace llmap {

namespace {

struct Avx2Floats {
  using Floats = __m256;
  static constexpr size_t width = 8;

  static Floats load(const float* p) { return _mm256_loadu_ps(p); }
  static Floats all(float value) { return _mm256_set1_ps(value); }
  static Floats add(Floats a, Floats b) { return _mm256_add_ps(a, b); }
  static Floats sub(Floats a, Floats b) { return _mm256_sub_ps(a, b); }
  static Floats multiply_add(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
};

}  // namespace

}  // namespace llmap
