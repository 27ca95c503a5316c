// quantile, clip, doubleCentre, squaredDistances, principalCoordinates: one worker each over the core's functions.
#include <napi.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "clip.h"
#include "double_centring.h"
#include "functions.h"
#include "principal_coordinates.h"
#include "promise_worker.h"
#include "quantile.h"
#include "squared_distances.h"

namespace llmap {

namespace {

Napi::Float64Array to_javascript(Napi::Env env, const std::vector<double>& values) {
  Napi::Float64Array array = Napi::Float64Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

// quantile(values, q, options)
class QuantileWorker : public PromiseWorker {
 public:
  explicit QuantileWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 2), values_(array<double>(info[0], "values")), q_(number(info[1], "q", 0, 1)) {
    if (values_.empty()) throw Error(ErrorCode::argument, "Expected at least one value for values but received 0");
  }

 private:
  void compute() override { result_ = quantile(values_, q_, threads(), cancel()); }
  Napi::Value result(Napi::Env env) override { return Napi::Number::New(env, result_); }

  std::span<const double> values_;
  double q_;
  double result_ = 0;
};

// clip(values, threshold, options)
class ClipWorker : public PromiseWorker {
 public:
  explicit ClipWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 2), values_(array<double>(info[0], "values")), threshold_(number(info[1], "threshold")) {}

 private:
  void compute() override { clipped_ = clip(values_, threshold_, threads(), cancel()); }
  Napi::Value result(Napi::Env env) override { return Napi::Number::New(env, static_cast<double>(clipped_)); }

  std::span<double> values_;
  double threshold_;
  size_t clipped_ = 0;
};

// doubleCentre(matrix, rows, columns, weights | null, out, options)
class DoubleCentreWorker : public PromiseWorker {
 public:
  explicit DoubleCentreWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 5),
        matrix_(array<double>(info[0], "matrix")),
        rows_(dimension(info[1], "rows")),
        columns_(dimension(info[2], "columns")),
        out_(array<double>(info[4], "out")) {
    expect_shape(matrix_.size(), "matrix", "a Float64Array of rows x columns", rows_, columns_);
    expect_shape(out_.size(), "out", "a Float64Array of rows x columns", rows_, columns_);
    if (matrix_.data() != out_.data()) expect_disjoint(matrix_, "matrix", out_, "out");
    if (!info[3].IsNull()) {
      weights_ = array<double>(info[3], "weights");
      expect_size(weights_.size(), "weights", "a Float64Array of one per column", columns_);
      expect_disjoint(weights_, "weights", out_, "out");
    }
  }

 private:
  void compute() override { means_ = double_centre(matrix_, rows_, columns_, weights_, out_, threads(), cancel()); }
  Napi::Value result(Napi::Env env) override {
    Napi::Object object = Napi::Object::New(env);
    object.Set("rowMeans", to_javascript(env, means_.rows));
    object.Set("columnMeans", to_javascript(env, means_.columns));
    return object;
  }

  std::span<const double> matrix_;
  size_t rows_;
  size_t columns_;
  std::span<const double> weights_;
  std::span<double> out_;
  CentringMeans means_;
};

// squaredDistances(matrix, rows, columns, out, options)
class SquaredDistancesWorker : public PromiseWorker {
 public:
  explicit SquaredDistancesWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 4),
        matrix_(array<double>(info[0], "matrix")),
        rows_(dimension(info[1], "rows")),
        columns_(dimension(info[2], "columns")),
        out_(array<double>(info[3], "out")) {
    expect_shape(matrix_.size(), "matrix", "a Float64Array of rows x columns", rows_, columns_);
    expect_shape(out_.size(), "out", "a Float64Array of rows x rows", rows_, rows_);
    expect_disjoint(matrix_, "matrix", out_, "out");
  }

 private:
  void compute() override { squared_distances(matrix_, rows_, columns_, out_, threads(), cancel()); }

  std::span<const double> matrix_;
  size_t rows_;
  size_t columns_;
  std::span<double> out_;
};

// principalCoordinates(squaredDistances, rows, components, options)
class PrincipalCoordinatesWorker : public PromiseWorker {
 public:
  explicit PrincipalCoordinatesWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 3),
        distances_(array<double>(info[0], "squaredDistances")),
        rows_(dimension(info[1], "rows")),
        components_(static_cast<size_t>(integer(info[2], "components", 1, static_cast<int64_t>(rows_)))) {
    expect_shape(distances_.size(), "squaredDistances", "a Float64Array of rows x rows", rows_, rows_);
  }

 private:
  void compute() override { result_ = principal_coordinates(distances_, rows_, components_, threads(), cancel()); }
  Napi::Value result(Napi::Env env) override {
    Napi::Object object = Napi::Object::New(env);
    object.Set("coordinates", to_javascript(env, result_.coordinates));
    object.Set("eigenvalues", to_javascript(env, result_.eigenvalues));
    object.Set("positiveSum", result_.positive_sum);
    return object;
  }

  std::span<const double> distances_;
  size_t rows_;
  size_t components_;
  PrincipalCoordinates result_;
};

}  // namespace

void export_matrix(Napi::Env env, Napi::Object exports) {
  exports.Set("quantile", Napi::Function::New(env, asynchronous<QuantileWorker>, "quantile"));
  exports.Set("clip", Napi::Function::New(env, asynchronous<ClipWorker>, "clip"));
  exports.Set("doubleCentre", Napi::Function::New(env, asynchronous<DoubleCentreWorker>, "doubleCentre"));
  exports.Set("squaredDistances", Napi::Function::New(env, asynchronous<SquaredDistancesWorker>, "squaredDistances"));
  exports.Set("principalCoordinates",
              Napi::Function::New(env, asynchronous<PrincipalCoordinatesWorker>, "principalCoordinates"));
}

}  // namespace llmap
