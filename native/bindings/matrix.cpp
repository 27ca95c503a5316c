// quantile, clip, doubleCentre, squaredDistances, updateNearest, principalComponents, principalCoordinates: one worker
// each over the core's functions. Where a matrix may be float32 or float64, the worker is a template of the element
// type.
#include <napi.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "clip.h"
#include "double_centring.h"
#include "functions.h"
#include "nearest_neighbours.h"
#include "principal_components.h"
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
template <typename T>
class QuantileWorker : public PromiseWorker {
 public:
  explicit QuantileWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 2), values_(array<T>(info[0], "values")), q_(number(info[1], "q", 0, 1)) {
    if (values_.empty()) throw Error(ErrorCode::argument, "Expected at least one value for values but received 0");
  }

 private:
  void compute() override { result_ = quantile(values_, q_, threads(), cancel()); }
  Napi::Value result(Napi::Env env) override { return Napi::Number::New(env, result_); }

  std::span<const T> values_;
  double q_;
  double result_ = 0;
};

// clip(values, threshold, options)
template <typename T>
class ClipWorker : public PromiseWorker {
 public:
  explicit ClipWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 2), values_(array<T>(info[0], "values")), threshold_(number(info[1], "threshold")) {}

 private:
  void compute() override { clipped_ = clip(values_, threshold_, threads(), cancel()); }
  Napi::Value result(Napi::Env env) override { return Napi::Number::New(env, static_cast<double>(clipped_)); }

  std::span<T> values_;
  double threshold_;
  size_t clipped_ = 0;
};

// doubleCentre(matrix, rows, columns, weights | null, least | null, out, options)
template <typename T>
class DoubleCentreWorker : public PromiseWorker {
 public:
  explicit DoubleCentreWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 6),
        matrix_(array<T>(info[0], "matrix")),
        rows_(dimension(info[1], "rows")),
        columns_(dimension(info[2], "columns")),
        least_(info[4].IsNull() ? -std::numeric_limits<double>::infinity() : number(info[4], "least")),
        out_(array<T>(info[5], "out")) {
    expect_shape(matrix_.size(), "matrix", "an array of rows x columns", rows_, columns_);
    expect_shape(out_.size(), "out", "an array of rows x columns", rows_, columns_);
    if (matrix_.data() != out_.data()) expect_disjoint(matrix_, "matrix", out_, "out");
    if (!info[3].IsNull()) {
      weights_ = array<double>(info[3], "weights");
      expect_size(weights_.size(), "weights", "a Float64Array of one per column", columns_);
      expect_disjoint(weights_, "weights", out_, "out");
    }
  }

 private:
  void compute() override {
    result_ = double_centre(matrix_, rows_, columns_, weights_, least_, out_, threads(), cancel());
  }
  Napi::Value result(Napi::Env env) override {
    Napi::Object object = Napi::Object::New(env);
    object.Set("rowMeans", to_javascript(env, result_.row_means));
    object.Set("columnMeans", to_javascript(env, result_.column_means));
    object.Set("clipped", static_cast<double>(result_.clipped));
    return object;
  }

  std::span<const T> matrix_;
  size_t rows_;
  size_t columns_;
  std::span<const double> weights_;
  double least_;
  std::span<T> out_;
  Centring result_;
};

// squaredDistances(matrix, rows, columns, scale, out, options)
template <typename T>
class SquaredDistancesWorker : public PromiseWorker {
 public:
  explicit SquaredDistancesWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 5),
        matrix_(array<T>(info[0], "matrix")),
        rows_(dimension(info[1], "rows")),
        columns_(dimension(info[2], "columns")),
        scale_(number(info[3], "scale", std::numeric_limits<double>::min(), std::numeric_limits<double>::max())),
        out_(array<double>(info[4], "out")) {
    expect_shape(matrix_.size(), "matrix", "an array of rows x columns", rows_, columns_);
    expect_shape(out_.size(), "out", "a Float64Array of rows x rows", rows_, rows_);
    expect_disjoint(matrix_, "matrix", out_, "out");
  }

 private:
  void compute() override {
    squared_distances(matrix_, rows_, columns_, scale_, out_, threads(), cancel(), progress());
  }

  std::span<const T> matrix_;
  size_t rows_;
  size_t columns_;
  double scale_;
  std::span<double> out_;
};

// updateNearest(a, aFirst, b, bFirst, columns, distances, rows, count, options)
template <typename T>
class UpdateNearestWorker : public PromiseWorker {
 public:
  explicit UpdateNearestWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 8),
        columns_(dimension(info[4], "columns")),
        a_(block(info[0], "a", info[1], "aFirst")),
        b_(block(info[2], "b", info[3], "bFirst")),
        lists_{array<double>(info[5], "distances"), array<int32_t>(info[6], "rows"), dimension(info[7], "count")} {
    const size_t all = lists_.distances.size() / lists_.count;
    expect_shape(lists_.distances.size(), "distances", "a Float64Array of all rows x count", all, lists_.count);
    expect_shape(lists_.rows.size(), "rows", "an Int32Array of all rows x count", all, lists_.count);
    for (const RowBlock<T>& given : {a_, b_}) {
      if (given.first + given.rows <= all) continue;
      throw Error(ErrorCode::argument, "Expected distances for at least " + std::to_string(given.first + given.rows) +
                                           " rows but received " + std::to_string(all));
    }
    const bool same = a_.first == b_.first && a_.rows == b_.rows;
    const bool apart = a_.first + a_.rows <= b_.first || b_.first + b_.rows <= a_.first;
    if (!same && !apart) {
      throw Error(ErrorCode::argument,
                  "Expected blocks a and b of the same rows or of different ones but they overlap");
    }
    expect_disjoint(lists_.distances, "distances", a_.values, "a");
    expect_disjoint(lists_.distances, "distances", b_.values, "b");
    expect_disjoint(lists_.rows, "rows", a_.values, "a");
    expect_disjoint(lists_.rows, "rows", b_.values, "b");
    expect_disjoint(lists_.rows, "rows", lists_.distances, "distances");
  }

 private:
  RowBlock<T> block(Napi::Value values, const std::string& name, Napi::Value first, const std::string& first_name) {
    const std::span<const T> elements = array<T>(values, name);
    const size_t rows = std::max<size_t>(1, elements.size() / columns_);
    expect_shape(elements.size(), name, "an array of whole rows", rows, columns_);
    constexpr int64_t kMostRows = std::numeric_limits<int32_t>::max();
    return {elements, rows, static_cast<size_t>(integer(first, first_name, 0, kMostRows))};
  }

  void compute() override { update_nearest(a_, b_, columns_, lists_, threads(), cancel(), progress()); }

  size_t columns_;
  RowBlock<T> a_;
  RowBlock<T> b_;
  NearestLists lists_;
};

// principalComponents(matrix, rows, columns, components, options)
template <typename T>
class PrincipalComponentsWorker : public PromiseWorker {
 public:
  explicit PrincipalComponentsWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 4),
        matrix_(array<T>(info[0], "matrix")),
        rows_(dimension(info[1], "rows")),
        columns_(dimension(info[2], "columns")),
        components_(
            static_cast<size_t>(integer(info[3], "components", 1, static_cast<int64_t>(std::min(rows_, columns_))))) {
    expect_shape(matrix_.size(), "matrix", "an array of rows x columns", rows_, columns_);
  }

 private:
  void compute() override {
    result_ = principal_components(matrix_, rows_, columns_, components_, threads(), cancel(), progress());
  }
  Napi::Value result(Napi::Env env) override {
    Napi::Object object = Napi::Object::New(env);
    object.Set("scores", to_javascript(env, result_.scores));
    object.Set("eigenvalues", to_javascript(env, result_.eigenvalues));
    object.Set("total", result_.total);
    return object;
  }

  std::span<const T> matrix_;
  size_t rows_;
  size_t columns_;
  size_t components_;
  PrincipalComponents result_;
};

// principalCoordinates(squaredDistances, rows, components, euclidean, options)
class PrincipalCoordinatesWorker : public PromiseWorker {
 public:
  explicit PrincipalCoordinatesWorker(const Napi::CallbackInfo& info)
      : PromiseWorker(info, 4),
        distances_(array<double>(info[0], "squaredDistances")),
        rows_(dimension(info[1], "rows")),
        components_(static_cast<size_t>(integer(info[2], "components", 1, static_cast<int64_t>(rows_)))) {
    euclidean_ = boolean(info[3], "euclidean");
    expect_shape(distances_.size(), "squaredDistances", "a Float64Array of rows x rows", rows_, rows_);
  }

 private:
  void compute() override {
    result_ = principal_coordinates(distances_, rows_, components_, euclidean_, threads(), cancel());
  }
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
  bool euclidean_;
  PrincipalCoordinates result_;
};

bool is_float32(Napi::Value value) {
  return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_float32_array;
}

// The function whose first argument decides between float32 and float64; anything else is told to be float64.
template <template <typename> typename Worker>
Napi::Value by_element_type(const Napi::CallbackInfo& info) {
  return is_float32(info[0]) ? asynchronous<Worker<float>>(info) : asynchronous<Worker<double>>(info);
}

}  // namespace

void export_matrix(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("quantile", by_element_type<QuantileWorker>);
  add("clip", by_element_type<ClipWorker>);
  add("doubleCentre", by_element_type<DoubleCentreWorker>);
  add("squaredDistances", by_element_type<SquaredDistancesWorker>);
  add("updateNearest", by_element_type<UpdateNearestWorker>);
  add("principalComponents", by_element_type<PrincipalComponentsWorker>);
  add("principalCoordinates", asynchronous<PrincipalCoordinatesWorker>);
}

}  // namespace llmap
