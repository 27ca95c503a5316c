// Quantile of a large array by selection, without sorting it.
#pragma once

#include <span>

#include "cancellation.h"

namespace llmap {

// The q-quantile (0 <= q <= 1) of at least one value with linear interpolation between the two neighbouring order
// statistics, to the bit as numpy.quantile's default (Hyndman and Fan 1996, type 7). Throws ERR_NUMERIC for NaN.
// Memory: a copy of the values near the quantile only.
double quantile(std::span<const double> values, double q, int threads, const CancelFlag* cancel);

}  // namespace llmap
