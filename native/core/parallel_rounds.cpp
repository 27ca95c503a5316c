#include "parallel_rounds.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

namespace llmap {

void parallel_rounds(size_t count, size_t grain, int threads, const CancelFlag* cancel,
                     const std::function<void(size_t first, size_t last)>& body, const std::function<bool()>& after) {
  grain = std::max<size_t>(grain, 1);
  const size_t chunks = (count + grain - 1) / grain;
  std::atomic<size_t> next{0};
  bool going = true;  // written while every thread waits at the barrier
  std::exception_ptr error;

  const auto end_round = [&]() noexcept {
    try {
      throw_if_cancelled(cancel);
      going = after();
    } catch (...) {
      error = std::current_exception();
      going = false;
    }
    next.store(0, std::memory_order_relaxed);
  };
  const size_t members = std::clamp<size_t>(chunks, 1, static_cast<size_t>(std::max(threads, 1)));
  std::barrier barrier(static_cast<std::ptrdiff_t>(members), end_round);
  const auto work = [&] {
    while (going) {
      for (size_t first; (first = next.fetch_add(grain, std::memory_order_relaxed)) < count;) {
        body(first, std::min(first + grain, count));
      }
      barrier.arrive_and_wait();
    }
  };

  std::vector<std::thread> helpers;
  helpers.reserve(members - 1);
  try {
    while (helpers.size() + 1 < members) helpers.emplace_back(work);
  } catch (const std::system_error&) {
    // The system gives no more threads: the ones that run do all the work.
    for (size_t missing = helpers.size() + 1; missing < members; ++missing) barrier.arrive_and_drop();
  }
  work();
  for (std::thread& helper : helpers) helper.join();
  if (error) std::rethrow_exception(error);
}

}  // namespace llmap
