// Clipping from below.
#pragma once

#include <cstddef>
#include <span>

#include "cancellation.h"

namespace llmap {

// values = max(values, threshold) in place; returns how many entries were below the threshold. NaN stays NaN.
// T: float or double; a float entry is compared with, and raised to, the threshold rounded to float.
template <typename T>
size_t clip(std::span<T> values, double threshold, int threads, const CancelFlag* cancel);

}  // namespace llmap
