// Variances of differences in resamples, against the plain weighted formula and their properties.
#include "bootstrap_moments.h"
#include "check.h"

namespace {

using namespace llmap;
using test::Random;
using Values = std::vector<double>;

std::vector<uint8_t> drawn(Random& random, size_t resamples, size_t columns) {
  std::vector<uint8_t> counts(resamples * columns, 0);
  for (size_t b = 0; b < resamples; ++b) {
    for (size_t k = 0; k < columns; ++k) ++counts[b * columns + random.below(columns)];
  }
  return counts;
}

double plain_variance(const Values& matrix, size_t columns, int32_t i, int32_t j, const uint8_t* counts) {
  long double mean = 0;
  long double total = 0;
  const auto difference = [&](size_t s) {
    return static_cast<long double>(matrix[static_cast<size_t>(i) * columns + s]) -
           matrix[static_cast<size_t>(j) * columns + s];
  };
  for (size_t s = 0; s < columns; ++s) {
    total += counts[s];
    mean += counts[s] * difference(s);
  }
  mean /= total;
  long double sum = 0;
  for (size_t s = 0; s < columns; ++s) sum += counts[s] * (difference(s) - mean) * (difference(s) - mean);
  return static_cast<double>(sum / total);
}

}  // namespace

TEST(bootstrap_pair_variances_follow_the_plain_formula) {
  Random random(11);
  for (const size_t columns : {size_t{1}, size_t{2}, size_t{511}, size_t{1030}}) {
    const size_t rows = 9;
    const size_t resamples = 5;
    Values matrix = random.uniforms(rows * columns, -2000, -1000);
    for (size_t s = 0; s < columns; ++s) matrix[8 * columns + s] = matrix[s];
    const std::vector<uint8_t> counts = drawn(random, resamples, columns);
    std::vector<int32_t> pairs;
    for (int k = 0; k < 150; ++k) {
      pairs.push_back(static_cast<int32_t>(random.below(rows)));
      pairs.push_back(static_cast<int32_t>(random.below(rows)));
    }
    pairs.insert(pairs.end(), {0, 8});
    Values one(pairs.size() / 2 * resamples, -1.0);
    Values three(one.size(), -1.0);
    bootstrap_pair_variances(matrix, columns, pairs, counts, resamples, one, 1, nullptr);
    bootstrap_pair_variances(matrix, columns, pairs, counts, resamples, three, 3, nullptr);
    CHECK(one == three);
    for (size_t p = 0; p < pairs.size() / 2; ++p) {
      for (size_t b = 0; b < resamples; ++b) {
        const double plain =
            plain_variance(matrix, columns, pairs[2 * p], pairs[2 * p + 1], counts.data() + b * columns);
        CHECK_NEAR(one[p * resamples + b], plain, 1e-11 * (1 + plain));
      }
    }
    // Identical rows, the last pair: exactly 0.
    for (size_t b = 0; b < resamples; ++b) CHECK(one[one.size() - 1 - b] == 0);
  }
}

TEST(bootstrap_pair_variances_errors) {
  Values matrix = {1, 2, 3, 4, std::nan(""), 6};
  const std::vector<uint8_t> counts = {1, 1, 2, 0};
  Values out(2);
  CHECK_THROWS(ErrorCode::numeric, "row 2",
               bootstrap_pair_variances(matrix, 2, std::vector<int32_t>{0, 2}, counts, 2, out, 1, nullptr));
  CHECK_THROWS(ErrorCode::numeric, "Resample 1",
               bootstrap_pair_variances(matrix, 2, std::vector<int32_t>{0, 1}, std::vector<uint8_t>{1, 1, 0, 0}, 2, out,
                                        1, nullptr));
  uint8_t byte = 1;
  const CancelFlag flag(byte);
  CHECK_THROWS(ErrorCode::aborted, "",
               bootstrap_pair_variances(matrix, 2, std::vector<int32_t>{0, 1}, counts, 2, out, 1, &flag));
}
