// The parallel loop: coverage, errors, cancellation.
#include "parallel.h"

#include <atomic>

#include "available_cores.h"
#include "check.h"

namespace {
using namespace llmap;
}

TEST(parallel_for_visits_every_index_once) {
  for (const int threads : {1, 2, 5}) {
    for (const size_t count : {size_t{0}, size_t{1}, size_t{9}, size_t{1000}}) {
      for (const size_t grain : {size_t{0}, size_t{1}, size_t{7}, size_t{5000}}) {
        std::vector<std::atomic<int>> visits(count);
        parallel_for(count, grain, threads, nullptr, [&](size_t first, size_t last) {
          for (size_t i = first; i < last; ++i) ++visits[i];
        });
        bool once = true;
        for (const auto& v : visits) once = once && v == 1;
        CHECK(once);
      }
    }
  }
}

TEST(parallel_for_rethrows_the_first_error) {
  for (int repeat = 0; repeat < 50; ++repeat) {
    CHECK_THROWS(ErrorCode::numeric, "row 30 ", parallel_for(1000, 10, 4, nullptr, [](size_t first, size_t) {
                   if (first >= 30) throw RowError("x", first, "y");
                 }));
  }
}

TEST(parallel_for_stops_when_cancelled) {
  uint8_t byte = 0;
  const CancelFlag flag(byte);
  std::atomic<size_t> done{0};
  CHECK_THROWS(ErrorCode::aborted, "Aborted", parallel_for(100'000, 1, 3, &flag, [&](size_t, size_t) {
                 if (++done == 100) flag.store(1);
               }));
  CHECK(done >= 100 && done < 110);
}

TEST(available_cores_is_positive) {
  CHECK(available_cores() >= 1);
}
