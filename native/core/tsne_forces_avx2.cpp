// The AVX2 implementation, with FMA.
#include <immintrin.h>

#include "tsne_forces_kernel.h"

namespace llmap {

namespace {

struct Avx2 {
  using Floats = __m256;
  static constexpr size_t width = 8;

  static Floats load(const float* p) { return _mm256_loadu_ps(p); }
  static Floats all(float value) { return _mm256_set1_ps(value); }
  static Floats add(Floats a, Floats b) { return _mm256_add_ps(a, b); }
  static Floats sub(Floats a, Floats b) { return _mm256_sub_ps(a, b); }
  static Floats mul(Floats a, Floats b) { return _mm256_mul_ps(a, b); }
  static Floats multiply_add(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
  static Floats reciprocal(Floats v) { return _mm256_div_ps(all(1.0f), v); }
  static double total(Floats v) {
    double lanes[4];
    _mm256_storeu_pd(
        lanes, _mm256_add_pd(_mm256_cvtps_pd(_mm256_castps256_ps128(v)), _mm256_cvtps_pd(_mm256_extractf128_ps(v, 1))));
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
  }
};

}  // namespace

TsneForces tsne_forces_avx2(const float* const* axes, size_t dimensions, size_t padded, const float* affinities,
                            size_t point) {
  return TsneForcesKernel<Avx2>::forces(axes, dimensions, padded, affinities, point);
}

}  // namespace llmap
