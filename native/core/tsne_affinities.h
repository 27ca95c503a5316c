// The affinities of t-SNE: from distances to the probabilities that the map shall show.
//
//   p_{j|i} = exp(-beta_i a_ij) / sum_{k != i} exp(-beta_i a_ik)      p_ij = (p_{j|i} + p_{i|j}) / (2 K)
//
// with beta_i such that exp of the entropy of p_{.|i} is the perplexity (van der Maaten and Hinton 2008, sections 2 and
// 3.1). a is the squared distance D or, as scikit-learn computes metric="sqeuclidean", D^2.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cancellation.h"

namespace llmap {

enum class TsneMetric { euclidean, squared_euclidean };

// A symmetric matrix of `rows` rows of `padded` float32 each; rows and columns past the points are 0, as is the
// diagonal. All values add up to 1.
struct TsneAffinities {
  size_t rows;
  size_t padded;
  std::vector<float> values;
};

// squared_distances: rows x rows, symmetric, not changed; any scale. perplexity: at least 1 and below rows / 3.
// The perplexity of each row is met within 1e-6 relative, found in float64 by Newton's method inside a bisection; where
// so many points coincide with point i that it cannot be met, the row shares itself out among these. Throws RowError
// for distances that are not finite.
TsneAffinities tsne_affinities(std::span<const double> squared_distances, size_t rows, double perplexity,
                               TsneMetric metric, int threads, const CancelFlag* cancel);

// The conditional probabilities p_{.|i} of one row; `out` has one value per point, 0 at i. For tests.
void conditional_affinities(std::span<const double> squared_distances, size_t rows, size_t point, double perplexity,
                            TsneMetric metric, std::span<double> out);

}  // namespace llmap
