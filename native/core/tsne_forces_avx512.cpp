// The AVX-512 implementation.
#include "simd_avx512.h"
#include "tsne_forces_kernel.h"

namespace llmap {

namespace {

struct Avx512 : Avx512Floats {
  static Floats mul(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
  static Floats reciprocal(Floats v) {
    const Floats guess = _mm512_rcp14_ps(v);  // one step of Newton doubles its 14 bits
    return _mm512_fmadd_ps(guess, _mm512_fnmadd_ps(v, guess, all(1.0f)), guess);
  }
  static double total(Floats v) {
    return _mm512_reduce_add_pd(
        _mm512_add_pd(_mm512_cvtps_pd(_mm512_castps512_ps256(v)), _mm512_cvtps_pd(_mm512_extractf32x8_ps(v, 1))));
  }
};

}  // namespace

TsneForces tsne_forces_avx512(const float* const* axes, size_t dimensions, size_t padded, const float* affinities,
                              size_t point) {
  return TsneForcesKernel<Avx512>::forces(axes, dimensions, padded, affinities, point);
}

}  // namespace llmap
