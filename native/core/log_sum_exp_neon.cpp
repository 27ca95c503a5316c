// The NEON implementation (arm64).
#include "log_sum_exp_kernel.h"
#include "simd_neon.h"

namespace llmap {

namespace {

struct Neon : NeonFloats {
#ifdef _MSC_VER
  static void prefetch(uintptr_t address) {
    __prefetch(reinterpret_cast<const void*>(address));
  }
#else
  static void prefetch(uintptr_t address) {
    __builtin_prefetch(reinterpret_cast<const void*>(address));
  }
#endif
  static Floats max(Floats a, Floats b) {
    return vmaxq_f32(a, b);
  }
  static Floats min(Floats a, Floats b) {
    return vminq_f32(a, b);
  }
  static Floats multiply_sub(Floats a, Floats b, Floats c) {
    return vfmaq_f32(vnegq_f32(c), a, b);
  }
  static Floats power_of_two(Floats k) {
    return vreinterpretq_f32_s32(vshlq_n_s32(vreinterpretq_s32_f32(k), 23));
  }
  static float largest(Floats v) {
    return vmaxvq_f32(v);
  }

  struct Sums {
    float64x2_t low = vdupq_n_f64(0);
    float64x2_t high = vdupq_n_f64(0);
    void add(Floats v) {
      low = vaddq_f64(low, vcvt_f64_f32(vget_low_f32(v)));
      high = vaddq_f64(high, vcvt_high_f64_f32(v));
    }
    double total() const { return vaddvq_f64(vaddq_f64(low, high)); }
  };
};

}  // namespace

LogSumExp log_sum_exp_neon(const float* row, size_t size) {
  return LogSumExpKernel<Neon>::log_sum_exp(row, size);
}

}  // namespace llmap
