#include "ridge.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "blas.h"
#include "error.h"
#include "parallel.h"
#include "tridiagonal.h"

namespace llmap {

namespace {

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// What a reduction to tridiagonal form costs, which is nearly all.
double cost_of(const RidgeDivision& division) {
  const auto size = static_cast<double>(division.training.size());
  return size * size * size;
}

// Inner products of some rows with the training rows, all centred by the training mean: -1/2 (D - means of its rows -
// means of the training rows + their mean).
class CentredProducts {
 public:
  CentredProducts(std::span<const double> distances, size_t rows, std::span<const int32_t> training)
      : distances_(distances), rows_(rows), training_(training), means_(training.size()) {
    std::vector<double> row(training.size());
    for (size_t t = 0; t < training.size(); ++t) means_[t] = gather(training[t], row.data());
    mean_ = mean_of(means_);
  }

  // out: of.size() x training rows
  void fill(std::span<const int32_t> of, std::vector<double>& out) const {
    const size_t size = training_.size();
    out.resize(of.size() * size);
    for (size_t i = 0; i < of.size(); ++i) {
      double* row = out.data() + i * size;
      const double mean = gather(of[i], row);
      for (size_t t = 0; t < size; ++t) row[t] = -0.5 * ((row[t] - mean) - (means_[t] - mean_));
    }
  }

 private:
  // Distances of one row from the training rows; their mean.
  double gather(int32_t row, double* out) const {
    const double* from = distances_.data() + static_cast<size_t>(row) * rows_;
    for (size_t t = 0; t < training_.size(); ++t) out[t] = from[training_[t]];
    const double mean = mean_of({out, training_.size()});
    if (!std::isfinite(mean)) {
      throw RowError("the squared distances", static_cast<size_t>(row), std::isnan(mean) ? "NaN" : "an infinity");
    }
    return mean;
  }

  std::span<const double> distances_;
  size_t rows_;
  std::span<const int32_t> training_;
  std::vector<double> means_;
  double mean_ = 0;
};

// Labels of the training rows minus their mean, which is returned.
double centred_labels(std::span<const double> labels, std::span<const int32_t> training, std::vector<double>& out) {
  out.resize(training.size());
  for (size_t t = 0; t < training.size(); ++t) {
    out[t] = labels[static_cast<size_t>(training[t])];
    if (std::isfinite(out[t])) continue;
    throw Error(ErrorCode::numeric, "Expected a finite label for training row " + std::to_string(training[t]));
  }
  const double mean = mean_of(out);
  for (double& label : out) label -= mean;
  return mean;
}

// out: test rows x alphas
void predict(const CentredProducts& products, std::span<const double> labels, const RidgeDivision& division,
             std::span<const double> alphas, double* out) {
  const size_t size = division.training.size();
  std::vector<double> right;
  const double mean = centred_labels(labels, division.training, right);
  std::vector<double> gram;
  products.fill(division.training, gram);
  const TridiagonalForm form(gram, size);
  form.multiply_transposed(right, 1);
  std::vector<double> weights(alphas.size() * size);  // of the training rows, for each alpha
  for (size_t a = 0; a < alphas.size(); ++a) {
    const std::span<double> solution(weights.data() + a * size, size);
    std::copy(right.begin(), right.end(), solution.begin());
    form.solve(alphas[a], solution);
  }
  form.multiply(weights, alphas.size());

  std::vector<double> test;
  products.fill(division.test, test);
  std::fill_n(out, division.test.size() * alphas.size(), mean);
  multiply_by_transposed({test.data(), division.test.size(), size, size}, {weights.data(), alphas.size(), size, size},
                         1, out, alphas.size());
}

}  // namespace

void ridge_predictions(std::span<const double> squared_distances, size_t rows, std::span<const double> labels,
                       std::span<const RidgeDivision> divisions, std::span<const double> alphas, std::span<double> out,
                       int threads, const CancelFlag* cancel, Progress* progress) {
  std::vector<size_t> starts(divisions.size() + 1, 0);
  double cost = 0;
  for (size_t d = 0; d < divisions.size(); ++d) {
    starts[d + 1] = starts[d] + divisions[d].test.size() * alphas.size();
    cost += cost_of(divisions[d]);
  }
  begin(progress, cost);
  const BlasSession session;
  parallel_for(divisions.size(), 1, threads, cancel, [&](size_t d, size_t) {
    if (!divisions[d].test.empty()) {
      predict({squared_distances, rows, divisions[d].training}, labels, divisions[d], alphas, out.data() + starts[d]);
    }
    advance(progress, cost_of(divisions[d]));
  });
}

}  // namespace llmap
