#include "clip.h"

#include <atomic>

#include "parallel.h"

namespace llmap {

template <typename T>
size_t clip(std::span<T> values, double threshold, int threads, const CancelFlag* cancel) {
  constexpr size_t kGrain = 1 << 18;
  const auto least = static_cast<T>(threshold);
  std::atomic<size_t> clipped{0};
  parallel_for(values.size(), kGrain, threads, cancel, [&](size_t first, size_t last) {
    size_t below = 0;
    for (size_t i = first; i < last; ++i) {
      below += values[i] < least ? 1 : 0;
      values[i] = values[i] < least ? least : values[i];
    }
    clipped += below;
  });
  return clipped;
}

template size_t clip(std::span<float>, double, int, const CancelFlag*);
template size_t clip(std::span<double>, double, int, const CancelFlag*);

}  // namespace llmap
