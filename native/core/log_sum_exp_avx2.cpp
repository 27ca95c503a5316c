// The AVX2 implementation, with FMA.
#include "log_sum_exp_kernel.h"
#include "simd_avx2.h"

namespace llmap {

namespace {

struct Avx2 : Avx2Floats {
  static void prefetch(uintptr_t address) { _mm_prefetch(reinterpret_cast<const char*>(address), _MM_HINT_T0); }
  static Floats max(Floats a, Floats b) { return _mm256_max_ps(a, b); }
  static Floats min(Floats a, Floats b) { return _mm256_min_ps(a, b); }
  static Floats multiply_sub(Floats a, Floats b, Floats c) { return _mm256_fmsub_ps(a, b, c); }
  static Floats power_of_two(Floats k) { return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(k), 23)); }
  static float largest(Floats v) {
    __m128 m = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    m = _mm_max_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_max_ss(m, _mm_movehdup_ps(m)));
  }

  struct Sums {
    __m256d low = _mm256_setzero_pd();
    __m256d high = _mm256_setzero_pd();
    void add(Floats v) {
      low = _mm256_add_pd(low, _mm256_cvtps_pd(_mm256_castps256_ps128(v)));
      high = _mm256_add_pd(high, _mm256_cvtps_pd(_mm256_extractf128_ps(v, 1)));
    }
    double total() const {
      const __m256d sum = _mm256_add_pd(low, high);
      const __m128d pair = _mm_add_pd(_mm256_castpd256_pd128(sum), _mm256_extractf128_pd(sum, 1));
      return _mm_cvtsd_f64(_mm_add_sd(pair, _mm_unpackhi_pd(pair, pair)));
    }
  };
};

}  // namespace

LogSumExp log_sum_exp_avx2(const float* row, size_t size) {
  return LogSumExpKernel<Avx2>::log_sum_exp(row, size);
}

}  // namespace llmap
