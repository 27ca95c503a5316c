// bootstrapPairVariances: one worker over the core's function.
#include <napi.h>

#include <cstdint>

#include "bootstrap_moments.h"
#include "functions.h"
#include "promise_worker.h"

namespace llmap {

namespace {

// bootstrapPairVariances(matrix, rows, columns, pairs, counts, resamples, out, options)
class BootstrapPairVariancesWorker : public PromiseWorker {
 public:
  explicit BootstrapPairVariancesWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 7),
        matrix_(array<double>(info[0], "matrix")),
        rows_(dimension(info[1], "rows")),
        columns_(dimension(info[2], "columns")),
        pairs_(array<int32_t>(info[3], "pairs")),
        counts_(array<uint8_t>(info[4], "counts")),
        resamples_(dimension(info[5], "resamples")),
        out_(array<double>(info[6], "out")) {
    expect_shape(matrix_.size(), "matrix", "a Float64Array of rows x columns", rows_, columns_);
    expect_shape(counts_.size(), "counts", "a Uint8Array of resamples x columns", resamples_, columns_);
    if (pairs_.size() % 2 != 0) reject_argument("an Int32Array of two rows a pair", "pairs", info[3]);
    for (const int32_t row : pairs_) {
      if (row < 0 || static_cast<size_t>(row) >= rows_) {
        throw Error(ErrorCode::argument, "Expected rows from 0 to " + std::to_string(rows_ - 1) +
                                             " for pairs but received " + std::to_string(row));
      }
    }
    expect_shape(out_.size(), "out", "a Float64Array of pairs x resamples", pairs_.size() / 2, resamples_);
    expect_disjoint(matrix_, "matrix", out_, "out");
    expect_disjoint(pairs_, "pairs", out_, "out");
    expect_disjoint(counts_, "counts", out_, "out");
  }

 private:
  void compute() override {
    bootstrap_pair_variances(matrix_, columns_, pairs_, counts_, resamples_, out_, threads(), cancel());
  }

  std::span<const double> matrix_;
  size_t rows_;
  size_t columns_;
  std::span<const int32_t> pairs_;
  std::span<const uint8_t> counts_;
  size_t resamples_;
  std::span<double> out_;
};

}  // namespace

void export_bootstrap(Napi::Env env, Napi::Object exports) {
  exports.Set("bootstrapPairVariances",
              Napi::Function::New(env, asynchronous<BootstrapPairVariancesWorker>, "bootstrapPairVariances"));
}

}  // namespace llmap
