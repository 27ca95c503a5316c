// The AVX-512 implementation.
#include <immintrin.h>

#include "log_sum_exp_kernel.h"

namespace llmap {

namespace {

struct Avx512 {
  using Floats = __m512;
  static constexpr size_t width = 16;

  static Floats load(const float* p) { return _mm512_loadu_ps(p); }
  static void prefetch(uintptr_t address) { _mm_prefetch(reinterpret_cast<const char*>(address), _MM_HINT_T0); }
  static Floats all(float value) { return _mm512_set1_ps(value); }
  static Floats add(Floats a, Floats b) { return _mm512_add_ps(a, b); }
  static Floats sub(Floats a, Floats b) { return _mm512_sub_ps(a, b); }
  static Floats max(Floats a, Floats b) { return _mm512_max_ps(a, b); }
  static Floats min(Floats a, Floats b) { return _mm512_min_ps(a, b); }
  static Floats multiply_add(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
  static Floats multiply_sub(Floats a, Floats b, Floats c) { return _mm512_fmsub_ps(a, b, c); }
  static Floats power_of_two(Floats k) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(k), 23)); }
  static float largest(Floats v) { return _mm512_reduce_max_ps(v); }

  struct Sums {
    __m512d low = _mm512_setzero_pd();
    __m512d high = _mm512_setzero_pd();
    void add(Floats v) {
      low = _mm512_add_pd(low, _mm512_cvtps_pd(_mm512_castps512_ps256(v)));
      high = _mm512_add_pd(high, _mm512_cvtps_pd(_mm512_extractf32x8_ps(v, 1)));
    }
    double total() const { return _mm512_reduce_add_pd(_mm512_add_pd(low, high)); }
  };
};

}  // namespace

LogSumExp log_sum_exp_avx512(const float* row, size_t size) {
  return LogSumExpKernel<Avx512>::log_sum_exp(row, size);
}

}  // namespace llmap
