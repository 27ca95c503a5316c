#include "clip.h"

#include <atomic>

#include "parallel.h"

namespace llmap {

size_t clip(std::span<double> values, double threshold, int threads, const CancelFlag* cancel) {
  constexpr size_t kGrain = 1 << 18;
  std::atomic<size_t> clipped{0};
  parallel_for(values.size(), kGrain, threads, cancel, [&](size_t first, size_t last) {
    size_t below = 0;
    for (size_t i = first; i < last; ++i) {
      below += values[i] < threshold ? 1 : 0;
      values[i] = values[i] < threshold ? threshold : values[i];
    }
    clipped += below;
  });
  return clipped;
}

}  // namespace llmap
