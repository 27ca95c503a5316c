// The log-softmax gather on every SIMD level of this machine against extended precision.
#include <algorithm>
#include <cstring>
#include <string>

#include "check.h"
#include "log_softmax_gather.h"

namespace {

using namespace llmap;
using test::Random;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr double kTolerance = 1e-6;

double reference(const float* row, size_t size, int32_t target) {
  const long double maximum = *std::max_element(row, row + size);
  long double sum = 0;
  for (size_t i = 0; i < size; ++i) sum += std::exp(static_cast<long double>(row[i]) - maximum);
  return static_cast<double>(static_cast<long double>(row[target]) - maximum - std::log(sum));
}

double gather_row(const std::vector<float>& row, int32_t target, SimdLevel simd) {
  double out = 0;
  // On the heap and of the exact size: the sanitizer sees any read beyond the row.
  const std::vector<float> exact(row.begin(), row.end());
  log_softmax_gather(exact.data(), 1, exact.size(), &target, &out, {.threads = 1, .simd = simd});
  return out;
}

void check_row(const std::vector<float>& row) {
  const auto largest = std::max_element(row.begin(), row.end()) - row.begin();
  for (const SimdLevel simd : available_simd_levels()) {
    for (const size_t target : {size_t{0}, row.size() / 2, row.size() - 1, static_cast<size_t>(largest)}) {
      const auto t = static_cast<int32_t>(target);
      CHECK_NEAR(gather_row(row, t, simd), reference(row.data(), row.size(), t), kTolerance);
    }
  }
}

std::vector<float> uniform_row(Random& random, size_t size, double low, double high) {
  std::vector<float> row(size);
  for (float& x : row) x = static_cast<float>(random.uniform(low, high));
  return row;
}

const std::vector<size_t> kSizes = {1,  2,   3,   7,   8,   9,    15,   16,   17,   31,
                                    33, 255, 256, 257, 512, 1023, 1024, 1025, 3000, 32'000};

}  // namespace

TEST(gather_random_rows) {
  Random random(1);
  for (const size_t size : kSizes) {
    check_row(uniform_row(random, size, -20, 20));
    check_row(uniform_row(random, size, -1e4, 1e4));
    check_row(uniform_row(random, size, -1e-30, 1e-30));
    check_row(uniform_row(random, size, 9990, 10'000));
    check_row(uniform_row(random, size, -10'000, -9990));
  }
}

TEST(gather_equal_entries) {
  for (const size_t size : kSizes) {
    for (const float value : {0.0f, 1.0f, -3.75f, 1e4f, -1e4f, 1e-38f}) check_row(std::vector<float>(size, value));
  }
}

TEST(gather_maximum_far_behind_the_first_block) {
  for (const float high : {12.0f, 15.5f, 17.0f, 30.0f, 79.0f, 81.0f, 200.0f, 1e4f}) {
    for (const size_t place : {size_t{1023}, size_t{1024}, size_t{2500}, size_t{4999}}) {
      std::vector<float> row(5000, -0.5f);
      row[place] = high;
      row[place / 2] = high - 1;
      check_row(row);
    }
  }
  // Rising all along: the reference has to be moved many times.
  std::vector<float> rising(20'000);
  for (size_t i = 0; i < rising.size(); ++i) rising[i] = static_cast<float>(i) * 0.1f - 1000;
  check_row(rising);
  std::reverse(rising.begin(), rising.end());
  check_row(rising);
}

TEST(gather_mass_far_below_the_maximum) {
  // Everything that counts lies 12.4 below the largest entry: the worst case for a reference at the maximum.
  std::vector<float> row(256'000, -12.437f);
  row[100'000] = 0;
  check_row(row);
  for (float& x : row) x += 9000;
  check_row(row);
}

TEST(gather_minus_infinity_entries) {
  Random random(2);
  for (const size_t size : kSizes) {
    std::vector<float> row = uniform_row(random, size, -5, 5);
    for (size_t i = 0; i < size; ++i) {
      if (i % 3 != 1 && i + 1 != size) row[i] = -kInfinity;
    }
    check_row(row);
  }
  std::vector<float> late(5000, -kInfinity);  // whole blocks of nothing, in front and behind
  late[2049] = -7;
  late[2050] = -8;
  check_row(late);
}

TEST(gather_huge_finite_entries) {
  // Far outside of anything meaningful: the result is the difference to the maximum.
  for (const float scale : {1e7f, 1e20f, 3e38f}) {
    check_row({scale, -scale, scale, 0});
    std::vector<float> row(3000, 1.0f);
    row[2500] = scale;
    for (const SimdLevel simd : available_simd_levels()) {
      CHECK_NEAR(gather_row(row, 2500, simd), 0.0, kTolerance);
      CHECK_NEAR(gather_row(row, 0, simd), 1.0 - static_cast<double>(scale), 0.0);
    }
  }
}

TEST(gather_is_never_positive) {
  Random random(3);
  for (const SimdLevel simd : available_simd_levels()) {
    for (int i = 0; i < 2000; ++i) {
      std::vector<float> row(1 + random.below(40), -200.0f);
      row[0] = static_cast<float>(random.uniform(-100, 100));
      CHECK(gather_row(row, 0, simd) <= 0);
    }
  }
}

TEST(gather_names_the_bad_row) {
  Random random(4);
  for (const size_t vocabulary : {size_t{1}, size_t{5}, size_t{16}, size_t{700}, size_t{3000}}) {
    for (const float bad : {kNaN, -kNaN, kInfinity}) {
      for (const size_t place : {size_t{0}, vocabulary / 2, vocabulary - 1}) {
        for (const bool after_nothing : {false, true}) {
          std::vector<float> logits = uniform_row(random, 40 * vocabulary, -3, 3);
          if (after_nothing)
            std::fill_n(logits.begin() + static_cast<std::ptrdiff_t>(17 * vocabulary), place, -kInfinity);
          logits[17 * vocabulary + place] = bad;
          logits[31 * vocabulary] = kNaN;
          const std::vector<int32_t> targets(40, 0);
          std::vector<double> out(40);
          for (const SimdLevel simd : available_simd_levels()) {
            for (const int threads : {1, 3}) {
              try {
                log_softmax_gather(logits.data(), 40, vocabulary, targets.data(), out.data(),
                                   {.threads = threads, .simd = simd});
                CHECK(false);
              } catch (const RowError& error) {
                CHECK(error.row() == 17);
                CHECK(error.reason() == (std::isnan(bad) ? "NaN" : "+infinity"));
              }
            }
          }
        }
      }
    }
  }
  const std::vector<float> nothing(100, -kInfinity);
  for (const SimdLevel simd : available_simd_levels()) {
    CHECK_THROWS(ErrorCode::numeric, "nothing but -infinity", gather_row(nothing, 0, simd));
  }
}

TEST(gather_nan_payloads_are_seen) {
  // Signalling and with low payload bits: they must not turn into numbers when exponents are put together.
  for (const uint32_t bits : {0x7F800001u, 0x7FC00001u, 0xFFC001FFu, 0x7FBFFFFFu}) {
    std::vector<float> row(2000, 1.0f);
    float nan;
    std::memcpy(&nan, &bits, sizeof(nan));
    row[1234] = nan;
    for (const SimdLevel simd : available_simd_levels()) {
      CHECK_THROWS(ErrorCode::numeric, "row 0 of logits but found NaN", gather_row(row, 0, simd));
    }
  }
}

TEST(gather_does_not_depend_on_threads) {
  Random random(5);
  const size_t rows = 300;
  const size_t vocabulary = 5000;
  const std::vector<float> logits = uniform_row(random, rows * vocabulary, -10, 10);
  std::vector<int32_t> targets(rows);
  for (int32_t& target : targets) target = static_cast<int32_t>(random.below(vocabulary));
  std::vector<double> one(rows), four(rows);
  log_softmax_gather(logits.data(), rows, vocabulary, targets.data(), one.data(), {.threads = 1});
  log_softmax_gather(logits.data(), rows, vocabulary, targets.data(), four.data(), {.threads = 4});
  CHECK(one == four);
}

TEST(gather_can_be_cancelled) {
  const std::vector<float> logits(1000);
  const std::vector<int32_t> targets(10);
  std::vector<double> out(10);
  uint8_t byte = 1;
  const CancelFlag flag(byte);
  CHECK_THROWS(ErrorCode::aborted, "Aborted",
               log_softmax_gather(logits.data(), 10, 100, targets.data(), out.data(), {.threads = 2, .cancel = &flag}));
}
