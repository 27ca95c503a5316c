// Log-softmax gather: the log-probability of one target token per row of logits, without writing the softmax.
//
//   log p(target) = logits[target] - log(sum over v of exp(logits[v]))        (nats)
#pragma once

#include <cstddef>
#include <cstdint>

#include "cancellation.h"
#include "simd_level.h"

namespace llmap {

struct GatherOptions {
  int threads = 1;
  SimdLevel simd = best_simd_level();
  const CancelFlag* cancel = nullptr;
};

// logits: rows x vocabulary, row-major, finite or -inf; read once, nothing is written to them.
// targets: one token id in [0, vocabulary) per row; the caller has checked them.
// out: one log-probability per row, within 1e-6 of the exact value; -inf where the target's logit is -inf.
// A row with NaN or +inf, or with nothing but -inf, throws RowError with the number of the first such row.
void log_softmax_gather(const float* logits, size_t rows, size_t vocabulary, const int32_t* targets, double* out,
                        const GatherOptions& options);

}  // namespace llmap
