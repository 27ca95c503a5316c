// log(sum(exp(row))) of one row of float32 logits, one implementation per instruction set.
//
// All of them return a float64 in nats; -inf where every entry is -inf, and NaN where an entry is NaN or +inf.
#pragma once

#include <cstddef>

#include "simd_level.h"

namespace llmap {

using LogSumExp = double (*)(const float* row, size_t size);

double log_sum_exp_scalar(const float* row, size_t size);
double log_sum_exp_avx2(const float* row, size_t size);
double log_sum_exp_avx512(const float* row, size_t size);
double log_sum_exp_neon(const float* row, size_t size);

// The implementation for a level; throws ERR_ARGUMENT where this machine does not run it.
LogSumExp log_sum_exp_for(SimdLevel level);

}  // namespace llmap
