// log(sum(exp(row))) of one row of float32 logits, one implementation per instruction set.
//
// The value comes in two parts, so that its digits survive beside a large reference (3e38 is a finite logit).
#pragma once

#include <cstddef>

#include "simd_level.h"

namespace llmap {

// log(sum(exp(row))) = reference + remainder, in nats. The remainder is NaN where an entry is NaN or +inf, and -inf
// where every entry is -inf.
struct LogSumExp {
  double reference;  // near the maximum
  double remainder;
};
using LogSumExpFunction = LogSumExp (*)(const float* row, size_t size);

LogSumExp log_sum_exp_scalar(const float* row, size_t size);
LogSumExp log_sum_exp_avx2(const float* row, size_t size);
LogSumExp log_sum_exp_avx512(const float* row, size_t size);
LogSumExp log_sum_exp_neon(const float* row, size_t size);

// The implementation for a level; throws ERR_ARGUMENT where this machine does not run it.
LogSumExpFunction log_sum_exp_for(SimdLevel level);

}  // namespace llmap
