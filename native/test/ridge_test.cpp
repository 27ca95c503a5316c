// Ridge regression from squared distances, against the normal equations in the coordinates themselves.
#include "ridge.h"

#include "check.h"

namespace {

using namespace llmap;
using test::Random;
using Values = std::vector<double>;
using Rows = std::vector<int32_t>;

Values distances_of(const Values& points, size_t rows, size_t columns) {
  Values distances(rows * rows, 0.0);
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < rows; ++j) {
      for (size_t s = 0; s < columns; ++s) {
        const double difference = points[i * columns + s] - points[j * columns + s];
        distances[i * rows + j] += difference * difference;
      }
    }
  }
  return distances;
}

// Solves a x = b for a positive definite matrix by elimination; b becomes x.
void solve(std::vector<long double> a, std::vector<long double>& b) {
  const size_t n = b.size();
  for (size_t k = 0; k < n; ++k) {
    for (size_t i = k + 1; i < n; ++i) {
      const long double factor = a[i * n + k] / a[k * n + k];
      for (size_t j = k; j < n; ++j) a[i * n + j] -= factor * a[k * n + j];
      b[i] -= factor * b[k];
    }
  }
  for (size_t k = n; k-- > 0;) {
    for (size_t j = k + 1; j < n; ++j) b[k] -= a[k * n + j] * b[j];
    b[k] /= a[k * n + k];
  }
}

// Prediction for `row` by (X^T X + alpha I) w = X^T y with X and y centred.
double plain_prediction(const Values& points, size_t columns, const Values& labels, const Rows& training, int32_t row,
                        double alpha) {
  std::vector<long double> means(columns + 1, 0.0L);  // of the coordinates, and of the label
  const auto value = [&](int32_t i, size_t s) {
    return static_cast<long double>(s == columns ? labels[static_cast<size_t>(i)]
                                                 : points[static_cast<size_t>(i) * columns + s]);
  };
  for (const int32_t i : training) {
    for (size_t s = 0; s <= columns; ++s) means[s] += value(i, s) / static_cast<long double>(training.size());
  }
  std::vector<long double> matrix(columns * columns, 0.0L);
  std::vector<long double> weights(columns, 0.0L);
  for (const int32_t i : training) {
    for (size_t s = 0; s < columns; ++s) {
      const long double left = value(i, s) - means[s];
      for (size_t t = 0; t < columns; ++t) matrix[s * columns + t] += left * (value(i, t) - means[t]);
      weights[s] += left * (value(i, columns) - means[columns]);
    }
  }
  for (size_t s = 0; s < columns; ++s) matrix[s * columns + s] += alpha;
  solve(matrix, weights);
  long double prediction = means[columns];
  for (size_t s = 0; s < columns; ++s) prediction += weights[s] * (value(row, s) - means[s]);
  return static_cast<double>(prediction);
}

}  // namespace

TEST(ridge_predictions_follow_the_normal_equations) {
  Random random(5);
  const size_t rows = 30;
  const Values alphas = {0.01, 1.0, 100.0};
  for (const size_t columns : {size_t{1}, size_t{4}, size_t{60}}) {
    Values points = random.uniforms(rows * columns, -3, 9);
    for (size_t s = 0; s < columns; ++s) points[columns + s] = points[s];  // a duplicate
    const Values labels = random.uniforms(rows, 0, 100);
    const Values distances = distances_of(points, rows, columns);
    const Rows many = {0, 1, 2, 5, 7, 8, 11, 12, 13, 17, 20, 21, 25, 29};
    const Rows one = {4};
    const Rows all_test = {3, 4, 0, 28};
    const Rows none = {};
    const std::vector<RidgeDivision> divisions = {{many, all_test}, {many, none}, {one, all_test}};
    Values out(2 * all_test.size() * alphas.size(), -1.0);
    Values three(out.size(), -1.0);
    double share = 0;
    Progress progress(share);
    ridge_predictions(distances, rows, labels, divisions, alphas, out, 1, nullptr, &progress);
    ridge_predictions(distances, rows, labels, divisions, alphas, three, 3, nullptr);
    CHECK(out == three);
    CHECK_NEAR(share, 1, 1e-12);
    for (size_t t = 0; t < all_test.size(); ++t) {
      for (size_t a = 0; a < alphas.size(); ++a) {
        const double plain = plain_prediction(points, columns, labels, many, all_test[t], alphas[a]);
        CHECK_NEAR(out[t * alphas.size() + a], plain, 1e-7);  // condition number up to 1e7
        // One training row: its label, whatever the penalty.
        CHECK_NEAR(out[(all_test.size() + t) * alphas.size() + a], labels[4], 1e-12);
      }
    }
  }
}

TEST(ridge_predictions_errors) {
  const Values points = {0, 1, 2, 4};
  Values distances = distances_of(points, 4, 1);
  Values labels = {1, 2, 3, std::nan("")};
  const Values alphas = {1.0};
  const Rows training = {0, 1, 2};
  const Rows test = {3};
  const Rows with_unlabelled = {0, 3};
  Values out(1);
  const std::vector<RidgeDivision> good = {{training, test}};
  const std::vector<RidgeDivision> bad = {{with_unlabelled, test}};
  ridge_predictions(distances, 4, labels, good, alphas, out, 1, nullptr);
  CHECK(std::isfinite(out[0]));
  CHECK_THROWS(ErrorCode::numeric, "training row 3",
               ridge_predictions(distances, 4, labels, bad, alphas, out, 1, nullptr));
  uint8_t byte = 1;
  const CancelFlag flag(byte);
  CHECK_THROWS(ErrorCode::aborted, "", ridge_predictions(distances, 4, labels, good, alphas, out, 1, &flag));
  distances[1 * 4 + 2] = std::nan("");
  CHECK_THROWS(ErrorCode::numeric, "row 1", ridge_predictions(distances, 4, labels, good, alphas, out, 1, nullptr));
}
