// log(sum(exp(row))) in one pass over memory, written once for all vector instruction sets.
//
// The sum is taken in powers of two, relative to a reference r near the maximum. With L = log2 e rounded to float32,
// c = -round(r L) and S = sum of 2^(x L + c):
//
//   log sum e^x = r + log S - (c + r L) ln 2
//
// r is the maximum of the first few entries, so a row is read from memory once; a block whose sum shows that it holds
// entries far above r is summed again, from the first-level cache, relative to its own maximum.
//
// c is an integer, so x L + c splits into an integer and a fraction of at most 1/2 with one rounding (a fused
// multiply-subtract), for large x as well. The rounding of L is taken back at r by c + r L in float64; what it leaves
// is 1.4e-8 times the mean distance of x from r.
//
// Included by one translation unit per instruction set and nowhere else. Everything is a template over a Vector in that
// file's unnamed namespace, and nothing of the standard library is instantiated: code compiled for one instruction set
// must not be merged by the linker with the same inline function compiled for another.
#pragma once

#include <math.h>

#include <cstddef>
#include <cstdint>

#include "log_sum_exp.h"

namespace llmap {

// What a Vector offers: Floats, a register of `width` float32, with
//   load, all, add, sub, max, min     max(a, b) and min(a, b) return NaN where b is NaN
//   multiply_add(a, b, c)             a b + c, rounded once; multiply_sub: a b - c
//   prefetch(address)                 asks for the cache line of an address (uintptr_t), which may be any
//   power_of_two(k)                   the float whose exponent bits are the lowest bits of k
//   largest(v)                        the largest lane
// and Sums, sums in float64, with add(Floats) and total().
template <typename Vector>
struct LogSumExpKernel {
  using Floats = typename Vector::Floats;
  using Sums = typename Vector::Sums;

  static constexpr size_t kWidth = Vector::width;
  // Every lane adds up 16 terms in float32, then float64 takes over: the rounding of the sums stays below 4e-7.
  static constexpr size_t kGroup = 16 * kWidth;
  static constexpr size_t kBlock = 1024;  // 4 KiB, well inside the first-level cache
  static_assert(kBlock % kGroup == 0);
  static constexpr size_t kSample = 128;  // entries that the first reference is taken from
  // Fetched from memory this far ahead, also beyond the row's end, where the next row begins: the processor's own
  // prefetching stops at pages of 4 KiB, and there are too many instructions between loads for it to look far ahead.
  static constexpr size_t kAhead = 2048;
  static constexpr size_t kLine = 16;  // entries of a cache line

  static constexpr float kLog2E = 1.44269504088896340736f;
  static constexpr double kLn2 = 0.693147180559945309417;
  // Entries are clamped to this distance from the reference. Below, e^-80 is nothing beside the maximum's 1; above, it
  // keeps float32 from overflowing until the block is summed again.
  static constexpr float kReach = 80.0f;
  // A block that sums to more than this holds entries far above the reference.
  static constexpr double kRise = 1 << 23;
  // Beyond this x L + c does not fit float32's integers; such logits mean nothing, but get a correct, slow answer.
  static constexpr float kLargestReference = 1 << 20;
  // Adding it rounds a float to an integer that stands in the lowest bits.
  static constexpr float kRounder = 12582912.0f;  // 1.5 * 2^23
  static constexpr float kExponentBias = 127.0f;

  struct Reference {
    float value;
    float offset;  // c
  };
  static Reference reference_at(float value) { return {value, -rintf(value * kLog2E)}; }
  static bool fits(Reference reference) { return fabsf(reference.value) <= kLargestReference; }  // not where it is NaN

  static LogSumExp log_sum_exp(const float* row, size_t size) {
    size_t first = 0;
    while (first < size && all_minus_infinity(row + first, at_most(kSample, size - first))) first += kSample;
    if (first >= size) return {0, -HUGE_VAL};
    Reference reference = reference_at(maximum(row + first, at_most(kSample, size - first)));
    if (!fits(reference)) return log_sum_exp_scalar(row, size);

    double sum = 0;
    for (; first < size; first += kBlock) {
      const float* block = row + first;
      const size_t count = at_most(kBlock, size - first);
      double block_sum = sum_of_powers(block, count, reference);
      if (block_sum > kRise) {
        const Reference higher = reference_at(maximum(block, count));
        if (!fits(higher)) return log_sum_exp_scalar(row, size);
        sum *= exp2(static_cast<double>(higher.offset) - reference.offset);
        reference = higher;
        block_sum = sum_of_powers(block, count, reference);
      }
      sum += block_sum;  // NaN stays NaN
    }
    const double r = reference.value;
    return {r, log(sum) - (reference.offset + r * kLog2E) * kLn2};
  }

 private:
  static size_t at_most(size_t limit, size_t count) { return count < limit ? count : limit; }

  static bool all_minus_infinity(const float* block, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      if (!(block[i] == -HUGE_VALF)) return false;
    }
    return true;
  }

  // Calls use(v) for each vector of the block; the last one is filled up with -inf.
  template <typename Use>
  static void for_each_vector(const float* block, size_t count, Use use) {
    size_t i = 0;
    for (; i + kWidth <= count; i += kWidth) use(Vector::load(block + i));
    if (i == count) return;
    float rest[kWidth];
    for (size_t k = 0; k < kWidth; ++k) rest[k] = i + k < count ? block[i + k] : -HUGE_VALF;
    use(Vector::load(rest));
  }

  static float maximum(const float* block, size_t count) {
    Floats largest[4];  // side by side: one maximum after the other would wait for each
    for (Floats& lanes : largest) lanes = Vector::all(-HUGE_VALF);
    size_t i = 0;
    for (; i + 4 * kWidth <= count; i += 4 * kWidth) {
      for (size_t j = 0; j < 4; ++j) largest[j] = Vector::max(largest[j], Vector::load(block + i + j * kWidth));
    }
    for_each_vector(block + i, count - i, [&](Floats x) { largest[0] = Vector::max(largest[0], x); });
    return Vector::largest(Vector::max(Vector::max(largest[0], largest[1]), Vector::max(largest[2], largest[3])));
  }

  // Sum of 2^(x L + c) over a block.
  static double sum_of_powers(const float* block, size_t count, Reference reference) {
    const Floats low = Vector::all(reference.value - kReach);
    const Floats high = Vector::all(reference.value + kReach);
    const Floats log2_e = Vector::all(kLog2E);
    const Floats rounder = Vector::all(kRounder + kExponentBias + reference.offset);

    // sum + 2^(x L + c)
    const auto accumulate = [&](Floats x, Floats sum) {
      x = Vector::min(high, Vector::max(low, x));
      // The lowest bits of k hold n + c + 127, the exponent bits of 2^(n + c) with n = round(x L).
      const Floats k = Vector::multiply_add(x, log2_e, rounder);
      const Floats n = Vector::sub(k, rounder);
      const Floats f = Vector::multiply_sub(x, log2_e, n);  // -1/2 <= f <= 1/2
      // 2^f: minimax polynomial of degree 5 with value 1 at 0, coefficients rounded to float32 one by one while the
      // others were fitted anew (linear programming on the relative error, which is below 1.2e-7).
      Floats p = Vector::all(1.32362510e-3f);
      p = Vector::multiply_add(p, f, Vector::all(9.67070181e-3f));
      p = Vector::multiply_add(p, f, Vector::all(5.55078052e-2f));
      p = Vector::multiply_add(p, f, Vector::all(2.40222573e-1f));
      p = Vector::multiply_add(p, f, Vector::all(6.93147004e-1f));
      p = Vector::multiply_add(p, f, Vector::all(1.0f));
      return Vector::multiply_add(p, Vector::power_of_two(k), sum);
    };

    Sums total;
    size_t i = 0;
    for (; i + kGroup <= count; i += kGroup) {
      Floats sums[4];
      for (Floats& sum : sums) sum = Vector::all(0.0f);
      for (size_t k = 0; k < kGroup; k += 4 * kWidth) {
        // Integers, as a pointer beyond the buffer's end must not even be computed.
        const uintptr_t ahead = reinterpret_cast<uintptr_t>(block + i + k) + kAhead * sizeof(float);
        for (size_t line = 0; line < 4 * kWidth; line += kLine) Vector::prefetch(ahead + line * sizeof(float));
        for (size_t j = 0; j < 4; ++j) sums[j] = accumulate(Vector::load(block + i + k + j * kWidth), sums[j]);
      }
      total.add(Vector::add(Vector::add(sums[0], sums[1]), Vector::add(sums[2], sums[3])));
    }
    for_each_vector(block + i, count - i, [&](Floats x) { total.add(accumulate(x, Vector::all(0.0f))); });
    return total.total();
  }
};

}  // namespace llmap
