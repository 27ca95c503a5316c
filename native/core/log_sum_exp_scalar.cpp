// The portable implementation: float64 throughout, one exp per entry. Slow, and the yardstick for the vectorised ones.
#include <algorithm>
#include <cmath>
#include <limits>

#include "log_sum_exp.h"

namespace llmap {

LogSumExp log_sum_exp_scalar(const float* row, size_t size) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double maximum = -kInfinity;
  for (size_t i = 0; i < size; ++i) {
    if (std::isnan(row[i])) return {0, row[i]};
    maximum = std::max(maximum, static_cast<double>(row[i]));
  }
  if (maximum == -kInfinity) return {0, -kInfinity};
  double sum = 0;  // NaN for a maximum of +inf
  for (size_t i = 0; i < size; ++i) sum += std::exp(static_cast<double>(row[i]) - maximum);
  return {maximum, std::log(sum)};
}

}  // namespace llmap
