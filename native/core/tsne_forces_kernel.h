// The forces of t-SNE, written once for all vector instruction sets.
//
// Included by one translation unit per instruction set and nowhere else; everything is a template over a Vector in that
// file's unnamed namespace, for the reason given in log_sum_exp_kernel.h.
#pragma once

#include <cstddef>

#include "tsne_forces.h"

namespace llmap {

// What a Vector offers: Floats, a register of `width` float32 (which divides kTsnePadding), with
//   load, all, add, sub, mul
//   multiply_add(a, b, c)     a b + c
//   reciprocal(v)             1 / v, within 2 units in the last place
//   total(v)                  the sum of the lanes, as float64
template <typename Vector>
struct TsneForcesKernel {
  using Floats = typename Vector::Floats;

  static constexpr size_t kWidth = Vector::width;
  static_assert(kTsnePadding % kWidth == 0);
  // Every lane adds up at most this many terms before float64 takes over.
  static constexpr size_t kStretch = 64 * kWidth;

  static TsneForces forces(const float* const* axes, size_t dimensions, size_t padded, const float* affinities,
                           size_t point) {
    return dimensions == 2 ? sums<2>(axes, padded, affinities, point) : sums<3>(axes, padded, affinities, point);
  }

 private:
  template <size_t D>
  static TsneForces sums(const float* const* axes, size_t padded, const float* affinities, size_t point) {
    const Floats one = Vector::all(1.0f);
    const Floats zero = Vector::all(0.0f);
    Floats here[D];
    for (size_t d = 0; d < D; ++d) here[d] = Vector::all(axes[d][point]);

    TsneForces result{};
    for (size_t first = 0; first < padded; first += kStretch) {
      const size_t last = padded - first < kStretch ? padded : first + kStretch;
      Floats z = zero;
      Floats attraction[D];
      Floats repulsion[D];
      for (size_t d = 0; d < D; ++d) attraction[d] = repulsion[d] = zero;
      for (size_t j = first; j < last; j += kWidth) {
        Floats difference[D];
        Floats distance = one;
        for (size_t d = 0; d < D; ++d) {
          difference[d] = Vector::sub(here[d], Vector::load(axes[d] + j));
          distance = Vector::multiply_add(difference[d], difference[d], distance);
        }
        const Floats w = Vector::reciprocal(distance);
        const Floats pull = Vector::mul(w, Vector::load(affinities + j));
        const Floats push = Vector::mul(w, w);
        z = Vector::add(z, w);
        for (size_t d = 0; d < D; ++d) {
          attraction[d] = Vector::multiply_add(pull, difference[d], attraction[d]);
          repulsion[d] = Vector::multiply_add(push, difference[d], repulsion[d]);
        }
      }
      result.z += Vector::total(z);
      for (size_t d = 0; d < D; ++d) {
        result.attraction[d] += Vector::total(attraction[d]);
        result.repulsion[d] += Vector::total(repulsion[d]);
      }
    }
    return result;
  }
};

}  // namespace llmap
