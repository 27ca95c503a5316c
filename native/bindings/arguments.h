// Reading of JavaScript arguments. Every function throws ERR_ARGUMENT with a message of the form
// "Expected X for NAME but received Y", and touches no memory before the shape was checked.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "cancellation.h"
#include "simd_level.h"

namespace llmap {

// Throws ERR_ARGUMENT: "Expected {expected} for {name} but received {what value is}".
[[noreturn]] void reject_argument(const std::string& expected, const std::string& name, Napi::Value received);

// A view of a typed array's elements: T is float, double, int32_t or uint8_t. It is valid while JavaScript keeps the
// array: workers read arrays through PromiseWorker::array(), which sees to that.
template <typename T>
std::span<T> typed_array(Napi::Value value, const std::string& name);

// A number that is an integer in [minimum, maximum].
int64_t integer(Napi::Value value, const std::string& name, int64_t minimum, int64_t maximum);

// A finite number, in the second form within [minimum, maximum].
double number(Napi::Value value, const std::string& name);
double number(Napi::Value value, const std::string& name, double minimum, double maximum);

// A number as messages have it: without zeros behind the last digit.
std::string describe_number(double value);

bool boolean(Napi::Value value, const std::string& name);
std::string string(Napi::Value value, const std::string& name);
Napi::Object object(Napi::Value value, const std::string& name);

// A count of rows or columns: an integer in [1, 2^31), so that the product of two does not overflow.
size_t dimension(Napi::Value value, const std::string& name);

// Throws unless the array has rows x columns values, of which `received` came: "Expected a Float32Array of
// rows x vocabulary = 12 x 100 values for logits but received 1100".
void expect_shape(size_t received, const std::string& name, const std::string& shape, size_t rows, size_t columns);

// Throws unless the array has `size` values: "Expected a Float64Array of one per row = 3 values for out but received
// 2".
void expect_size(size_t received, const std::string& name, const std::string& meaning, size_t size);

// Throws where two arrays share memory.
template <typename T, typename U>
void expect_disjoint(std::span<T> a, const std::string& name_a, std::span<U> b, const std::string& name_b) {
  const auto begin = [](auto s) { return reinterpret_cast<uintptr_t>(s.data()); };
  const auto end = [&](auto s) { return begin(s) + s.size_bytes(); };
  if (begin(a) < end(b) && begin(b) < end(a)) {
    throw Error(ErrorCode::argument, "Expected " + name_a + " and " + name_b + " not to share memory but they overlap");
  }
}

// The options that every asynchronous function takes: {threads, cancel?, progress?}.
struct RunOptions {
  int threads;
  // The arrays that the flag and the share lie in; undefined where none was given.
  Napi::Value cancel_array;
  std::optional<CancelFlag> cancel;
  Napi::Value progress_array;
  // Null where none was given.
  double* progress;
};
RunOptions run_options(Napi::Value value);

}  // namespace llmap
