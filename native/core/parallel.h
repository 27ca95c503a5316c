// A parallel loop over a range of indices.
#pragma once

#include <cstddef>
#include <functional>

#include "cancellation.h"

namespace llmap {

// Calls body(first, last) for consecutive chunks of `grain` indices that cover [0, count), on up to `threads` threads
// (the caller's is one of them). Chunk borders depend on `grain` only, so a body that computes chunk by chunk gives the
// same bits whatever the number of threads. Chunks are handed out in order, and each one that was begun is finished; if
// several throw, the exception of the first in order is rethrown, so errors do not depend on timing either.
// Checks `cancel` before every chunk.
void parallel_for(size_t count, size_t grain, int threads, const CancelFlag* cancel,
                  const std::function<void(size_t first, size_t last)>& body);

}  // namespace llmap
