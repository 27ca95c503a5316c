#include "quantile.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <mutex>
#include <string>
#include <vector>

#include "error.h"
#include "parallel.h"

namespace llmap {

namespace {

constexpr size_t kGrain = 1 << 18;
constexpr size_t kSample = 1 << 14;
constexpr double kUnlimited = std::numeric_limits<double>::infinity();

// Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators" (SplitMix64).
uint64_t split_mix(uint64_t& state) {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// Sorted values at seeded random positions, without NaN.
template <typename T>
std::vector<T> sorted_sample(std::span<const T> values) {
  std::vector<T> sample(kSample);
  uint64_t state = values.size();
  for (T& value : sample) value = values[split_mix(state) % values.size()];
  std::erase_if(sample, [](T value) { return std::isnan(value); });
  std::sort(sample.begin(), sample.end());
  return sample;
}

template <typename T>
struct Bracket {
  T low;
  T high;
};

// The sample's values `deviations` standard deviations of its order statistic below and above its own quantile.
template <typename T>
Bracket<T> bracket(const std::vector<T>& sample, double q, double deviations) {
  const double size = static_cast<double>(sample.size());
  const double reach = deviations * std::sqrt(size * q * (1 - q)) + deviations;
  const double low = std::floor(size * q - reach);
  const double high = std::ceil(size * q + reach);
  constexpr T infinity = std::numeric_limits<T>::infinity();
  return {low >= 0 ? sample[static_cast<size_t>(low)] : -infinity,
          high < size ? sample[static_cast<size_t>(high)] : infinity};
}

// How the values lie to a bracket. Those equal to a border are only counted, since there may be many (as at_low, where
// both borders are equal).
template <typename T>
struct Split {
  size_t below = 0;
  size_t at_low = 0;
  size_t at_high = 0;
  std::vector<T> inside;
};

template <typename T>
[[noreturn]] void reject_nan(std::span<const T> values, size_t first) {
  const auto nan = std::find_if(values.begin() + static_cast<std::ptrdiff_t>(first), values.end(),
                                [](T value) { return std::isnan(value); });
  throw Error(ErrorCode::numeric,
              "Expected numbers for the quantile but found NaN at position " + std::to_string(nan - values.begin()));
}

template <typename T>
Split<T> split(std::span<const T> values, Bracket<T> bracket, int threads, const CancelFlag* cancel) {
  constexpr size_t kBlock = 2048;  // in the first-level cache
  Split<T> total;
  std::mutex mutex;
  parallel_for(values.size(), kGrain, threads, cancel, [&](size_t first, size_t last) {
    Split<T> part;
    std::vector<T> rest(kBlock + 1);
    for (size_t begin = first; begin < last; begin += kBlock) {
      // What lies outside, nearly all, is only counted, without branches; NaN is among the rest.
      size_t count = 0;
      for (size_t i = begin; i < std::min(begin + kBlock, last); ++i) {
        const auto below = static_cast<size_t>(values[i] < bracket.low);
        const auto above = static_cast<size_t>(values[i] > bracket.high);
        part.below += below;
        rest[count] = values[i];
        count += 1 - (below | above);
      }
      for (size_t r = 0; r < count; ++r) {
        if (rest[r] == bracket.low) {
          ++part.at_low;
        } else if (rest[r] == bracket.high) {
          ++part.at_high;
        } else if (std::isnan(rest[r])) {
          reject_nan(values, begin);
        } else {
          part.inside.push_back(rest[r]);
        }
      }
    }
    const std::lock_guard lock(mutex);
    total.below += part.below;
    total.at_low += part.at_low;
    total.at_high += part.at_high;
    total.inside.insert(total.inside.end(), part.inside.begin(), part.inside.end());
  });
  return total;
}

// numpy's linear interpolation, which is exact at both ends.
double interpolate(double low, double high, double fraction) {
  if (low == high) return low;
  const double difference = high - low;
  return fraction < 0.5 ? low + difference * fraction : high - difference * (1 - fraction);
}

}  // namespace

template <typename T>
double quantile(std::span<const T> values, double q, int threads, const CancelFlag* cancel) {
  if (values.empty()) throw Error(ErrorCode::argument, "Expected at least one value for the quantile but received 0");
  const double rank = q * static_cast<double>(values.size() - 1);
  const auto low_rank = static_cast<size_t>(rank);
  const size_t high_rank = std::min(low_rank + 1, values.size() - 1);
  const bool is_small = values.size() < kSample * 16;
  const std::vector<T> sample = is_small ? std::vector<T>() : sorted_sample(values);

  for (double deviations = is_small ? kUnlimited : 5;; deviations = deviations == 5 ? 40 : kUnlimited) {
    constexpr T infinity = std::numeric_limits<T>::infinity();
    const bool everything = deviations == kUnlimited || sample.empty();
    const Bracket<T> borders = everything ? Bracket<T>{-infinity, infinity} : bracket(sample, q, deviations);
    Split<T> parts = split(values, borders, threads, cancel);
    const size_t inside_begin = parts.below + parts.at_low;
    const size_t inside_end = inside_begin + parts.inside.size();
    if (low_rank < parts.below || high_rank >= inside_end + parts.at_high) continue;

    const auto statistic = [&](size_t wanted) -> double {
      if (wanted < inside_begin) return borders.low;
      if (wanted >= inside_end) return borders.high;
      const auto place = parts.inside.begin() + static_cast<std::ptrdiff_t>(wanted - inside_begin);
      std::nth_element(parts.inside.begin(), place, parts.inside.end());
      return *place;
    };
    const double low = statistic(low_rank);
    const double high = high_rank == low_rank ? low : statistic(high_rank);
    return interpolate(low, high, rank - static_cast<double>(low_rank)) + 0.0;  // -0 becomes 0
  }
}

template double quantile(std::span<const float>, double, int, const CancelFlag*);
template double quantile(std::span<const double>, double, int, const CancelFlag*);

}  // namespace llmap
