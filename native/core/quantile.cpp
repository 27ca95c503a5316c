#include "quantile.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "error.h"
#include "parallel.h"

namespace llmap {

namespace {

// The values are counted by the leading 16 bits of their ordered bit pattern (sign, exponent, four bits of mantissa);
// only those that share a bucket with the order statistics are copied and selected from.
constexpr int kBucketBits = 16;
using Histogram = std::vector<size_t>;
constexpr size_t kGrain = 1 << 18;

// Maps doubles to unsigned integers of the same order: negative numbers are complemented, others get the sign bit.
size_t bucket_of(double value) {
  const auto bits = std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);  // -0 and 0 are equal
  const uint64_t ordered = bits >> 63 != 0 ? ~bits : bits | (uint64_t{1} << 63);
  return static_cast<size_t>(ordered >> (64 - kBucketBits));
}

Histogram count_buckets(std::span<const double> values, int threads, const CancelFlag* cancel) {
  Histogram total(size_t{1} << kBucketBits, 0);
  std::mutex mutex;
  // One histogram per thread would do; one per chunk of a few million values is nearly as cheap and needs no thread
  // ids.
  const size_t grain = std::max(kGrain, values.size() / static_cast<size_t>(std::max(threads, 1) * 4));
  parallel_for(values.size(), grain, threads, cancel, [&](size_t first, size_t last) {
    Histogram counts(total.size(), 0);
    for (size_t i = first; i < last; ++i) {
      if (std::isnan(values[i])) {
        throw Error(ErrorCode::numeric,
                    "Expected numbers for the quantile but found NaN at position " + std::to_string(i));
      }
      ++counts[bucket_of(values[i])];
    }
    const std::lock_guard lock(mutex);
    for (size_t b = 0; b < counts.size(); ++b) total[b] += counts[b];
  });
  return total;
}

// The bucket that holds the order statistic of a rank, and how many values lie in the buckets below it.
struct Position {
  size_t bucket;
  size_t below;
};

Position locate(const Histogram& histogram, size_t rank) {
  Position position{0, 0};
  while (position.below + histogram[position.bucket] <= rank) position.below += histogram[position.bucket++];
  return position;
}

// numpy's linear interpolation, which is exact at both ends.
double interpolate(double low, double high, double fraction) {
  if (low == high) return low;
  const double difference = high - low;
  return fraction < 0.5 ? low + difference * fraction : high - difference * (1 - fraction);
}

}  // namespace

double quantile(std::span<const double> values, double q, int threads, const CancelFlag* cancel) {
  if (values.empty()) throw Error(ErrorCode::argument, "Expected at least one value for the quantile but received 0");
  const double rank = q * static_cast<double>(values.size() - 1);
  const auto low_rank = static_cast<size_t>(rank);
  const size_t high_rank = std::min(low_rank + 1, values.size() - 1);

  const Histogram histogram = count_buckets(values, threads, cancel);
  const Position low = locate(histogram, low_rank);
  const Position high = locate(histogram, high_rank);

  std::vector<double> candidates;
  candidates.reserve(high.below + histogram[high.bucket] - low.below);
  parallel_for(values.size(), kGrain, 1, cancel, [&](size_t first, size_t last) {
    for (size_t i = first; i < last; ++i) {
      const size_t bucket = bucket_of(values[i]);
      if (bucket >= low.bucket && bucket <= high.bucket) candidates.push_back(values[i]);
    }
  });

  const auto selected = candidates.begin() + static_cast<std::ptrdiff_t>(low_rank - low.below);
  std::nth_element(candidates.begin(), selected, candidates.end());
  const double low_value = *selected;
  const double high_value = high_rank == low_rank ? low_value : *std::min_element(selected + 1, candidates.end());
  return interpolate(low_value, high_value, rank - static_cast<double>(low_rank));
}

}  // namespace llmap
