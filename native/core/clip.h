// Clipping from below.
#pragma once

#include <cstddef>
#include <span>

#include "cancellation.h"

namespace llmap {

// values = max(values, threshold) in place; returns how many entries were below the threshold. NaN stays NaN.
size_t clip(std::span<double> values, double threshold, int threads, const CancelFlag* cancel);

}  // namespace llmap
