#include "arguments.h"

#include <cmath>

#include "error.h"

namespace llmap {

namespace {

constexpr int64_t kMaximumDimension = (int64_t{1} << 31) - 1;
constexpr int64_t kMaximumThreads = 1024;

}  // namespace

std::string describe_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

namespace {

const char* name_of(napi_typedarray_type type) {
  switch (type) {
    case napi_int8_array:
      return "an Int8Array";
    case napi_uint8_array:
      return "a Uint8Array";
    case napi_uint8_clamped_array:
      return "a Uint8ClampedArray";
    case napi_int16_array:
      return "an Int16Array";
    case napi_uint16_array:
      return "a Uint16Array";
    case napi_int32_array:
      return "an Int32Array";
    case napi_uint32_array:
      return "a Uint32Array";
    case napi_float32_array:
      return "a Float32Array";
    case napi_float64_array:
      return "a Float64Array";
    case napi_bigint64_array:
      return "a BigInt64Array";
    case napi_biguint64_array:
      return "a BigUint64Array";
    default:
      return "another typed array";
  }
}

std::string describe(Napi::Value value) {
  switch (value.Type()) {
    case napi_undefined:
      return "undefined";
    case napi_null:
      return "null";
    case napi_boolean:
      return value.As<Napi::Boolean>().Value() ? "true" : "false";
    case napi_number:
      return describe_number(value.As<Napi::Number>().DoubleValue());
    case napi_string:
      return '"' + value.As<Napi::String>().Utf8Value() + '"';
    case napi_symbol:
      return "a symbol";
    case napi_function:
      return "a function";
    case napi_bigint:
      return "a bigint";
    case napi_external:
      return "an external value";
    case napi_object:
      break;
  }
  if (value.IsTypedArray()) return name_of(value.As<Napi::TypedArray>().TypedArrayType());
  if (value.IsArray()) return "an array";
  return "an object";
}

template <typename T>
constexpr napi_typedarray_type kArrayType = napi_float64_array;
template <>
constexpr napi_typedarray_type kArrayType<float> = napi_float32_array;
template <>
constexpr napi_typedarray_type kArrayType<int32_t> = napi_int32_array;
template <>
constexpr napi_typedarray_type kArrayType<uint8_t> = napi_uint8_array;

}  // namespace

void reject_argument(const std::string& expected, const std::string& name, Napi::Value received) {
  throw Error(ErrorCode::argument, "Expected " + expected + " for " + name + " but received " + describe(received));
}

template <typename T>
std::span<T> typed_array(Napi::Value value, const std::string& name) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != kArrayType<T>) {
    reject_argument(name_of(kArrayType<T>), name, value);
  }
  auto array = value.As<Napi::TypedArrayOf<T>>();
  return {array.Data(), array.ElementLength()};
}
template std::span<float> typed_array(Napi::Value, const std::string&);
template std::span<double> typed_array(Napi::Value, const std::string&);
template std::span<int32_t> typed_array(Napi::Value, const std::string&);
template std::span<uint8_t> typed_array(Napi::Value, const std::string&);

int64_t integer(Napi::Value value, const std::string& name, int64_t minimum, int64_t maximum) {
  const double received = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
  // Written so that NaN fails.
  if (!(received >= static_cast<double>(minimum) && received <= static_cast<double>(maximum)) ||
      std::floor(received) != received) {
    reject_argument("an integer from " + std::to_string(minimum) + " to " + std::to_string(maximum), name, value);
  }
  return static_cast<int64_t>(received);
}

double number(Napi::Value value, const std::string& name) {
  if (!value.IsNumber() || !std::isfinite(value.As<Napi::Number>().DoubleValue())) {
    reject_argument("a finite number", name, value);
  }
  return value.As<Napi::Number>();
}

double number(Napi::Value value, const std::string& name, double minimum, double maximum) {
  const double received = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
  if (!(received >= minimum && received <= maximum)) {  // NaN fails too
    reject_argument("a number from " + describe_number(minimum) + " to " + describe_number(maximum), name, value);
  }
  return received;
}

bool boolean(Napi::Value value, const std::string& name) {
  if (!value.IsBoolean()) reject_argument("a boolean", name, value);
  return value.As<Napi::Boolean>();
}

std::string string(Napi::Value value, const std::string& name) {
  if (!value.IsString()) reject_argument("a string", name, value);
  return value.As<Napi::String>().Utf8Value();
}

Napi::Object object(Napi::Value value, const std::string& name) {
  if (!value.IsObject() || value.IsTypedArray() || value.IsArray()) reject_argument("an object", name, value);
  return value.As<Napi::Object>();
}

size_t dimension(Napi::Value value, const std::string& name) {
  return static_cast<size_t>(integer(value, name, 1, kMaximumDimension));
}

void expect_shape(size_t received, const std::string& name, const std::string& shape, size_t rows, size_t columns) {
  if (received == rows * columns) return;
  throw Error(ErrorCode::argument, "Expected " + shape + " = " + std::to_string(rows) + " x " +
                                       std::to_string(columns) + " values for " + name + " but received " +
                                       std::to_string(received));
}

void expect_size(size_t received, const std::string& name, const std::string& meaning, size_t size) {
  if (received == size) return;
  throw Error(ErrorCode::argument, "Expected " + meaning + " = " + std::to_string(size) + " values for " + name +
                                       " but received " + std::to_string(received));
}

RunOptions run_options(Napi::Value value) {
  const Napi::Object options = object(value, "options");
  RunOptions result{static_cast<int>(integer(options.Get("threads"), "options.threads", 1, kMaximumThreads)),
                    options.Get("cancel"), std::nullopt, options.Get("progress"), nullptr};
  if (!result.cancel_array.IsUndefined()) {
    const std::span<uint8_t> flag = typed_array<uint8_t>(result.cancel_array, "options.cancel");
    if (flag.empty()) {
      throw Error(ErrorCode::argument, "Expected a Uint8Array of at least one byte for options.cancel but received 0");
    }
    result.cancel.emplace(flag[0]);
  }
  if (!result.progress_array.IsUndefined()) {
    const std::span<double> share = typed_array<double>(result.progress_array, "options.progress");
    expect_size(share.size(), "options.progress", "a Float64Array of one share", 1);
    result.progress = share.data();
  }
  return result;
}

}  // namespace llmap
