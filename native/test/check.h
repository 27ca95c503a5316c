// A minimal harness: TEST defines a test, CHECK... record failures and go on.
#pragma once

#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "error.h"

namespace llmap::test {

struct Test {
  const char* name;
  void (*run)();
};
std::vector<Test>& all_tests();

struct Registration {
  Registration(const char* name, void (*run)()) { all_tests().push_back({name, run}); }
};

void record(bool passed, const char* file, int line, const std::string& message);

template <typename Work>
void check_throws(ErrorCode code, const std::string& part_of_message, Work work, const char* file, int line) {
  try {
    work();
    record(false, file, line, std::string("expected ") + name_of(code) + " but nothing was thrown");
  } catch (const Error& error) {
    const bool matches = error.code() == code && std::string(error.what()).find(part_of_message) != std::string::npos;
    record(matches, file, line, std::string(name_of(error.code())) + ": " + error.what());
  }
}

inline void check_near(double actual, double expected, double tolerance, const char* file, int line) {
  const bool equal = actual == expected || std::abs(actual - expected) <= tolerance;
  record(equal, file, line,
         std::to_string(actual) + " is not within " + std::to_string(tolerance) + " of " + std::to_string(expected));
}

// Seeded and the same on every platform: only the engine is taken from the standard library.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  double uniform(double low, double high) {
    return low + (high - low) * static_cast<double>(engine_() >> 11) * 0x1p-53;
  }
  size_t below(size_t bound) { return static_cast<size_t>(engine_() % bound); }
  std::vector<double> uniforms(size_t count, double low, double high) {
    std::vector<double> values(count);
    for (double& value : values) value = uniform(low, high);
    return values;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace llmap::test

#define TEST(name)                                                       \
  static void name();                                                    \
  static const llmap::test::Registration name##_registered(#name, name); \
  static void name()

#define CHECK(condition) llmap::test::record((condition), __FILE__, __LINE__, #condition)
#define CHECK_NEAR(actual, expected, tolerance) llmap::test::check_near(actual, expected, tolerance, __FILE__, __LINE__)
#define CHECK_THROWS(code, part, ...) \
  llmap::test::check_throws(          \
      code, part, [&] { __VA_ARGS__; }, __FILE__, __LINE__)
