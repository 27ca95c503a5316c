// The portable implementation: float64 throughout, one exp per entry. Slow, and the yardstick for the vectorised ones.
#include <algorithm>
#include <cmath>
#include <limits>

#include "log_sum_exp.h"

namespace llmap {

double log_sum_exp_scalar(const float* row, size_t size) {
  double maximum = -std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < size; ++i) {
    if (std::isnan(row[i])) return std::numeric_limits<double>::quiet_NaN();
    maximum = std::max(maximum, static_cast<double>(row[i]));
  }
  if (std::isinf(maximum)) return maximum < 0 ? maximum : std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (size_t i = 0; i < size; ++i) sum += std::exp(static_cast<double>(row[i]) - maximum);
  return maximum + std::log(sum);
}

}  // namespace llmap
