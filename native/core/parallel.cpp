#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace llmap {

namespace {

// State shared by the threads of one loop.
class ParallelLoop {
 public:
  ParallelLoop(size_t count, size_t grain, const CancelFlag* cancel, const std::function<void(size_t, size_t)>& body)
      : count_(count), grain_(grain), cancel_(cancel), body_(body) {}

  // Takes chunks until none is left or one has failed.
  void work() {
    while (!failed_.load(std::memory_order_relaxed)) {
      const size_t first = next_.fetch_add(grain_, std::memory_order_relaxed);
      if (first >= count_) return;
      try {
        throw_if_cancelled(cancel_);
        body_(first, std::min(first + grain_, count_));
      } catch (...) {
        fail(first, std::current_exception());
      }
    }
  }

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void fail(size_t first, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (!error_ || first < error_first_) {
      error_ = std::move(error);
      error_first_ = first;
    }
    failed_.store(true, std::memory_order_relaxed);
  }

  const size_t count_;
  const size_t grain_;
  const CancelFlag* const cancel_;
  const std::function<void(size_t, size_t)>& body_;
  std::atomic<size_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::exception_ptr error_;
  size_t error_first_ = 0;
};

}  // namespace

void parallel_for(size_t count, size_t grain, int threads, const CancelFlag* cancel,
                  const std::function<void(size_t first, size_t last)>& body) {
  grain = std::max<size_t>(grain, 1);
  ParallelLoop loop(count, grain, cancel, body);
  const size_t chunks = count / grain + (count % grain != 0);
  const size_t helpers = std::min(static_cast<size_t>(std::max(threads, 1)), chunks);

  std::vector<std::thread> pool;
  pool.reserve(helpers);
  try {
    while (pool.size() + 1 < helpers) pool.emplace_back([&loop] { loop.work(); });
  } catch (const std::system_error&) {
    // The system gives no more threads: the ones that run do all the work.
  }
  loop.work();
  for (std::thread& thread : pool) thread.join();
  loop.rethrow();
}

}  // namespace llmap
