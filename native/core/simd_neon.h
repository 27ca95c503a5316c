// NEON registers of float32 and what every kernel does with them.
//
// Included by the translation units of NEON and nowhere else, and in the unnamed namespace of each: see
// log_sum_exp_kernel.h.
#pragma once

#include <arm_neon.h>

#include <cstddef>

namespace llmap {

namespace {

struct NeonFloats {
  using Floats = float32x4_t;
  static constexpr size_t width = 4;

  static Floats load(const float* p) { return vld1q_f32(p); }
  static Floats all(float value) { return vdupq_n_f32(value); }
  static Floats add(Floats a, Floats b) { return vaddq_f32(a, b); }
  static Floats sub(Floats a, Floats b) { return vsubq_f32(a, b); }
  static Floats multiply_add(Floats a, Floats b, Floats c) { return vfmaq_f32(c, a, b); }
};

}  // namespace

}  // namespace llmap
