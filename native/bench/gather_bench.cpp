// How near the log-softmax gather comes to the machine's limits: the read bandwidth on the same buffer with the same
// threads, and its own arithmetic on data in the first-level cache. One JSON object per line. Usage: gather_bench
// [--quick] [--threads N]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "available_cores.h"
#include "log_softmax_gather.h"
#include "log_sum_exp.h"
#include "parallel.h"

namespace {

using llmap::SimdLevel;

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Reads every cache line; the sum keeps the compiler from leaving it out. Plain C++ vectorised by the compiler: one
// load and one operation per register, far below the cost of memory.
uint64_t read_all(const uint64_t* words, size_t count) {
  uint64_t bits[32] = {};
  for (size_t i = 0; i + 32 <= count; i += 32) {
    for (size_t k = 0; k < 32; ++k) bits[k] ^= words[i + k];
  }
  uint64_t all = 0;
  for (const uint64_t b : bits) all ^= b;
  return all;
}

std::vector<float> random_logits(size_t count) {
  std::mt19937_64 random(7);
  std::normal_distribution<float> normal(0.0f, 3.0f);
  std::vector<float> period(1 << 16);
  for (float& x : period) x = normal(random);
  std::vector<float> logits(count);
  for (size_t i = 0; i < count; ++i) logits[i] = period[(i + i / 7919) % period.size()];
  return logits;
}

struct Timing {
  double memory = 1e300;     // seconds for the gather over the whole buffer
  double bandwidth = 1e300;  // seconds for reading the whole buffer
  double cached = 1e300;     // seconds for the same number of logits, over a row in the first-level cache
};

volatile uint64_t sink;

}  // namespace

int main(int argc, char** argv) {
  bool quick = false;
  int threads = llmap::available_cores();
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) quick = true;
    if (std::strcmp(argv[i], "--threads") == 0 && i + 1 < argc) threads = std::max(1, std::atoi(argv[++i]));
  }
  const size_t total = (quick ? 256 : 512) * size_t{1} << 18;  // logits: 256 or 512 MiB
  const int runs = quick ? 7 : 21;
  const std::vector<float> logits = random_logits(total);

  for (const size_t vocabulary : {size_t{512}, size_t{32'000}, size_t{151'936}}) {
    const size_t rows = total / vocabulary;
    const size_t used = rows * vocabulary;
    const double gigabytes = static_cast<double>(used) * sizeof(float) / 1e9;
    const std::vector<int32_t> targets(rows, 0);
    std::vector<double> out(rows);
    for (const SimdLevel level : llmap::available_simd_levels()) {
      if (level == SimdLevel::scalar) continue;
      const llmap::LogSumExpFunction log_sum_exp = llmap::log_sum_exp_for(level);
      Timing best;
      // Interleaved, and the best of all runs: the limits are those of an undisturbed machine.
      for (int run = 0; run < runs; ++run) {
        best.bandwidth =
            std::min(best.bandwidth, seconds([&] {
                       llmap::parallel_for(used / 2, 1 << 17, threads, nullptr, [&](size_t first, size_t last) {
                         sink = read_all(reinterpret_cast<const uint64_t*>(logits.data()) + first, last - first);
                       });
                     }));
        best.memory = std::min(best.memory, seconds([&] {
                                 llmap::log_softmax_gather(logits.data(), rows, vocabulary, targets.data(), out.data(),
                                                           {.threads = threads, .simd = level});
                               }));
        constexpr size_t kCachedRow = 7168;  // 28 KiB
        best.cached =
            std::min(best.cached, seconds([&] {
                       llmap::parallel_for(used / kCachedRow, 64, threads, nullptr, [&](size_t first, size_t last) {
                         const float* row = logits.data() + first * kCachedRow;
                         double sum = 0;
                         for (size_t r = first; r < last; ++r) sum += log_sum_exp(row, kCachedRow).remainder;
                         sink = static_cast<uint64_t>(sum);
                       });
                     }));
      }
      const double floor = std::max(best.bandwidth, best.cached);
      std::printf(
          "{\"bench\":\"gather\",\"case\":\"vocabulary %zu, "
          "%s\",\"ours\":%.2f,\"peer\":%.2f,\"peer_name\":\"%s\",\"ratio\":%.3f,"
          "\"unit\":\"GB/s\",\"conditions\":{\"threads\":%d,\"runs\":%d,\"statistic\":\"best\",\"bytes\":%zu,"
          "\"read_bandwidth\":%.2f,\"exp_rate_in_l1\":%.2f}}\n",
          vocabulary, llmap::name_of(level), gigabytes / best.memory, gigabytes / floor,
          best.bandwidth > best.cached ? "read bandwidth" : "exp rate in L1", floor / best.memory, threads, runs,
          used * sizeof(float), gigabytes / best.bandwidth, gigabytes / best.cached);
    }
  }
  return 0;
}
