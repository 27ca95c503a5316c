// A byte that another thread (JavaScript's) sets to ask a running function to stop.
#pragma once

#include <atomic>
#include <cstdint>

#include "error.h"

namespace llmap {

using CancelFlag = std::atomic_ref<uint8_t>;

// Throws ERR_ABORTED if the flag is set; a null flag never is. Cheap enough for every few microseconds of work.
inline void throw_if_cancelled(const CancelFlag* cancel) {
  if (cancel != nullptr && cancel->load(std::memory_order_relaxed) != 0) {
    throw Error(ErrorCode::aborted, "Aborted");
  }
}

}  // namespace llmap
