// ridgePredictions: one worker over the core's function.
#include "ridge.h"

#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

#include "functions.h"
#include "promise_worker.h"

namespace llmap {

namespace {

// ridgePredictions(squaredDistances, rows, labels, members, sizes, alphas, out, options)
class RidgePredictionsWorker : public PromiseWorker {
 public:
  explicit RidgePredictionsWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 7),
        distances_(array<double>(info[0], "squaredDistances")),
        rows_(dimension(info[1], "rows")),
        labels_(array<double>(info[2], "labels")),
        alphas_(array<double>(info[5], "alphas")),
        out_(array<double>(info[6], "out")) {
    expect_shape(distances_.size(), "squaredDistances", "a Float64Array of rows x rows", rows_, rows_);
    expect_size(labels_.size(), "labels", "a Float64Array of one per row", rows_);
    for (const double alpha : alphas_) {
      if (alpha > 0) continue;  // NaN fails
      throw Error(ErrorCode::argument, "Expected positive numbers for alphas but received " + describe_number(alpha));
    }
    const size_t tests = read_divisions(array<int32_t>(info[3], "members"), array<int32_t>(info[4], "sizes"));
    expect_shape(out_.size(), "out", "a Float64Array of test rows x alphas", tests, alphas_.size());
    expect_disjoint(distances_, "squaredDistances", out_, "out");
    expect_disjoint(labels_, "labels", out_, "out");
    expect_disjoint(alphas_, "alphas", out_, "out");
  }

 private:
  // Returns how many test rows there are in all.
  size_t read_divisions(std::span<const int32_t> members, std::span<const int32_t> sizes) {
    for (const int32_t row : members) {
      if (row >= 0 && static_cast<size_t>(row) < rows_) continue;
      throw Error(ErrorCode::argument, "Expected rows from 0 to " + std::to_string(rows_ - 1) +
                                           " for members but received " + std::to_string(row));
    }
    if (sizes.size() % 2 != 0) {
      throw Error(ErrorCode::argument, "Expected an Int32Array of two sizes a division for sizes but received " +
                                           std::to_string(sizes.size()));
    }
    size_t next = 0;
    size_t tests = 0;
    for (size_t d = 0; d < sizes.size(); d += 2) {
      if (sizes[d] < 1 || sizes[d + 1] < 0) {
        throw Error(ErrorCode::argument, "Expected at least one training row in division " + std::to_string(d / 2) +
                                             " of sizes but received " + std::to_string(sizes[d]));
      }
      const auto training = static_cast<size_t>(sizes[d]);
      const auto test = static_cast<size_t>(sizes[d + 1]);
      if (next + training + test > members.size()) break;
      divisions_.push_back({members.subspan(next, training), members.subspan(next + training, test)});
      next += training + test;
      tests += test;
    }
    if (divisions_.size() != sizes.size() / 2 || next != members.size()) {
      throw Error(ErrorCode::argument,
                  "Expected as many members as sizes add up to but received " + std::to_string(members.size()));
    }
    return tests;
  }

  void compute() override {
    ridge_predictions(distances_, rows_, labels_, divisions_, alphas_, out_, threads(), cancel(), progress());
  }

  std::span<const double> distances_;
  size_t rows_;
  std::span<const double> labels_;
  std::vector<RidgeDivision> divisions_;
  std::span<const double> alphas_;
  std::span<double> out_;
};

}  // namespace

void export_ridge(Napi::Env env, Napi::Object exports) {
  exports.Set("ridgePredictions", Napi::Function::New(env, asynchronous<RidgePredictionsWorker>, "ridgePredictions"));
}

}  // namespace llmap
