// Quantile of a large array by selection, without sorting it.
#pragma once

#include <span>

#include "cancellation.h"

namespace llmap {

// The q-quantile (0 <= q <= 1) of at least one value with linear interpolation between the two neighbouring order
// statistics, to the bit as numpy.quantile's default (Hyndman and Fan 1996, type 7); of floats, computed in double.
// A random sample gives a bracket that holds the order statistics almost surely; one pass counts what is below it and
// copies what is inside (Floyd and Rivest 1975). Where the sample was wrong, the pass is repeated with a wider bracket,
// so the result never depends on the sample. Throws ERR_NUMERIC for NaN.
// Memory: a few hundredths of the values (all of fewer than 2^18 values).
template <typename T>
double quantile(std::span<const T> values, double q, int threads, const CancelFlag* cancel);

}  // namespace llmap
