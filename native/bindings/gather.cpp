// logSoftmaxGather(logits, vocabulary, targets, out, {threads, simd?, cancel?})
#include <napi.h>

#include "functions.h"
#include "log_softmax_gather.h"
#include "promise_worker.h"

namespace llmap {

namespace {

SimdLevel simd_option(Napi::Value options) {
  const Napi::Value value = object(options, "options").Get("simd");
  if (value.IsUndefined()) return best_simd_level();
  const auto level = simd_level_from_name(string(value, "options.simd"));
  if (!level) reject_argument("\"avx512\", \"avx2\", \"neon\" or \"scalar\"", "options.simd", value);
  return *level;
}

class GatherWorker : public PromiseWorker {
 public:
  explicit GatherWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 4),
        logits_(array<float>(info[0], "logits")),
        vocabulary_(dimension(info[1], "vocabulary")),
        targets_(array<int32_t>(info[2], "targets")),
        out_(array<double>(info[3], "out")),
        simd_(simd_option(info[4])) {
    expect_shape(logits_.size(), "logits", "a Float32Array of rows x vocabulary", targets_.size(), vocabulary_);
    expect_size(out_.size(), "out", "a Float64Array of one per target", targets_.size());
    expect_disjoint(logits_, "logits", out_, "out");
    expect_disjoint(targets_, "targets", out_, "out");
    for (size_t r = 0; r < targets_.size(); ++r) {
      if (targets_[r] < 0 || static_cast<size_t>(targets_[r]) >= vocabulary_) {
        throw Error(ErrorCode::argument, "Expected token ids in [0, " + std::to_string(vocabulary_) +
                                             ") for targets but received " + std::to_string(targets_[r]) + " in row " +
                                             std::to_string(r));
      }
    }
  }

 private:
  void compute() override {
    log_softmax_gather(logits_.data(), targets_.size(), vocabulary_, targets_.data(), out_.data(),
                       {.threads = threads(), .simd = simd_, .cancel = cancel()});
  }

  std::span<const float> logits_;
  size_t vocabulary_;
  std::span<const int32_t> targets_;
  std::span<double> out_;
  SimdLevel simd_;
};

}  // namespace

void export_gather(Napi::Env env, Napi::Object exports) {
  exports.Set("logSoftmaxGather", Napi::Function::New(env, asynchronous<GatherWorker>, "logSoftmaxGather"));
}

}  // namespace llmap
