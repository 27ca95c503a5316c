// A parallel loop that is run again and again, by the same threads: for iterations too short to start threads in.
#pragma once

#include <cstddef>
#include <functional>

#include "cancellation.h"

namespace llmap {

// Repeats rounds until `after` returns false: body(first, last) for consecutive chunks of `grain` indices that cover
// [0, count), on up to `threads` threads (the caller's is one of them), then after() on one of them while the others
// wait. Chunk borders depend on `grain` only, so a body that computes chunk by chunk gives the same bits whatever the
// number of threads. The body must not throw; what `after` throws ends the rounds and is rethrown. Checks `cancel` once
// a round.
void parallel_rounds(size_t count, size_t grain, int threads, const CancelFlag* cancel,
                     const std::function<void(size_t first, size_t last)>& body, const std::function<bool()>& after);

}  // namespace llmap
