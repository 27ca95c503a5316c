#include "log_softmax_gather.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "error.h"
#include "log_sum_exp.h"
#include "parallel.h"

namespace llmap {

namespace {

// Rows are handed to threads in chunks of about this many logits: long enough to hide the hand-out, short enough to
// share a small batch evenly and to notice a cancellation within a millisecond.
constexpr size_t kChunkValues = 256 * 1024;

std::string reason_against(const float* row, size_t size) {
  if (std::any_of(row, row + size, [](float x) { return std::isnan(x); })) return "NaN";
  if (std::any_of(row, row + size, [](float x) { return std::isinf(x) && x > 0; })) return "+infinity";
  return "nothing but -infinity";
}

}  // namespace

LogSumExpFunction log_sum_exp_for(SimdLevel level) {
  require_available(level);
  switch (level) {
#if defined(__x86_64__) || defined(_M_X64)
    case SimdLevel::avx512:
      return log_sum_exp_avx512;
    case SimdLevel::avx2:
      return log_sum_exp_avx2;
#elif defined(__aarch64__) || defined(_M_ARM64)
    case SimdLevel::neon:
      return log_sum_exp_neon;
#endif
    default:
      return log_sum_exp_scalar;
  }
}

void log_softmax_gather(const float* logits, size_t rows, size_t vocabulary, const int32_t* targets, double* out,
                        const GatherOptions& options) {
  const LogSumExpFunction log_sum_exp = log_sum_exp_for(options.simd);
  const size_t grain = std::max<size_t>(1, kChunkValues / std::max<size_t>(vocabulary, 1));
  parallel_for(rows, grain, options.threads, options.cancel, [&](size_t first, size_t last) {
    for (size_t r = first; r < last; ++r) {
      const float* row = logits + r * vocabulary;
      const LogSumExp total = log_sum_exp(row, vocabulary);
      if (!std::isfinite(total.remainder)) throw RowError("logits", r, reason_against(row, vocabulary));
      // Rounding may leave a certain token a hair above 0.
      out[r] = std::min(0.0, (static_cast<double>(row[targets[r]]) - total.reference) - total.remainder);
    }
  });
}

}  // namespace llmap
