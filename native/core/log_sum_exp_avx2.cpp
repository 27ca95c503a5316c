// The AVX2 implementation, with FMA.
#include <immintrin.h>

#include "log_sum_exp_kernel.h"

namespace llmap {

namespace {

struct Avx2 {
  using Floats = __m256;
  static constexpr size_t width = 8;

  static Floats load(const float* p) { return _mm256_loadu_ps(p); }
  static Floats all(float value) { return _mm256_set1_ps(value); }
  static Floats add(Floats a, Floats b) { return _mm256_add_ps(a, b); }
  static Floats sub(Floats a, Floats b) { return _mm256_sub_ps(a, b); }
  static Floats max(Floats a, Floats b) { return _mm256_max_ps(a, b); }
  static Floats min(Floats a, Floats b) { return _mm256_min_ps(a, b); }
  static Floats multiply_add(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
  static Floats multiply_sub(Floats a, Floats b, Floats c) { return _mm256_fmsub_ps(a, b, c); }
  static Floats power_of_two(Floats k) { return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(k), 23)); }
  static float largest(Floats v) {
    float lanes[width];
    _mm256_storeu_ps(lanes, v);
    float result = lanes[0];
    for (const float lane : lanes) result = lane > result ? lane : result;
    return result;
  }

  struct Sums {
    __m256d low = _mm256_setzero_pd();
    __m256d high = _mm256_setzero_pd();
    void add(Floats v) {
      low = _mm256_add_pd(low, _mm256_cvtps_pd(_mm256_castps256_ps128(v)));
      high = _mm256_add_pd(high, _mm256_cvtps_pd(_mm256_extractf128_ps(v, 1)));
    }
    double total() const {
      double lanes[4];
      _mm256_storeu_pd(lanes, _mm256_add_pd(low, high));
      return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
    }
  };
};

}  // namespace

LogSumExp log_sum_exp_avx2(const float* row, size_t size) {
  return LogSumExpKernel<Avx2>::log_sum_exp(row, size);
}

}  // namespace llmap
