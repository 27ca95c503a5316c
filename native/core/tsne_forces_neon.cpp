// The NEON implementation (arm64).
#include "simd_neon.h"
#include "tsne_forces_kernel.h"

namespace llmap {

namespace {

struct Neon : NeonFloats {
  static Floats mul(Floats a, Floats b) { return vmulq_f32(a, b); }
  static Floats reciprocal(Floats v) { return vdivq_f32(all(1.0f), v); }
  static double total(Floats v) { return vaddvq_f64(vaddq_f64(vcvt_f64_f32(vget_low_f32(v)), vcvt_high_f64_f32(v))); }
};

}  // namespace

TsneForces tsne_forces_neon(const float* const* axes, size_t dimensions, size_t padded, const float* affinities,
                            size_t point) {
  return TsneForcesKernel<Neon>::forces(axes, dimensions, padded, affinities, point);
}

}  // namespace llmap
