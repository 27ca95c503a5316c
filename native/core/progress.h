// The share of a long computation that is done, which another thread (JavaScript's) reads while it runs.
#pragma once

#include <atomic>

namespace llmap {

class Progress {
 public:
  // `share` receives numbers from 0 to 1.
  explicit Progress(double& share) : share_(share) {}

  // Sets how many units of work there are, before the first advance().
  void begin(double total) {
    total_ = total;
    done_.store(0, std::memory_order_relaxed);
    share_.store(0, std::memory_order_relaxed);
  }

  // Counts units that are done; from any thread.
  void advance(double units) {
    double done = done_.load(std::memory_order_relaxed);
    while (!done_.compare_exchange_weak(done, done + units, std::memory_order_relaxed)) {
    }
    share_.store((done + units) / total_, std::memory_order_relaxed);
  }

 private:
  std::atomic_ref<double> share_;
  std::atomic<double> done_{0};
  double total_ = 1;
};

// For functions whose caller may want no progress.
inline void begin(Progress* progress, double total) {
  if (progress != nullptr) progress->begin(total);
}
inline void advance(Progress* progress, double units) {
  if (progress != nullptr) progress->advance(units);
}

}  // namespace llmap
