// The AVX-512 implementation.
#include "log_sum_exp_kernel.h"
#include "simd_avx512.h"

namespace llmap {

namespace {

struct Avx512 : Avx512Floats {
  static void prefetch(uintptr_t address) { _mm_prefetch(reinterpret_cast<const char*>(address), _MM_HINT_T0); }
  static Floats max(Floats a, Floats b) { return _mm512_max_ps(a, b); }
  static Floats min(Floats a, Floats b) { return _mm512_min_ps(a, b); }
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
