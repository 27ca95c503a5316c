#include "log_sum_exp.h"
namespace llmap { double log_sum_exp_avx512(const float* row, size_t size) { return log_sum_exp_scalar(row, size); } }
