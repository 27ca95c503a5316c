// The AVX2 implementation, with FMA.
#include "simd_avx2.h"
#include "tsne_forces_kernel.h"

namespace llmap {

namespace {

struct Avx2 : Avx2Floats {
  static Floats mul(Floats a, Floats b) { return _mm256_mul_ps(a, b); }
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
