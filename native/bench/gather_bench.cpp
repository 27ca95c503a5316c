// How near the log-softmax gather comes to the machine's limits: reading the same buffer with the same threads, and its
// own arithmetic on data in the first-level cache. Beside them memcpy of the buffer: what it would cost to move the
// logits out of llama.cpp's way before reading them. One JSON object per line: the bytes of logits per second, in GB/s,
// the best of all runs. bench/gather.mjs makes results of it. Usage: gather_bench [--quick]
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

// Seconds, the best of all runs: limits are those of an undisturbed machine.
struct Best {
  double gather = 1e300;
  double read = 1e300;
  double exp_in_l1 = 1e300;  // as many logits, over and over from a row in the first-level cache
  double copy = 1e300;
};

volatile uint64_t sink;

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const int threads = llmap::available_cores();
  const size_t total = (quick ? 128 : 512) * size_t{1} << 18;  // logits: 128 or 512 MiB
  const std::vector<float> logits = random_logits(total);
  std::vector<float> copy(total);

  for (const size_t vocabulary : {size_t{512}, size_t{32'000}, size_t{152'000}}) {
    const size_t rows = total / vocabulary;
    const size_t used = rows * vocabulary;
    const std::vector<int32_t> targets(rows, 0);
    std::vector<double> out(rows);
    for (const SimdLevel level : llmap::available_simd_levels()) {
      // The scalar kernel is no contender, and takes long.
      const int runs = level == SimdLevel::scalar ? 3 : quick ? 5 : 21;
      const llmap::LogSumExpFunction log_sum_exp = llmap::log_sum_exp_for(level);
      Best best;
      const auto measure = [](double& fastest, const std::function<void()>& work) {
        fastest = std::min(fastest, seconds(work));
      };
      for (int run = 0; run < runs; ++run) {
        measure(best.read, [&] {
          llmap::parallel_for(used / 2, 1 << 17, threads, nullptr, [&](size_t first, size_t last) {
            sink = read_all(reinterpret_cast<const uint64_t*>(logits.data()) + first, last - first);
          });
        });
        measure(best.gather, [&] {
          llmap::log_softmax_gather(logits.data(), rows, vocabulary, targets.data(), out.data(),
                                    {.threads = threads, .simd = level});
        });
        measure(best.exp_in_l1, [&] {
          constexpr size_t kCachedRow = 7168;  // 28 KiB
          llmap::parallel_for(used / kCachedRow, 64, threads, nullptr, [&](size_t first, size_t last) {
            const float* row = logits.data() + first * kCachedRow;
            double sum = 0;
            for (size_t r = first; r < last; ++r) sum += log_sum_exp(row, kCachedRow).remainder;
            sink = static_cast<uint64_t>(sum);
          });
        });
        // One piece per thread, so that memcpy knows its size and chooses its way of storing.
        measure(best.copy, [&] {
          const size_t piece = (used + static_cast<size_t>(threads) - 1) / static_cast<size_t>(threads);
          llmap::parallel_for(used, piece, threads, nullptr, [&](size_t first, size_t last) {
            std::memcpy(copy.data() + first, logits.data() + first, (last - first) * sizeof(float));
          });
        });
      }
      sink = static_cast<uint64_t>(copy[used - 1]);
      const double gigabytes = static_cast<double>(used) * sizeof(float) / 1e9;
      std::printf(
          "{\"vocabulary\":%zu,\"simd\":\"%s\",\"threads\":%d,\"runs\":%d,\"bytes\":%zu,"
          "\"gather\":%.3f,\"read\":%.3f,\"exp_in_l1\":%.3f,\"memcpy\":%.3f}\n",
          vocabulary, llmap::name_of(level), threads, runs, used * sizeof(float), gigabytes / best.gather,
          gigabytes / best.read, gigabytes / best.exp_in_l1, gigabytes / best.copy);
      std::fflush(stdout);
    }
  }
  return 0;
}
