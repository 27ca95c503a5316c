// The AVX-512 implementation.
#include <immintrin.h>

#include "tsne_forces_kernel.h"

namespace llmap {

namespace {

struct Avx512 {
  using Floats = __m512;
  static constexpr size_t width = 16;

  static Floats load(const float* p) { return _mm512_loadu_ps(p); }
  static Floats all(float value) { return _mm512_set1_ps(value); }
  static Floats add(Floats a, Floats b) { return _mm512_add_ps(a, b); }
  static Floats sub(Floats a, Floats b) { return _mm512_sub_ps(a, b); }
  static Floats mul(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
  static Floats multiply_add(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
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
