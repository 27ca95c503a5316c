// tsne, linkage, cutSilhouettes, medianReach: what the map is made with.
#include <napi.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cut_silhouettes.h"
#include "functions.h"
#include "linkage.h"
#include "promise_worker.h"
#include "tsne.h"

namespace llmap {

namespace {

// The affinities take rows x rows float32: 400 MB at this size.
constexpr int64_t kMostTsneRows = 10'000;

template <typename Array, typename Values>
Array to_javascript(Napi::Env env, const Values& values) {
  Array array = Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

TsneMetric tsne_metric(Napi::Value value) {
  const std::string name = string(value, "options.metric");
  if (name == "euclidean") return TsneMetric::euclidean;
  if (name == "squared-euclidean") return TsneMetric::squared_euclidean;
  reject_argument("\"euclidean\" or \"squared-euclidean\"", "options.metric", value);
}

// tsne(squaredDistances, rows, start, options)
class TsneWorker : public PromiseWorker {
 public:
  explicit TsneWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 3),
        distances_(array<double>(info[0], "squaredDistances")),
        rows_(static_cast<size_t>(integer(info[1], "rows", 1, kMostTsneRows))),
        start_(array<double>(info[2], "start")) {
    expect_shape(distances_.size(), "squaredDistances", "a Float64Array of rows x rows", rows_, rows_);
    const Napi::Object given = object(info[3], "options");
    options_.perplexity = number(given.Get("perplexity"), "options.perplexity");
    options_.metric = tsne_metric(given.Get("metric"));
    options_.iterations = static_cast<size_t>(integer(given.Get("iterations"), "options.iterations", 1, INT32_MAX));
    options_.threads = threads();
  }

 private:
  void compute() override {
    options_.cancel = cancel();
    options_.progress = progress();
    result_ = tsne(distances_, rows_, start_, options_);
  }
  Napi::Value result(Napi::Env env) override {
    Napi::Object object = Napi::Object::New(env);
    object.Set("coordinates", to_javascript<Napi::Float64Array>(env, result_.coordinates));
    object.Set("kl", result_.kl);
    object.Set("iterations", static_cast<double>(result_.iterations));
    return object;
  }

  std::span<const double> distances_;
  size_t rows_;
  std::span<const double> start_;
  TsneOptions options_;
  TsneResult result_;
};

LinkageMethod linkage_method(Napi::Value value) {
  const std::string name = string(value, "method");
  if (name == "average") return LinkageMethod::average;
  if (name == "complete") return LinkageMethod::complete;
  if (name == "ward") return LinkageMethod::ward;
  reject_argument("\"average\", \"complete\" or \"ward\"", "method", value);
}

// linkage(distances, rows, method, squared, options)
class LinkageWorker : public PromiseWorker {
 public:
  explicit LinkageWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 4),
        distances_(array<double>(info[0], "distances")),
        rows_(dimension(info[1], "rows")),
        method_(linkage_method(info[2])),
        squared_(boolean(info[3], "squared")) {
    expect_shape(distances_.size(), "distances", "a Float64Array of rows x rows", rows_, rows_);
  }

 private:
  void compute() override {
    for (const Merge& merge : linkage(distances_, rows_, method_, squared_, cancel())) {
      clusters_.push_back(merge.a);
      clusters_.push_back(merge.b);
      heights_.push_back(merge.height);
      sizes_.push_back(merge.size);
    }
  }
  Napi::Value result(Napi::Env env) override {
    Napi::Object object = Napi::Object::New(env);
    object.Set("clusters", to_javascript<Napi::Int32Array>(env, clusters_));
    object.Set("heights", to_javascript<Napi::Float64Array>(env, heights_));
    object.Set("sizes", to_javascript<Napi::Int32Array>(env, sizes_));
    return object;
  }

  std::span<const double> distances_;
  size_t rows_;
  LinkageMethod method_;
  bool squared_;
  std::vector<int32_t> clusters_;
  std::vector<double> heights_;
  std::vector<int32_t> sizes_;
};

// cutSilhouettes(squaredDistances, rows, merges, most, cap, options)
class CutSilhouettesWorker : public PromiseWorker {
 public:
  explicit CutSilhouettesWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 5),
        distances_(array<double>(info[0], "squaredDistances")),
        rows_(dimension(info[1], "rows")),
        merges_(array<int32_t>(info[2], "merges")),
        most_(static_cast<size_t>(integer(info[3], "most", 2, static_cast<int64_t>(rows_)))),
        cap_(number(info[4], "cap")) {
    expect_shape(distances_.size(), "squaredDistances", "a Float64Array of rows x rows", rows_, rows_);
    expect_size(merges_.size(), "merges", "an Int32Array of two clusters for each of rows - 1 merges", 2 * (rows_ - 1));
    // Each merge joins two clusters that are there, and that no other merge joins.
    std::vector<bool> joined(2 * rows_ - 1);
    for (size_t i = 0; i < merges_.size(); ++i) {
      const auto cluster = static_cast<size_t>(merges_[i]);
      if (merges_[i] < 0 || cluster >= rows_ + i / 2 || joined[cluster]) {
        throw Error(ErrorCode::argument, "Expected the merges of a tree but merge " + std::to_string(i / 2) +
                                             " joins cluster " + std::to_string(merges_[i]));
      }
      joined[cluster] = true;
    }
  }

 private:
  void compute() override { result_ = cut_silhouettes(distances_, rows_, merges_, most_, cap_, threads(), cancel()); }
  Napi::Value result(Napi::Env env) override { return to_javascript<Napi::Float64Array>(env, result_); }

  std::span<const double> distances_;
  size_t rows_;
  std::span<const int32_t> merges_;
  size_t most_;
  double cap_;
  std::vector<double> result_;
};

// medianReach(squaredDistances, rows, share, options)
class MedianReachWorker : public PromiseWorker {
 public:
  explicit MedianReachWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 3),
        distances_(array<double>(info[0], "squaredDistances")),
        rows_(static_cast<size_t>(integer(info[1], "rows", 2, INT32_MAX))),
        share_(number(info[2], "share", 0, 1)) {
    expect_shape(distances_.size(), "squaredDistances", "a Float64Array of rows x rows", rows_, rows_);
  }

 private:
  void compute() override { result_ = median_reach(distances_, rows_, share_, threads(), cancel()); }
  Napi::Value result(Napi::Env env) override { return Napi::Number::New(env, result_); }

  std::span<const double> distances_;
  size_t rows_;
  double share_;
  double result_ = 0;
};

}  // namespace

void export_map(Napi::Env env, Napi::Object exports) {
  exports.Set("tsne", Napi::Function::New(env, asynchronous<TsneWorker>, "tsne"));
  exports.Set("linkage", Napi::Function::New(env, asynchronous<LinkageWorker>, "linkage"));
  exports.Set("medianReach", Napi::Function::New(env, asynchronous<MedianReachWorker>, "medianReach"));
  exports.Set("cutSilhouettes", Napi::Function::New(env, asynchronous<CutSilhouettesWorker>, "cutSilhouettes"));
}

}  // namespace llmap
